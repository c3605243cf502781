"""The service reads bytes natively, and in Python what a session does not take: both ways answer alike."""

from __future__ import annotations

from random import Random

import pytest

from engine.errors import CartwrightError
from engine.pricing.cart import Cart
from engine.rules.checked import CheckedRules
from engine.service.messages import cart_to_message, mutation_to_message
from engine.service.pricer import Pricer
from engine.service.requests import cart_head
from engine.service.sessions import CartSessions
from engine.v1.pricing_pb2 import MutateCartRequest
from tests.native.wire import damaged
from tests.random_mutations import random_mutations
from tests.strategies import random_cases

NOW = 1_780_000_000_000_000_000


class _Ways:
    """One service as it is, and one that does it all in Python."""

    def __init__(self, rules: CheckedRules, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pricers = [Pricer([rules]), Pricer([rules])]
        monkeypatch.setattr(self.pricers[1], "takes_bytes", lambda advised: False)
        self.sessions = [CartSessions(pricer, memory=10**6, allow_at=True) for pricer in self.pricers]

    def mutate(self, data: bytes) -> bytes | str:
        native, python = (_outcome(lambda way=way: way.mutate(data).response) for way in self.sessions)
        assert native == python
        return native

    def price(self, data: bytes) -> bytes | str:
        native, python = (
            _outcome(lambda way=way: way.price_bytes(data, cart_head(data), NOW).quote) for way in self.pricers
        )
        assert native == python
        return native


def _outcome(call: object) -> bytes | str:
    try:
        return call()
    except CartwrightError as error:
        return f"{error.code}: {error}"


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.service.sessions.time.time_ns", lambda: NOW)


def test_whatever_bytes_come(monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(10)
    cases = random_cases(10)
    answered = refused = 0
    for _ in range(60):
        rules, cart = next(cases)
        ways = _Ways(rules, monkeypatch)
        revision = 0
        ways.mutate(_request(cart, revision))
        for _ in range(30):
            mutations = random_mutations(random, rules, cart, random.choice((1, 2, 4)))
            request = MutateCartRequest(
                cart_id="x", revision=revision, mutations=map(mutation_to_message, mutations), changes_only=True
            )
            data = request.SerializeToString()
            for _ in range(3):
                answer = ways.mutate(damaged(random, data))
                if isinstance(answer, bytes):
                    answered += 1
                    break
                refused += 1
            else:
                continue
            # What the damage made of the cart is not known here: from here on with the cart as it was.
            revision = random.randrange(1_000)
            ways.mutate(_request(cart, revision))
        whole = cart_to_message(cart).SerializeToString()
        for _ in range(30):
            ways.price(damaged(random, whole))
            ways.mutate(damaged(random, _request(cart, revision)))
    assert answered > 300
    assert refused > 300


def _request(cart: Cart, revision: int) -> bytes:
    return MutateCartRequest(cart_id="x", revision=revision, cart=cart_to_message(cart)).SerializeToString()
