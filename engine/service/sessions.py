"""Carts that change: each request mutates a held cart and prices it (docs/sessions.md)."""

from __future__ import annotations

import time
from dataclasses import replace
from operator import attrgetter
from typing import NamedTuple

from engine._native.session import Session
from engine._native.wire.changes import changes_response, quote_response
from engine.errors import CartUnknown, InvalidCart, InvalidMutation, Violation
from engine.pricing.cart import Cart
from engine.pricing.mutations import apply, ids_stand_once
from engine.pricing.validation import validate
from engine.service.brought import NOTHING_BROUGHT, NOTHING_SENT, Brought, Client, Sent
from engine.service.filling import Filling, filled
from engine.service.held import Held, HeldCart, HeldCarts, Key
from engine.service.messages import (
    cart_from_message,
    cart_to_message,
    mutations_from_messages,
    parse_cart,
)
from engine.service.pricer import Pricer
from engine.service.requests import MutationHead, cart_head, mutation_head, parse_request, permit_moment
from engine.service.rule_set import ServedRuleSet


class Mutated(NamedTuple):
    """A serialized ``engine.v1.MutateCartResponse``, and the nanoseconds the engine took."""

    response: bytes
    engine_ns: int


class CartSessions:
    """Holds carts between their mutations, in ``memory`` bytes; any thread may call it."""

    def __init__(self, pricer: Pricer, memory: int, allow_at: bool) -> None:
        self._pricer = pricer
        self._held = HeldCarts(memory)
        self._allow_at = allow_at

    def mutate(self, data: bytes, client: Client = str) -> Mutated:
        """Answer a serialized ``engine.v1.MutateCartRequest``. A request that fails changes nothing.

        Raises InvalidMutation, InvalidCart, RuleSetNotFound, NotPermitted, CartUnknown and RevisionMismatch.
        """
        now = time.time_ns()
        head = mutation_head(data)
        rule_set, filling = self._pricer.serving(head.rule_set, InvalidMutation)
        key = rule_set.name, head.cart_id, 0 if filling is None else filling.catalogue.number
        permit_moment(head.at, self._allow_at)
        if head.cart is None:
            held, session = self._held.take(key, head.revision)
            step = _Step(data, head, held, session, held.advised, filling, now, client)
            after, engine_ns = self._after(rule_set, key, step)
            self._held.replace(key, held, after)
            if head.changes_only and held.version == after.version:
                return Mutated(changes_response(after.revision, held.quote, after.quote), engine_ns)
        else:
            sent = cart_head(head.cart)
            permit_moment(sent.at, self._allow_at)
            if sent.rule_set not in ("", rule_set.name):
                raise InvalidCart(
                    [Violation("rule_set", f"must be empty or {rule_set.name}, the rule set of the request")]
                )
            step = _Step(data, head, None, None, sent.advised, filling, now, client)
            after, engine_ns = self._after(rule_set, key, step)
            self._held.put(key, after)
        return Mutated(quote_response(after.revision, after.quote), engine_ns)

    @property
    def held(self) -> Held:
        return self._held.held

    def let_go(self, rule_set: ServedRuleSet) -> None:
        """Make no held cart keep the program of a rule set that was replaced."""
        self._held.let_go(rule_set.program)

    def _after(self, rule_set: ServedRuleSet, key: Key, step: _Step) -> tuple[HeldCart, int]:
        """The cart after the request, and the nanoseconds the engine took."""
        with rule_set.session() as spare:
            native = self._natively(rule_set, spare, step)
        if native is not None:
            after, _ = native
            if not self._pricer.serves(rule_set):
                after.serialize()
            return native
        cart = step.cart
        if step.held is not None and step.session is not None:
            self._held.give_back(key, step.held, step.session)
        return self._in_python(rule_set, step, cart)

    def _natively(self, rule_set: ServedRuleSet, spare: Session, step: _Step) -> tuple[HeldCart, int] | None:
        """From bytes to bytes; None if the session cannot read the request or refuses it: Python gives the reasons."""
        if step.advised:
            return None
        started = time.perf_counter_ns()
        filling, now, session = step.filling, step.now, step.session
        data = step.data if filling is None else filling.request_bytes(step.data)
        if data is None:
            return None
        if session is not None and session.workspace.program is rule_set.program:
            session.workspace = spare.workspace
        else:
            cart: bytes | None = step.cart
            if filling is not None and step.held is None:  # a held cart is filled already
                cart = filling.cart_bytes(step.cart)
            session = Session(rule_set.program, spare.workspace)
            if cart is None or not session.load_bytes(cart, now):
                return None
        if not session.mutate(data, now):  # even without mutations, because time has passed
            return None
        facts = self._pricer.facts
        brought = NOTHING_BROUGHT
        if facts is not None:
            taken = facts.bring(session, rule_set, now, step.client, step.brought, step.restated)
            if taken is None:
                if session is step.session:
                    raise CartUnknown(f"cart {step.head.cart_id[:100]!r} is no longer held here: send the whole cart")
                return None
            brought = taken
        proven = session.evaluate()
        ended = time.perf_counter_ns()
        if not proven:
            self._pricer.note_unproven(rule_set)
        quote = session.quote_bytes() + rule_set.revision_field
        after = HeldCart(step.revision(quote), quote, False, rule_set.program.version, brought, session=session)
        return after, ended - started

    def _in_python(self, rule_set: ServedRuleSet, step: _Step, sent: bytes) -> tuple[HeldCart, int]:
        filling, unpriced = step.filling, step.filling is not None
        mutations = mutations_from_messages(parse_request(step.data).mutations, unpriced=unpriced)
        message = parse_cart(sent)
        cart = cart_from_message(message, step.now, unpriced=unpriced)
        if not ids_stand_once(cart):
            validate(filled(cart, filling), rule_set.program.declaration)
        cart = filled(apply(cart, mutations), filling)
        brought = NOTHING_BROUGHT
        if self._pricer.facts is not None:
            cart, brought = self._pricer.facts.brought(cart, rule_set, step.client, step.brought, step.restated)
        quote, engine_ns = self._pricer.price_to_bytes(cart, rule_set)
        kept = cart_to_message(_by_id(cart))
        if not (message.HasField("at") or step.head.at):
            kept.ClearField("at")
        version = rule_set.program.version
        after = HeldCart(step.revision(quote), quote, step.advised, version, brought, kept.SerializeToString())
        return after, engine_ns


