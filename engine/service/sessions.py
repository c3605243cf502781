"""Carts that change: each mutation prices what a cart has become (docs/sessions.md)."""

from __future__ import annotations

import time
from typing import NamedTuple

from engine._native.program import Program
from engine.errors import InvalidCart, Violation
from engine.pricing.mutations import apply
from engine.pricing.validation import validate
from engine.service.held import HeldCart, HeldCarts
from engine.service.messages import (
    cart_from_message,
    cart_to_message,
    changes_response,
    mutations_from_messages,
    parse_cart,
    quote_bytes,
    quote_response,
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
        key = program.name, head.cart_id
        permit_moment(head, self._allow_at)
        if head.cart is None:
            held = self._held.get(key, head.revision)
        else:
            held = None
            sent = cart_head(head.cart)
            permit_moment(sent, self._allow_at)
            if sent.rule_set not in ("", program.name):
                raise InvalidCart([Violation("rule_set", f"must be {program.name}, as in the request, or left out")])
        after, engine_ns = self._in_python(program, data, head, held, now)
        if held is None:
            self._held.put(key, after)
        else:
            self._held.replace(key, held, after)
        if held is not None and head.changes_only:
            return Mutated(changes_response(after.revision, held.quote, after.quote), engine_ns)
        return Mutated(quote_response(after.revision, after.quote), engine_ns)

    def _in_python(
        self, program: Program, data: bytes, head: MutationHead, held: HeldCart | None, now: int
    ) -> tuple[HeldCart, int]:
        mutations = mutations_from_messages(parse_request(data).mutations)
        message = parse_cart(head.cart or b"" if held is None else held.cart)
        cart = cart_from_message(message, now)
        if held is None:
            validate(cart, program.declaration)
        cart = apply(cart, mutations)
        priced = self._pricer.price(cart, program)
        kept = cart_to_message(cart)
        if not (message.HasField("at") or head.at):
            kept.ClearField("at")
        revision = head.revision + (1 if mutations else 0)
        return HeldCart(revision, kept.SerializeToString(), quote_bytes(priced.quote)), priced.engine_ns
