"""Adds what the store knows to a cart before it is priced, without waiting for the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from threading import Lock

from engine._native.session import Session
from engine.errors import InvalidCodeKey, PoolMissing
from engine.pricing.cart import Cart, CouponFact, CouponState, Usage
from engine.pricing.mutations import Mutation, SetCouponFact, SetUsage, apply
from engine.pricing.validation import validate
from engine.service.brought import NOTHING_BROUGHT, NOTHING_SENT, Brought, Client, Known, Sent
from engine.service.messages import mutation_to_message
from engine.service.rule_set import ServedRuleSet
from engine.store.code_key import CodeKey
from engine.store.connection import Connection
from engine.store.counting import Redeemer
from engine.store.coupon_pools import CouponPools
from engine.store.known_codes import Asking, KnownCodes
from engine.store.redemptions import Holds, less
from engine.store.usage import Counters, CounterWatch, Follower
from engine.v1 import pricing_pb2


class StoreFacts:
    """Adds usage and coupon facts to carts, from memory that another thread keeps current. Any thread may call it."""

    def __init__(self, store: Connection, code_key: Callable[[], CodeKey]) -> None:
        """``code_key`` is called until it returns a key, once a rule set has pools; it may raise InvalidCodeKey."""
        self.store = store
        self._find_key = code_key
        self._key: CodeKey | None = None
        self._watch = CounterWatch(store)
        self._codes: dict[str, KnownCodes] = {}  # under the pools that the rule set last named
        self._lock = Lock()

    def start(self, rule_sets: Iterable[ServedRuleSet]) -> None:
        """Begin to follow the counters of these rule sets, and of those that are priced under later."""
        for each in rule_sets:
            if each.counting.counts:
                self._watch.of(each.name)
        self._watch.start()

    def stop(self) -> None:
        self._watch.stop()

    def add(self, follower: Follower) -> None:
        """Let this follow the store as well, in the same thread."""
        self._watch.add(follower)

    @property
    def counters_up_to_date(self) -> Mapping[str, float | None]:
        """By rule set, the monotonic second at which its counters last were; None: never yet."""
        return self._watch.up_to_date

    def known(self, rule_set: ServedRuleSet, cart: Redeemer, client: Client) -> Known:
        """Everything known here that can matter to the cart, without what the cart itself has reserved."""
        counters = self._watch.of(rule_set.name)
        held = counters.held_by(cart.cart_id)
        if held is None:
            usage = rule_set.counting.usage(cart, counters.read, counters.change)
        else:
            usage = rule_set.counting.usage(cart, lambda counter: less(counters.read(counter), held.get(counter)))
        unlisted = rule_set.counting.unlisted(cart)
        if not unlisted:
            return Known(usage)
        codes = self._known_codes(rule_set, counters)
        if codes is None:
            return Known(usage, _unverified(unlisted))
        asking = Asking(client(), cart.customer_id)
        return Known(usage, {code: codes.fact(code, asking, held) for code in unlisted})

    def looked_up(self, rule_set: ServedRuleSet, cart: Redeemer, client: Client, held: Holds) -> dict[str, CouponFact]:
        """The state of the cart's codes in their pools. Waits for the store. Raises StoreUnavailable and StoreFull."""
        unlisted = rule_set.counting.unlisted(cart)
        if not unlisted:
            return {}
        pools = rule_set.counting.pools
        try:
            found = self.pools(rule_set.name).look_up(unlisted, pools, client(), cart.customer_id, held)
        except (InvalidCodeKey, PoolMissing, OSError):
            return _unverified(unlisted)
        return {fact.code: fact for fact in found.facts}

    def pools(self, rule_set: str) -> CouponPools:
        """The pools, under the key that this process uses until it ends. Raises InvalidCodeKey and OSError."""
        if self._key is None:
            self._key = self._find_key()
        return CouponPools(self.store, rule_set, self._key)

    def bring(
        self,
        session: Session,
        rule_set: ServedRuleSet,
        now: int,
        client: Client,
        before: Brought | None = None,
        restated: Sent = NOTHING_SENT,
    ) -> Brought | None:
        """Add what is known to the cart that a session has loaded. None if the session refuses it and is now empty.

        ``before`` is what was added earlier, None for a new cart; ``restated`` is what the caller has sent since.
        """
        if not rule_set.counting.counts:
            return before or NOTHING_BROUGHT
        asked = session.redeemer()
        if before is None and (asked[5] or asked[6]):
            restated = Sent(frozenset(asked[5]), frozenset(asked[6]))
        known = self.known(rule_set, Redeemer(*asked[:5]), client)
        after, changes = _changes(before or NOTHING_BROUGHT, restated, known)
        if changes:
            request = pricing_pb2.MutateCartRequest(mutations=map(mutation_to_message, changes))
            if not session.mutate(request.SerializeToString(), now):
                return None
        return after

    def brought(
        self,
        cart: Cart,
        rule_set: ServedRuleSet,
        client: Client,
        before: Brought | None = None,
        restated: Sent = NOTHING_SENT,
    ) -> tuple[Cart, Brought]:
        """As `bring`, for a cart in Python. Raises InvalidCart."""
        if not rule_set.counting.counts:
            return cart, before or NOTHING_BROUGHT
        validate(cart, rule_set.program.declaration)
        if before is None:
            usage = frozenset(each.promotion_id for each in cart.usage)
            restated = Sent(usage, frozenset(each.code for each in cart.coupon_facts))
        known = self.known(rule_set, redeemer(cart), client)
        after, changes = _changes(before or NOTHING_BROUGHT, restated, known)
        return apply(cart, changes), after

    def _known_codes(self, rule_set: ServedRuleSet, counters: Counters) -> KnownCodes | None:
        """None while this process lacks the right key, which code_faults.py reports."""
        name, names = rule_set.name, rule_set.counting.pools
        codes = self._codes.get(name)
        if codes is None or codes.names != names:
            with self._lock:
                codes = self._codes.get(name)
                if codes is None or codes.names != names:
                    try:
                        pools = self.pools(name)
                    except (InvalidCodeKey, OSError):
                        return None
                    before, codes = codes, KnownCodes(pools, names, counters, self._watch.wake)
                    self._codes[name] = codes
                    self._watch.add(codes, before)
        return codes


