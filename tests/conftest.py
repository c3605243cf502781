"""The parameters that run every pricing test on the reference and on the native core."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import settings

from engine.pricing.cart import Cart
from engine.pricing.quote import Answer, Quote
from engine.pricing.reference import Reference
from engine.rules.checked import CheckedRules
from tests.programs import checked, session_of

# How long an example takes depends on the machine; pytest's own timeout ends tests that hang.
settings.register_profile("cartwright", deadline=None)
settings.load_profile("cartwright")

Engine: TypeAlias = Callable[[CheckedRules | str, Cart], Quote]
"""Prices a cart under checked rules or the text of a rule file."""
Answering: TypeAlias = Callable[[CheckedRules | str, Cart], Answer]
"""Prices a cart, and says why promotions are not applied."""


def price_by_reference(rules: CheckedRules | str, cart: Cart) -> Quote:
    return Reference(checked(rules), "").price(cart)


def price_natively(rules: CheckedRules | str, cart: Cart) -> Quote:
    return session_of(rules).price(cart)


def answer_by_reference(rules: CheckedRules | str, cart: Cart) -> Answer:
    return Reference(checked(rules), "").answer(cart)


def answer_natively(rules: CheckedRules | str, cart: Cart) -> Answer:
    return session_of(rules).answer(cart)


@pytest.fixture(scope="session", params=["reference", "native"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return {"reference": price_by_reference, "native": price_natively}[request.param]


@pytest.fixture(scope="session", params=["reference", "native"])
def answering(request: pytest.FixtureRequest) -> Answering:
    return {"reference": answer_by_reference, "native": answer_natively}[request.param]
