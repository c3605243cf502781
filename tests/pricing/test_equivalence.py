"""The native core and the reference give the same bytes and outcomes (``make prove`` checks a million cases)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from engine.pricing.cart import Cart
from engine.pricing.reference import Reference
from engine.pricing.sketch import sketch_of
from engine.rules.checked import CheckedRules
from tests.programs import session_of
from tests.prove import Job, run
from tests.random_rules import searches
from tests.strategies import priced_cases


@pytest.mark.parametrize("seed", range(10))
def test_native_equals_reference(seed: int) -> None:
    assert run(Job(seed, range(2000))).pairs == 2000


@pytest.mark.parametrize("seed", range(4))
def test_a_search_finds_what_looking_at_every_set_finds(seed: int) -> None:
    """Among up to ten promotions."""
    run(Job(seed, range(100), searches(10)))


@given(case=priced_cases())
@settings(max_examples=300)
def test_a_sketch_is_the_quote_without_the_rest(case: tuple[CheckedRules, Cart]) -> None:
    rules, cart = case
    session = session_of(rules)
    sketch, quote = session.sketch(cart), session.price(cart)
    assert sketch == sketch_of(quote, rules.gift_weights, sketch.segments) == Reference(rules, "").sketch(cart)
    for entered, left in zip(sketch.entered[1:], quote.layers, strict=False):
        assert sum(entered.subtotals.values()) == left.subtotal
        assert sum(entered.charges.values()) == left.shipping
    assert list(sketch.grants) == [each.promotion_id for each in quote.adjustments]
