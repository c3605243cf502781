"""The native core and the reference give the same bytes and the same outcomes (``make prove`` asks a million times)."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given, settings

from engine._native.program import Program
from engine._native.session import Session
from engine.pricing.cart import Cart
from engine.pricing.reference import Reference
from engine.pricing.sketch import sketch_of
from engine.rules import compile
from engine.rules.checked import CheckedRules
from tests.prove import Job, answers, run, same, without_nodes
from tests.random_rules import searches
from tests.strategies import priced_cases, random_cases


@given(case=priced_cases())
@settings(max_examples=300, deadline=None)
def test_native_equals_reference(case: tuple[CheckedRules, Cart]) -> None:
    assert same(*answers(*case))


@pytest.mark.parametrize("seed", range(10))
def test_native_equals_reference_in_bulk(seed: int) -> None:
    assert run(Job(seed, range(2000))).pairs == 2000


@pytest.mark.parametrize("seed", range(4))
def test_a_search_finds_what_looking_at_every_set_finds(seed: int) -> None:
    """Among up to ten promotions."""
    run(Job(seed, range(100), searches(10)))


@given(case=priced_cases())
@settings(max_examples=300, deadline=None)
def test_a_sketch_is_the_quote_without_the_rest(case: tuple[CheckedRules, Cart]) -> None:
    rules, cart = case
    session = Session(Program.load(compile(rules)))
    sketch, quote = session.sketch(cart), session.price(cart)
    assert sketch == sketch_of(quote, rules.gift_weights, sketch.segments) == Reference(rules, "").sketch(cart)
    for entered, left in zip(sketch.entered[1:], quote.layers, strict=False):
        assert sum(entered.subtotals.values()) == left.subtotal
        assert sum(entered.charges.values()) == left.shipping
    assert list(sketch.grants) == [each.promotion_id for each in quote.adjustments]


def test_a_session_is_used_again_for_the_next_cart() -> None:
    for rules, first in islice(random_cases(99), 200):
        program = Program.load(compile(rules))
        session = Session(program)
        reference = Reference(rules, program.version)
        second = Cart(id="empty", currency=first.currency, at=first.at)
        for cart in (first, second, first):
            assert without_nodes(session.price(cart)) == reference.price(cart)