def _by_id(cart: Cart) -> Cart:
    """In the order in which sessions write it, so that paths in errors do not depend on how it was priced."""
    return replace(
        cart,
        lines=tuple(sorted(cart.lines, key=attrgetter("id"))),
        shipments=tuple(sorted(cart.shipments, key=attrgetter("id"))),
    )


class _Step(NamedTuple):
    """A request, and the held cart it changes with its session, if any; ``held`` is None if the request has a cart."""

    data: bytes
    head: MutationHead
    held: HeldCart | None
    session: Session | None
    advised: bool
    filling: Filling | None
    now: int
    client: Client

    @property
    def cart(self) -> bytes:
        """The cart before the mutations."""
        if self.held is None:
            return self.head.cart or b""
        return self.held.cart if self.session is None else self.session.cart_bytes()

    @property
    def brought(self) -> Brought | None:
        """What the store added to the held cart."""
        return None if self.held is None else self.held.brought

    @property
    def restated(self) -> Sent:
        """The usage and coupon facts that the mutations set."""
        if not self.head.facts:
            return NOTHING_SENT
        mutations = parse_request(self.data).mutations
        usage = frozenset(each.set_usage.promotion_id for each in mutations if each.HasField("set_usage"))
        facts = frozenset(each.set_coupon_fact.code for each in mutations if each.HasField("set_coupon_fact"))
        return Sent(usage, facts)

    def revision(self, quote: bytes) -> int:
        """The cart's new revision; it also rises if only the quote differs, which the caller may not have received."""
        quoted_anew = self.held is not None and quote != self.held.quote
        return self.head.revision + (1 if self.head.mutations or quoted_anew else 0)
