"""A cart that a session follows through its mutations."""

from __future__ import annotations

from engine._native.session import Session
from engine.pricing.cart import Cart
from engine.pricing.mutations import Mutation, apply
from engine.pricing.quote import Quote
from engine.rules.checked import CheckedRules
from engine.service.messages import quote_bytes
from tests.native.wire.requests import NOW, request_of
from tests.programs import program_of


class Followed:
    """Priced by the session that follows it, and as a newly sent cart."""

    def __init__(self, rules: CheckedRules | str, cart: Cart) -> None:
        program = program_of(rules)
        self.cart = cart
        self._following, self._fresh = Session(program), Session(program)
        self._following.load(cart)

    def mutate(self, *mutations: Mutation) -> bool:
        """Whether the session accepted them."""
        taken = self._following.mutate(request_of(mutations), NOW)
        if taken:
            self.cart = apply(self.cart, mutations)
        return taken

    def evaluate(self) -> None:
        self._following.evaluate()

    def quote(self) -> Quote:
        """Fails if the bytes of the two differ."""
        self._following.evaluate()
        quote = self._fresh.price(self.cart)
        assert self._following.quote_bytes() == quote_bytes(quote)
        return quote
