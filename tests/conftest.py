"""The parameter that runs every pricing test on the reference and on the native core."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

import pytest

from engine._native.program import Program
from engine._native.session import Session
from engine.pricing.cart import Cart
from engine.pricing.quote import Quote
from engine.pricing.reference import Reference
from engine.rules import compile, load_text
from engine.rules.checked import CheckedRules

Engine: TypeAlias = Callable[[CheckedRules | str, Cart], Quote]
"""Prices a cart under checked rules or the text of a rule file."""


def price_by_reference(rules: CheckedRules | str, cart: Cart) -> Quote:
    return Reference(checked(rules), "").price(cart)


def price_natively(rules: CheckedRules | str, cart: Cart) -> Quote:
    return Session(Program.load(compile(checked(rules)))).price(cart)


def checked(rules: CheckedRules | str) -> CheckedRules:
    return _loaded(rules) if isinstance(rules, str) else rules


@lru_cache
def _loaded(text: str) -> CheckedRules:
    return load_text(text)


@pytest.fixture(scope="session", params=["reference", "native"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return {"reference": price_by_reference, "native": price_natively}[request.param]
