"""Carts that change: each mutation prices what a cart has become (docs/sessions.md)."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace
from operator import attrgetter
from typing import NamedTuple

from engine._native.wire_changes import changes_response, quote_response
from engine.errors import InvalidCart, Violation
from engine.pricing.cart import Cart
from engine.pricing.mutations import apply
from engine.pricing.validation import validate
from engine.service.brought import NOTHING_BROUGHT, Brought
from engine.service.filling import Filling
from engine.service.held import HeldCart, HeldCarts
from engine.service.live import Live
from engine.service.messages import (
    cart_from_message,
    cart_to_message,
    mutations_from_messages,
    parse_cart,
    quote_bytes,
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

    def mutate(self, data: bytes) -> Mutated:
        """Answer a serialized ``engine.v1.MutateCartRequest``. What fails changes nothing.

        Raises InvalidMutation, InvalidCart, RuleSetNotFound, NotPermitted, CartUnknown and RevisionMismatch.
        """
        now = time.time_ns()
        head = mutation_head(data)
        rule_set, filling = self._pricer.serving(head.rule_set)
        key = rule_set.name, head.cart_id, 0 if filling is None else filling.catalogue.number
        permit_moment(head, self._allow_at)
        if head.cart is None:
            held = self._held.get(key, head.revision)
            advised = held.advised
        else:
            held = None
            sent = cart_head(head.cart)
            permit_moment(sent, self._allow_at)
            if sent.rule_set not in ("", rule_set.name):
                raise InvalidCart([Violation("rule_set", f"must be {rule_set.name}, as in the request, or left out")])
            advised = sent.advised
        step = _Step(data, head, held, advised, filling, now)
        with rule_set.session(held) as live:
            native = self._natively(live, step, rule_set)
            after, engine_ns = native or self._in_python(rule_set, step)
            if held is None:
                self._held.put(key, after)
            else:
                self._held.replace(key, held, after)
            if native is not None:
                live.held = after
        if held is not None and head.changes_only and held.version == after.version:
            return Mutated(changes_response(after.revision, held.quote, after.quote), engine_ns)
        return Mutated(quote_response(after.revision, after.quote), engine_ns)

    def _natively(self, live: Live, step: _Step, rule_set: ServedRuleSet) -> tuple[HeldCart, int] | None:
        """From bytes to bytes; None where a session cannot, or does not say why the cart is refused."""
        if step.advised:
            return None
        session, lying, live.held = live.session, live.held, None
        started = time.perf_counter_ns()
        cart, data = step.filled()
        if cart is None or data is None or (lying is None and not session.load_bytes(cart, step.now)):
            return None
        if not session.mutate(data, step.now):  # without mutations, too: the clock goes on
            live.held = lying
            return None
        facts = self._pricer.facts
        brought = NOTHING_BROUGHT
        if facts is not None:
            taken = facts.bring(session, rule_set, step.now, step.brought, step.restated)
            if taken is None:
                return None
            brought = taken
        session.evaluate()
        ended = time.perf_counter_ns()
        quote, version = session.quote_bytes() + rule_set.revision_field, rule_set.program.version
        return HeldCart(step.revision, session.cart_bytes(), quote, False, version, brought), ended - started

    def _in_python(self, rule_set: ServedRuleSet, step: _Step) -> tuple[HeldCart, int]:
        filling, unpriced = step.filling, step.filling is not None
        mutations = mutations_from_messages(parse_request(step.data).mutations, unpriced=unpriced)
        message = parse_cart(step.cart)
        cart = cart_from_message(message, step.now, unpriced=unpriced)
        if step.held is None:
            cart = cart if filling is None else filling.cart(cart)
            validate(cart, rule_set.program.declaration)
        cart = apply(cart, mutations)
        cart = cart if filling is None else filling.cart(cart)
        brought = NOTHING_BROUGHT
        if self._pricer.facts is not None:
            cart, brought = self._pricer.facts.brought(cart, rule_set, step.brought, step.restated)
        priced = self._pricer.price(cart, rule_set)
        kept = cart_to_message(_by_id(cart))
        if not (message.HasField("at") or step.head.at):
            kept.ClearField("at")
        quote, version = quote_bytes(priced.quote), rule_set.program.version
        after = HeldCart(step.revision, kept.SerializeToString(), quote, step.advised, version, brought)
        return after, priced.engine_ns


def _by_id(cart: Cart) -> Cart:
    """As sessions write it, so that what is said of it does not hang on the way it was priced."""
    return replace(
        cart,
        lines=tuple(sorted(cart.lines, key=attrgetter("id"))),
        shipments=tuple(sorted(cart.shipments, key=attrgetter("id"))),
    )


class _Step(NamedTuple):
    """A request, and the held cart it changes; None: it sends its own."""

    data: bytes
    head: MutationHead
    held: HeldCart | None
    advised: bool
    filling: Filling | None
    now: int

    @property
    def cart(self) -> bytes:
        """The cart before the mutations."""
        return self.head.cart or b"" if self.held is None else self.held.cart

    def filled(self) -> tuple[bytes | None, bytes | None]:
        """The cart and the request as a session takes them; None where it cannot be had but in Python."""
        if self.filling is None:
            return self.cart, self.data
        cart = self.filling.cart_bytes(self.cart) if self.held is None else self.cart  # once is enough
        return cart, self.filling.request_bytes(self.data)

    @property
    def brought(self) -> Brought | None:
        """What was brought to the held cart."""
        return None if self.held is None else self.held.brought

    @property
    def restated(self) -> Collection[str]:
        """Promotions whose usage the mutations set."""
        if not self.head.usage:
            return ()
        return [
            each.set_usage.promotion_id for each in parse_request(self.data).mutations if each.HasField("set_usage")
        ]

    @property
    def revision(self) -> int:
        """The cart's after them."""
        return self.head.revision + (1 if self.head.mutations else 0)
