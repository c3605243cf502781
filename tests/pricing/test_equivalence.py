"""The native core and the reference give the same bytes and the same outcomes (``make prove`` asks a million times)."""

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
from tests.prove import Job, answers, run, same, without_nodes
from tests.random_rules import searches
from tests.strategies import priced_cases, random_cases


@given(case=priced_cases())
@settings(max_examples=300, deadline=None)
def test_native_equals_reference(case: tuple[CheckedRules, Cart]) -> None:
    assert same(*answers(*case))


@pytest.mark.parametrize("seed", range(2))
def test_native_equals_reference_in_bulk_and_every_kind_has_an_effect(seed: int) -> None:
    tally = run(Job(seed, range(10_000), sample=0))
    assert tally.rare() == {}


@pytest.mark.parametrize("seed", range(4))
def test_a_search_finds_what_looking_at_every_set_finds(seed: int) -> None:
    """Among up to ten promotions."""
    run(Job(seed, range(100), searches(10), sample=0))


def test_a_session_is_used_again_for_the_next_cart() -> None:
    for rules, first in islice(random_cases(99), 200):
        program = Program.load(compile(rules))
        session = Session(program)
        reference = Reference(rules, program.version)
        second = Cart(id="empty", currency=first.currency, at=first.at)
        for cart in (first, second, first):
            assert without_nodes(session.price(cart)) == reference.price(cart)
