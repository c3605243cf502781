"""A cart that changes: the checkout owns it, the service holds a copy (docs/sessions.md)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from random import SystemRandom
from typing import TypeAlias

from engine.client.quotes import received
from engine.client.requests import cart_request, mutation_request
from engine.errors import CartUnknown, RevisionMismatch
from engine.pricing.cart import Cart
from engine.pricing.mutations import Mutation, SetAt, apply
from engine.pricing.quote import Priced, Quote
from engine.service.messages import patched
from engine.v1 import mutation_pb2, pricing_pb2, quote_pb2

Send: TypeAlias = Callable[[pricing_pb2.MutateCartRequest, float], tuple[pricing_pb2.MutateCartResponse, int]]
"""Sends a request with a timeout in seconds; returns the response and the nanoseconds the engine took."""

_REVISION_BITS = 49
"""Bits of the random revision under which a cart is sent, so that another sender of the same cart does not hit it."""

_random = SystemRandom()


class CartSession:
    """A cart and its quote, kept in step with the service's copy; for one thread at a time.

    A mutation that fails changes neither; the next one copes with whatever the service holds.
    """

    def __init__(self, send: Send, cart: Cart, *, send_at: bool, changes_only: bool, timeout: float) -> None:
        """Sends the whole cart. Raises as `PricingClient.open` does."""
        self._send = send
        self._send_at = send_at
        self._changes_only = changes_only
        self._cart = cart
        self._quote = quote_pb2.Quote()
        self._revision = 0
        self.priced = self._settle(*self._send(self._whole([]), timeout), cart)

    @property
    def cart(self) -> Cart:
        """The cart after all mutations."""
        return self._cart

    @property
    def quote(self) -> Quote:
        """The quote of `cart` as last priced."""
        return self.priced.quote

    def mutate(self, *mutations: Mutation, timeout: float = 5.0) -> Priced:
        """Change the cart, all or nothing, and price it; without mutations it is priced at the current time.

        Raises InvalidMutation, InvalidCart, RuleSetNotFound, NotPermitted and CallFailed.
        """
        cart = apply(self._cart, mutations)
        deadline = time.monotonic() + timeout
        messages = [mutation_request(index, each) for index, each in enumerate(mutations)]
        try:
            answer = self._send(self._step(messages), timeout)
        except (CartUnknown, RevisionMismatch):
            answer = self._send(self._whole(messages), max(0.0, deadline - time.monotonic()))
        self.priced = self._settle(*answer, cart)
        self._send_at |= any(isinstance(each, SetAt) for each in mutations)
        return self.priced

    def _step(self, mutations: Sequence[mutation_pb2.Mutation]) -> pricing_pb2.MutateCartRequest:
        return pricing_pb2.MutateCartRequest(
            cart_id=self._cart.id,
            rule_set=self._cart.rule_set,
            revision=self._revision,
            mutations=mutations,
            changes_only=self._changes_only,
        )

    def _whole(self, mutations: Sequence[mutation_pb2.Mutation]) -> pricing_pb2.MutateCartRequest:
        request = self._step(mutations)
        request.revision = _random.getrandbits(_REVISION_BITS)
        request.cart.CopyFrom(cart_request(self._cart, self._send_at))
        return request

    def _settle(self, response: pricing_pb2.MutateCartResponse, engine_ns: int, cart: Cart) -> Priced:
        whole = response.HasField("quote")
        self._quote = response.quote if whole else patched(self._quote, response.changes)
        self._revision = response.revision
        self._cart = cart
        return Priced(received(self._quote), engine_ns)
