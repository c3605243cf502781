"""The index leaves out nothing: asked about all promotions or about those it finds, a cart has the same quote."""

from __future__ import annotations

import pytest

from engine._native.program import Program
from engine._native.session import Session
from engine.errors import InvalidCart
from engine.rules import compile
from tests.strategies import numbered_case

CASES = 1_500
PARTS = 5


@pytest.mark.parametrize("part", range(PARTS))
def test_with_the_index_or_without_it_the_quote_is_the_same(part: int) -> None:
    priced = 0
    for number in range(part, CASES, PARTS):
        rules, cart = numbered_case(11, number)
        session = Session(Program.load(compile(rules)))
        try:
            quote = session.price(cart)
        except InvalidCart:
            continue
        assert quote == session.answer(cart).quote
        priced += 1
    assert priced > CASES // PARTS // 2
