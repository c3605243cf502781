"""The service reads bytes natively, or in Python what a session cannot read: both give the same answers."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from types import SimpleNamespace

import pytest

from engine.errors import CartwrightError
from engine.pricing.cart import UNPRICED, Cart, Line
from engine.pricing.mutations import Mutation, SetLine, SetPrice
from engine.rules.checked import CheckedRules
from engine.service.messages import cart_to_message, mutation_to_message
from engine.service.pricer import Pricer
from engine.service.requests import cart_head
from engine.service.rule_set import ServedRuleSet
from engine.service.sessions import CartSessions
from engine.store.catalogue import Catalogue, Product
from engine.v1.pricing_pb2 import MutateCartRequest
from tests.native.wire.requests import damaged
from tests.random_mutations import random_mutations
from tests.strategies import random_cases

NOW = 1_780_000_000_000_000_000


class _Ways:
    """One ordinary service, and one that does everything in Python."""

    def __init__(self, rules: CheckedRules, catalogue: Catalogue | None, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pricers = [Pricer([ServedRuleSet.of(rules)]), Pricer([ServedRuleSet.of(rules)])]
        if catalogue is not None:
            for pricer in self.pricers:
                file = SimpleNamespace(catalogue=catalogue)
                monkeypatch.setattr(pricer, "_served", pricer._served._replace(catalogue=file))
        self.sessions = [CartSessions(pricer, memory=10**6, allow_at=True) for pricer in self.pricers]
        for native in (self.pricers[1], self.sessions[1]):
            monkeypatch.setattr(native, "_natively", lambda *_: None)

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


CATALOGUE = Catalogue(
    {
        "": {
            "BOOT": Product(
                price=999,
                list_price=1_500,
                cost=400,
                minimum_price=1,
                weight=120,
                category="shoes/boots",
                brand="acme",
                tags=("new", "summer"),
                attributes={"color": "red", "size": 3},
            ),
            "HAT": Product(price=0, category="hats", attributes={"color": "rot 🟥"}),
            "TOTE": Product(tags=("clearance",)),
        }
    }
)
UNSAID = {
    "price": UNPRICED,
    "list_price": None,
    "cost": None,
    "minimum_price": None,
    "weight": None,
    "category": "",
    "brand": "",
    "tags": (),
    "attributes": {},
}


def _said_less(random: Random, line: Line) -> Line:
    left_out = {name: value for name, value in UNSAID.items() if random.random() < 0.5}
    if line.sku not in ("BOOT", "HAT"):
        left_out.pop("price", None)
    return replace(line, **left_out)


def _mutations(random: Random, rules: CheckedRules, cart: Cart, less: bool) -> list[Mutation]:
    """Mutations of lines leave out the same fields as the lines of the cart."""
    mutations = random_mutations(random, rules, cart, random.choice((1, 2, 4)))
    for index, mutation in enumerate(mutations if less else ()):
        if isinstance(mutation, SetLine):
            mutations[index] = SetLine(_said_less(random, mutation.line))
        elif isinstance(mutation, SetPrice) and random.random() < 0.3:
            mutations[index] = SetPrice(mutation.line_id, UNPRICED)
    return mutations


@pytest.mark.parametrize("catalogue", [None, CATALOGUE], ids=["plain", "catalogue"])
def test_whatever_bytes_come(catalogue: Catalogue | None, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(10)
    cases = random_cases(10)
    answered = refused = 0
    for _ in range(60):
        rules, cart = next(cases)
        ways = _Ways(rules, catalogue, monkeypatch)
        if catalogue is not None:
            cart = replace(cart, lines=tuple(_said_less(random, line) for line in cart.lines))
        revision = 0
        ways.mutate(_request(cart, revision))
        for _ in range(30):
            mutations = _mutations(random, rules, cart, catalogue is not None)
            request = MutateCartRequest(
                cart_id="x", revision=revision, mutations=map(mutation_to_message, mutations), changes_only=True
            )
            data = request.SerializeToString()
            for _ in range(3):
                answer = ways.mutate(data if random.random() < 0.3 else damaged(random, data))
                if isinstance(answer, bytes):
                    answered += 1
                    break
                refused += 1
            else:
                continue
            # The test does not know what the damage did to the cart, so it continues with the cart before it.
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
