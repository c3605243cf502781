"""A session can be told that only certain promotions may apply to a cart."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from engine._native.session import Session
from tests.programs import program_of
from tests.strategies import random_case


@settings(max_examples=100)
@given(st.integers(0, 2**63 - 1))
def test_it_is_as_if_the_cart_declined_all_others(seed: int) -> None:
    random = Random(seed)
    rules, cart = random_case(random)
    program = program_of(rules)
    ids = [promotion.id for promotion in rules.promotions]
    only = random.sample(ids, random.randint(0, len(ids)))
    session = Session(program)
    session.load(cart, only=only)
    session.evaluate()
    declining = replace(
        cart, declined_promotions=tuple(id for id in ids if id not in only or id in cart.declined_promotions)
    )
    restricted = session.quote()
    assert restricted == session.price(declining)
    # the next cart has no such restriction
    assert session.price(cart) == Session(program).price(cart)
