"""The native core and the reference give the same bytes."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given, settings

from engine._native.program import Program
from engine._native.session import Session
from engine.pricing.cart import Cart
from engine.pricing.reference import Reference
from engine.rules import compile
from engine.rules.checked import CheckedRules
from engine.service.messages import quote_bytes
from tests.strategies import priced_cases, random_cases


def assert_equal(rules: CheckedRules, cart: Cart) -> int:
    """How many promotions applied."""
    program = Program.load(compile(rules))
    expected = Reference(rules, program.version).price(cart)
    found = Session(program).price(cart)
    assert found == expected
    assert quote_bytes(found) == quote_bytes(expected)
    return sum(len(layer.adjustments) for layer in expected.layers)


@given(case=priced_cases())
@settings(max_examples=300, deadline=None)
def test_native_equals_reference(case: tuple[CheckedRules, Cart]) -> None:
    assert_equal(*case)


@pytest.mark.parametrize("seed", range(4))
def test_native_equals_reference_in_bulk(seed: int) -> None:
    applied = [assert_equal(rules, cart) for rules, cart in islice(random_cases(seed), 1000)]
    assert sum(count > 0 for count in applied) > 600


def test_a_session_is_used_again_for_the_next_cart() -> None:
    for rules, first in islice(random_cases(99), 200):
        program = Program.load(compile(rules))
        session = Session(program)
        reference = Reference(rules, program.version)
        second = Cart(id="empty", currency=first.currency, at=first.at)
        for cart in (first, second, first):
            assert session.price(cart) == reference.price(cart)
