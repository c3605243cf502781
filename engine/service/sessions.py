"""Carts that change: each mutation prices what a cart has become (docs/sessions.md)."""

from __future__ import annotations

import time
from dataclasses import replace
from operator import attrgetter
from typing import NamedTuple

from engine._native.program import Program
from engine._native.session import Session
from engine._native.wire_changes import changes_response, quote_response
from engine.errors import InvalidCart, Violation
from engine.pricing.cart import Cart
from engine.pricing.mutations import apply
from engine.pricing.validation import validate
from engine.service.filling import Filling
from engine.service.held import HeldCart, HeldCarts
from engine.service.live import LiveSessions
from engine.service.messages import (
    cart_from_message,
    cart_to_message,
    mutations_from_messages,
    parse_cart,
    quote_bytes,
)
from engine.service.pricer import Pricer
from engine.service.requests import MutationHead, cart_head, mutation_head, parse_request, permit_moment


class Mutated(NamedTuple):
    """A serialized ``engine.v1.MutateCartResponse``, and the nanoseconds the engine took."""

    response: bytes
    engine_ns: int


class CartSessions:
    """Holds carts between their mutations, in ``memory`` bytes, half of them for sessions; any thread may call it."""

    def __init__(self, pricer: Pricer, memory: int, allow_at: bool) -> None:
        self._pricer = pricer
        self._held = HeldCarts(memory - memory // 2)
        self._live = LiveSessions(memory // 2)
        self._allow_at = allow_at

    def mutate(self, data: bytes) -> Mutated:
        """Answer a serialized ``engine.v1.MutateCartRequest``. What fails changes nothing.

        Raises InvalidMutation, InvalidCart, RuleSetNotFound, NotPermitted, CartUnknown and RevisionMismatch.
        """
        now = time.time_ns()
        head = mutation_head(data)
        program = self._pricer.program(head.rule_set)
        filling = self._pricer.filling
        key = program.name, head.cart_id, 0 if filling is None else filling.catalogue.number
        permit_moment(head, self._allow_at)
        if head.cart is None:
            held = self._held.get(key, head.revision)
            advised = held.advised
        else:
            held = None
            sent = cart_head(head.cart)
            permit_moment(sent, self._allow_at)
            if sent.rule_set not in ("", program.name):
                raise InvalidCart([Violation("rule_set", f"must be {program.name}, as in the request, or left out")])
            advised = sent.advised
        step = _Step(data, head, held, advised, filling, now)
        with self._pricer.session(program) as spare:
            priced = self._natively(program, spare, step) or self._in_python(program, step)
            if held is None:
                self._held.put(key, priced.after)
            else:
                self._held.replace(key, held, priced.after)
            if priced.session is not None:
                self._live.give(priced.after, priced.session)
        after, engine_ns = priced.after, priced.engine_ns
        if held is not None and head.changes_only:
            return Mutated(changes_response(after.revision, held.quote, after.quote), engine_ns)
        return Mutated(quote_response(after.revision, after.quote), engine_ns)

    def _natively(self, program: Program, spare: Session, step: _Step) -> _Priced | None:
        """From bytes to bytes; None where a session cannot, or does not say why the cart is refused."""
        if step.advised:
            return None
        session = live = None if step.held is None else self._live.take(step.held)
        if session is None:
            session = Session(program, spare.workspace)
        else:
            session.workspace = spare.workspace
        started = time.perf_counter_ns()
        cart, data = step.filled()
        if cart is None or data is None or (live is None and not session.load_bytes(cart, step.now)):
            return None
        if not session.mutate(data, step.now):  # without mutations, too: the clock goes on
            if step.held is not None:
                self._live.give(step.held, session)
            return None
        session.evaluate()
        ended = time.perf_counter_ns()
        after = HeldCart(step.revision, session.cart_bytes(), session.quote_bytes(), False)
        return _Priced(after, ended - started, session)

    def _in_python(self, program: Program, step: _Step) -> _Priced:
        filling, unpriced = step.filling, step.filling is not None
        mutations = mutations_from_messages(parse_request(step.data).mutations, unpriced=unpriced)
        message = parse_cart(step.cart)
        cart = cart_from_message(message, step.now, unpriced=unpriced)
        if step.held is None:
            cart = cart if filling is None else filling.cart(cart)
            validate(cart, program.declaration)
        cart = apply(cart, mutations)
        cart = cart if filling is None else filling.cart(cart)
        priced = self._pricer.price(cart, program)
        kept = cart_to_message(_by_id(cart))
        if not (message.HasField("at") or step.head.at):
            kept.ClearField("at")
        after = HeldCart(step.revision, kept.SerializeToString(), quote_bytes(priced.quote), step.advised)
        return _Priced(after, priced.engine_ns, None)


def _by_id(cart: Cart) -> Cart:
    """As sessions write it, so that what is said of it does not hang on the way it was priced."""
    return replace(
        cart,
        lines=tuple(sorted(cart.lines, key=attrgetter("id"))),
        shipments=tuple(sorted(cart.shipments, key=attrgetter("id"))),
    )


class _Priced(NamedTuple):
    """What became of a cart, the nanoseconds the engine took, and the session that has it; None: none has."""

    after: HeldCart
    engine_ns: int
    session: Session | None


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
    def revision(self) -> int:
        """The cart's after them."""
        return self.head.revision + (1 if self.head.mutations else 0)
