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
        program = self._pricer.program(head.rule_set)
        filling = self._pricer.filling
        key = program.name, head.cart_id, 0 if filling is None else filling.catalogue.number
        permit_moment(head, self._allow_at)
        if head.cart is None:
            held, session = self._held.take(key, head.revision)
            step = _Step(data, head, held, session, held.advised, filling, now)
            after, engine_ns = self._after(program, step)
            self._held.replace(key, held, after)
            if head.changes_only:
                return Mutated(changes_response(after.revision, held.quote, after.quote), engine_ns)
        else:
            sent = cart_head(head.cart)
            permit_moment(sent, self._allow_at)
            if sent.rule_set not in ("", program.name):
                raise InvalidCart([Violation("rule_set", f"must be {program.name}, as in the request, or left out")])
            after, engine_ns = self._after(program, _Step(data, head, None, None, sent.advised, filling, now))
            self._held.put(key, after)
        return Mutated(quote_response(after.revision, after.quote), engine_ns)

    def _after(self, program: Program, step: _Step) -> tuple[HeldCart, int]:
        """What becomes of the cart, and the nanoseconds the engine takes."""
        with self._pricer.session(program) as spare:
            native = self._natively(program, spare, step)
        if native is not None:
            return native
        cart = step.cart
        if step.held is not None and step.session is not None:
            step.held.session = step.session
        return self._in_python(program, step, cart)

    def _natively(self, program: Program, spare: Session, step: _Step) -> tuple[HeldCart, int] | None:
        """From bytes to bytes; None where a session cannot, or does not say why the cart is refused."""
        if step.advised:
            return None
        started = time.perf_counter_ns()
        filling, now, session = step.filling, step.now, step.session
        data = step.data if filling is None else filling.request_bytes(step.data)
        if data is None:
            return None
        if session is not None:
            session.workspace = spare.workspace
        else:
            cart: bytes | None = step.cart
            if filling is not None and step.held is None:  # once is enough
                cart = filling.cart_bytes(step.cart)
            session = Session(program, spare.workspace)
            if cart is None or not session.load_bytes(cart, now):
                return None
        if not session.mutate(data, now):  # without mutations, too: the clock goes on
            return None
        session.evaluate()
        ended = time.perf_counter_ns()
        return HeldCart(step.revision, session.quote_bytes(), False, session=session), ended - started

    def _in_python(self, program: Program, step: _Step, sent: bytes) -> tuple[HeldCart, int]:
        filling, unpriced = step.filling, step.filling is not None
        mutations = mutations_from_messages(parse_request(step.data).mutations, unpriced=unpriced)
        message = parse_cart(sent)
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
        serialized = kept.SerializeToString()
        return HeldCart(step.revision, quote_bytes(priced.quote), step.advised, serialized), priced.engine_ns


def _by_id(cart: Cart) -> Cart:
    """As sessions write it, so that what is said of it does not hang on the way it was priced."""
    return replace(
        cart,
        lines=tuple(sorted(cart.lines, key=attrgetter("id"))),
        shipments=tuple(sorted(cart.shipments, key=attrgetter("id"))),
    )


class _Step(NamedTuple):
    """A request, and the held cart it changes, with its session, where it has one; None: it sends its own."""

    data: bytes
    head: MutationHead
    held: HeldCart | None
    session: Session | None
    advised: bool
    filling: Filling | None
    now: int

    @property
    def cart(self) -> bytes:
        """The cart before the mutations."""
        if self.held is None:
            return self.head.cart or b""
        return self.held.cart if self.session is None else self.session.cart_bytes()

    @property
    def revision(self) -> int:
        """The cart's after them."""
        return self.head.revision + (1 if self.head.mutations else 0)