def _unverified(codes: Iterable[str]) -> dict[str, CouponFact]:
    return {code: CouponFact(code=code, state=CouponState.UNVERIFIED) for code in codes}


def redeemer(cart: Cart) -> Redeemer:
    """The parts of a cart by which the store is asked."""
    customer_id = "" if cart.customer is None else cart.customer.id
    return Redeemer(cart.id, cart.currency, cart.at, customer_id, cart.coupons)


def _changes(before: Brought, sent: Sent, known: Known) -> tuple[Brought, list[Mutation]]:
    """The mutations from what was added before to what is known now; what the caller sent stays."""
    if known.usage is before.known.usage and not known.facts and sent is NOTHING_SENT:
        return before, []
    was, stays = before.known, before.sent
    sent = stays if sent is NOTHING_SENT else Sent(stays.usage | sent.usage, stays.facts | sent.facts)
    changes: list[Mutation] = []
    if known.usage is not was.usage:
        changes += [
            SetUsage(known.usage.get(id) or Usage(promotion_id=id))
            for id in dict.fromkeys((*was.usage, *known.usage))
            if id not in sent.usage and known.usage.get(id) != was.usage.get(id)
        ]
    changes += [
        SetCouponFact(fact)
        for code, fact in known.facts.items()
        if code not in sent.facts and was.facts.get(code) != fact
    ]
    # Facts of removed codes stay in the cart and have no effect.
    facts = {**was.facts, **known.facts} if known.facts else was.facts
    return Brought(Known(known.usage, facts), sent), changes
