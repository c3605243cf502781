"""The index misses nothing: a cart has the same quote whether all promotions are evaluated or only those it finds."""

from __future__ import annotations

import pytest

from engine.errors import InvalidCart
from engine.pricing.cart import Cart, Line
from tests.programs import both_of, session_of
from tests.strategies import numbered_case

CASES = 1_500
PARTS = 5
COMPARED = (
    *(f"item.attributes.grade {op} {number}" for op in ("<", "<=", "==", "!=", ">=", ">") for number in (-2, 0, 3)),
    *(f"{number} {op} item.attributes.grade" for op in ("<", "<=", "==", ">=", ">") for number in (-2, 3)),
    *(f"item.{fact} {op} 3" for fact in ("quantity", "weight", "cost") for op in (">", ">=", "==")),
    *(f"item.price {op} 1003" for op in (">", ">=", "==")),
    "item.quantity >= 3 && item.attributes.grade >= 0",
    "item.quantity >= 3 || item.attributes.grade >= 0",
)


@pytest.mark.parametrize("part", range(PARTS))
def test_with_the_index_or_without_it_the_quote_is_the_same(part: int) -> None:
    priced = 0
    for number in range(part, CASES, PARTS):
        rules, cart = numbered_case(11, number)
        session = session_of(rules)
        try:
            quote = session.price(cart)
        except InvalidCart:
            continue
        assert quote == session.answer(cart).quote
        priced += 1
    assert priced > CASES // PARTS // 2


def test_a_filter_that_is_one_comparison_is_met_by_what_it_compares_with() -> None:
    text = "currencies: [JPY]\nattributes: {item: {grade: int}}\nsegments:\n"
    text += "".join(f"  s{index}: '{filter}'\n" for index, filter in enumerate(COMPARED))
    text += "promotions:\n"
    text += "".join(
        f"  p{index}: {{layer: item, reward: {{amount_off: {{of: s{index}, amount: 1, per: order}}}}}}\n"
        for index in range(len(COMPARED))
    )
    session, reference = both_of(text)
    granted = set()
    for number in (None, -3, -2, -1, 0, 2, 3, 4):
        for quantity in (2, 3, 4):
            known = None if number is None else max(number, 0)
            line = Line(
                id="a",
                sku="a",
                quantity=quantity,
                price=1000 + quantity,
                weight=known,
                cost=known,
                attributes={} if number is None else {"grade": number},
            )
            cart = Cart(id="c", currency="JPY", at=0, lines=(line,))
            quote = session.price(cart)
            assert quote == reference.price(cart)
            granted.update(quote.applied)
    assert len(granted) == len(COMPARED)
