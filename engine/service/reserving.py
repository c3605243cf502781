"""Reserving what a quote redeems: the cart is priced again, and nothing is taken if its price has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple, TypeAlias

from engine.errors import CountersMoved, InvalidRequest, Violation
from engine.pricing.cart import Cart, CouponState
from engine.pricing.mutations import Mutation, SetCouponFact, SetUsage, apply
from engine.pricing.validation import validate
from engine.service.brought import Client, Known
from engine.service.filling import filled
from engine.service.messages import cart_from_message
from engine.service.messages.parsing import key_violations
from engine.service.pricer import Pricer
from engine.service.requests import permit_moment
from engine.service.rule_set import ServedRuleSet
from engine.service.store_facts import StoreFacts, redeemer
from engine.store.counting import Granted, Redeemer, Take
from engine.store.keys import RedemptionKeys
from engine.store.receipts import Receipt, Redemption, encode
from engine.store.redemptions import Redemptions, Request, Reservation
from engine.store.rule_sets import RuleSetStore
from engine.v1 import quote_pb2, redemption_pb2

ROUNDS = 5
"""Times that a cart is priced before CountersMoved is raised."""
_SHORTEST, _USUAL, _LONGEST = 1, 15 * 60, 24 * 3_600
"""Seconds that a reservation may live."""
_UNPROMISED = (
    *("at", "valid_until", "rule_set_version", "rule_set_revision"),
    *("coupons", "search", "explanations", "suggestions"),
)
"""Fields of a quote that may differ from the one that the shopper saw."""

Takes: TypeAlias = Mapping[str, Sequence[Take]]
"""By promotion."""


class _Priced(NamedTuple):
    """A cart with its usage, and its quote, both serialized; and what it grants."""

    cart: bytes
    quote: bytes
    message: quote_pb2.Quote
    granted: Sequence[Granted]


class Reserving:
    """Any thread may call it."""

    def __init__(self, pricer: Pricer, facts: StoreFacts, allow_at: bool) -> None:
        self._pricer = pricer
        self._facts = facts
        self._allow_at = allow_at

    def reserve(self, request: redemption_pb2.ReserveRequest, now: int, client: Client) -> Reservation | bytes:
        """The reservation, or the serialized quote that replaces the one seen.

        ``now`` is nanoseconds since 1970 UTC.

        Raises InvalidRequest, InvalidCart, NotPermitted, RuleSetNotFound, KeyReused, LedgerClosed, CountersMoved,
        StoreUnavailable and StoreFull.
        """
        _check(request)
        message = request.cart
        permit_moment(message.HasField("at"), self._allow_at)
        rule_set, filling = self._pricer.serving(message.rule_set)
        cart = filled(cart_from_message(message, now, unpriced=filling is not None), filling)
        cart = replace(cart, usage=(), coupon_facts=(), explain=False, compare_rates=False)
        validate(cart, rule_set.program.declaration)
        digest = sha256(request.SerializeToString(deterministic=True)).digest()
        if not rule_set.revision:
            program = rule_set.program
            RuleSetStore(self._facts.store).keep(program.version, program.artifact, rule_set.sources)
        redemptions = Redemptions(self._facts.store, rule_set.name)
        asked, promised = redeemer(cart), _essence(request.quote)
        # Only Redis knows for certain whether a unique code is taken.
        known = None if rule_set.counting.unlisted(asked) else self._facts.known(rule_set, asked, client)
        fresh = False
        for _ in range(ROUNDS):
            if known is not None:
                priced = _price(cart, rule_set, known)
                if _essence(priced.message) == promised:
                    takes = self._takes(priced, known, asked, rule_set)
                    answer = redemptions.reserve(_request(request, digest, cart, rule_set, priced, takes))
                    if isinstance(answer, Reservation):
                        return answer
                elif fresh:
                    # A call with the same key may have taken the codes since the store was consulted.
                    return redemptions.consult(request.key, digest, cart.id, ()).reservation or priced.quote
            # Counters in memory may be slightly old, so a refusal is based on those of the store.
            consulted = redemptions.consult(request.key, digest, cart.id, rule_set.counting.counters(asked))
            if consulted.reservation is not None:
                return consulted.reservation
            usage = rule_set.counting.usage(asked, consulted.tallies.__getitem__)
            known = Known(usage, self._facts.looked_up(rule_set, asked, client, consulted.held))
            fresh = True
        raise CountersMoved(f"other calls redeemed the same limits during {ROUNDS} attempts: try again")

    def _takes(self, priced: _Priced, known: Known, asked: Redeemer, rule_set: ServedRuleSet) -> Takes:
        """By promotion; a unique code that serves two promotions is taken once, for the first."""
        takes = {id: list(taken) for id, taken in rule_set.counting.takes(asked, priced.granted).items()}
        used: set[Take] = set()
        for each in priced.granted:
            fact = known.facts.get(each.coupon)
            if fact is not None and fact.state is not CouponState.UNVERIFIED:
                unique = self._facts.pools(rule_set.name).take(fact.pool, fact.code)
                if unique not in used:
                    used.add(unique)
                    takes.setdefault(each.promotion_id, []).append(unique)
        return takes


def _request(
    request: redemption_pb2.ReserveRequest,
    digest: bytes,
    cart: Cart,
    rule_set: ServedRuleSet,
    priced: _Priced,
    takes: Takes,
) -> Request:
    receipt = Receipt(
        key=request.key,
        cart_id=cart.id,
        rule_set=rule_set.name,
        version=rule_set.program.version,
        revision=rule_set.revision,
        at=cart.at,
        cart=priced.cart,
        quote=priced.quote,
        redemptions=tuple(_redemptions(redeemer(cart).customer_id, priced, takes, RedemptionKeys(rule_set.name))),
    )
    taken = [take for each in takes.values() for take in each]
    return Request(request.key, digest, cart.id, _lifetime(request), taken, priced.quote, encode(receipt))


def _check(request: redemption_pb2.ReserveRequest) -> None:
    violations = list(key_violations("key", request.key))
    violations += [Violation(each, "is missing") for each in ("cart", "quote") if not request.HasField(each)]
    if request.HasField("cart") and not request.cart.id:
        violations.append(Violation("cart.id", "is missing: reservations are kept by cart id"))
    if not 0 <= request.time_to_live.nanos < 10**9:
        violations.append(Violation("time_to_live", "must have nanos from 0 to 999,999,999"))
    elif not _SHORTEST * 1_000 <= _lifetime(request) <= _LONGEST * 1_000:
        violations.append(Violation("time_to_live", f"must be from {_SHORTEST} to {_LONGEST:,} seconds"))
    if violations:
        raise InvalidRequest(violations)


def _lifetime(request: redemption_pb2.ReserveRequest) -> int:
    """Milliseconds."""
    sent = request.time_to_live
    return sent.seconds * 1_000 + sent.nanos // 10**6 if request.HasField("time_to_live") else _USUAL * 1_000


def _price(cart: Cart, rule_set: ServedRuleSet, known: Known) -> _Priced:
    facts: list[Mutation] = [*map(SetUsage, known.usage.values()), *map(SetCouponFact, known.facts.values())]
    with rule_set.session() as session:
        session.load(apply(cart, facts))
        session.evaluate()
        sent, quote = session.cart_bytes(), session.quote_bytes() + rule_set.revision_field
    message = quote_pb2.Quote.FromString(quote)
    granted = [
        Granted(each.promotion_id, each.coupon, each.amount + each.credit)
        for layer in message.layers
        for each in layer.adjustments
    ]
    return _Priced(sent, quote, message, granted)


def _redemptions(customer_id: str, priced: _Priced, takes: Takes, keys: RedemptionKeys) -> Iterator[Redemption]:
    """For the receipt: every promotion that applied and is counted, or used a code."""
    for each in priced.granted:
        taken = takes.get(each.promotion_id, ())
        counters = tuple((keys.counter(take.counter), take.promotion_id, take.amount) for take in taken)
        if counters or each.coupon:
            yield Redemption(each.promotion_id, each.coupon, customer_id, each.money, counters)


def _essence(quote: quote_pb2.Quote) -> bytes:
    """The part of a quote that the shopper was promised."""
    kept = quote_pb2.Quote()
    kept.CopyFrom(quote)
    for field in _UNPROMISED:
        kept.ClearField(field)
    for shipment in kept.shipments:
        shipment.ClearField("rates")
    return kept.SerializeToString(deterministic=True)
