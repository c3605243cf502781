"""Checking compatibility costs a promotion its own exclusions and tags, however many other promotions there are."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from engine._native.program import Program
from engine._native.session import Session
from engine.pricing.cart import Cart, Line
from engine.rules import compile
from engine.rules.checked import CheckedRules, Exclusion, ExclusionKind
from tests.programs import checked, session_of

PROMOTIONS = 1000
IDS = [f"p{number:04}" for number in range(PROMOTIONS)]
CART = Cart(id="c", currency="USD", at=0, lines=(Line(id="a", sku="x", quantity=3, price=1000),))
RULES = """
promotions:
  first: {layer: item, priority: 1, reward: {percent_off: {of: cart, percent: 1}}}
  other: {layer: item, when: 'CONDITION', reward: {percent_off: {of: cart, percent: 1}}}
"""


def excluding_each_other(condition: str) -> CheckedRules:
    """A promotion compatible with all, and a thousand that each exclude all others by id."""
    rules = checked(RULES.replace("CONDITION", condition))
    first, other = rules.promotions
    exclusions = [Exclusion(ExclusionKind.PROMOTION, id) for id in IDS]
    others = (
        replace(other, id=id, excludes=tuple(exclusions[:number] + exclusions[number + 1 :]))
        for number, id in enumerate(IDS)
    )
    return replace(rules, promotions=(first, *others))


@pytest.mark.parametrize(("condition", "applied"), [("true", ["first", IDS[0]]), ("cart.quantity > 3", ["first"])])
def test_a_thousand_promotions_may_exclude_each_other(condition: str, applied: list[str]) -> None:
    artifact = compile(excluding_each_other(condition))
    assert len(artifact) < 5 * 2**20
    session = Session(Program.load(artifact))
    quote = session.price(CART)
    assert [each.promotion_id for each in quote.layers[0].adjustments] == applied
    started = time.process_time()
    for _ in range(20):
        session.evaluate()
    assert time.process_time() - started < 1  # takes 20 times 1 ms


def test_a_session_forgets_what_applied() -> None:
    rules = checked(
        """
groups: {seasonal: {policy: one}}
promotions:
  a: {layer: item, group: seasonal, when: cart.quantity > 3, reward: {percent_off: {of: cart, percent: 1}}}
  b: {layer: order, group: seasonal, reward: {percent_off: {of: cart, percent: 1}}}
"""
    )
    session = session_of(rules)
    more = replace(CART, lines=(replace(CART.lines[0], quantity=4),))
    assert [session.price(cart).applied for cart in (CART, more, CART)] == [("b",), ("a",), ("b",)]
