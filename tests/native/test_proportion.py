"""Order-level amounts over few and many lines: the same shares as the reference, which finds them one by one."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.money import MAX_AMOUNT, spread
from engine.pricing.cart import Cart, Line
from tests.programs import both_of, session_of

CARTS = 60
RULES = """\
currencies: [JPY]
segments:
  even: item.quantity == 2
promotions:
  first: {layer: order, priority: 2, reward: {amount_off: {of: cart, amount: 2999, per: order}}}
  second: {layer: order, priority: 1, reward: {percent_off: {of: even, percent: 7, per: order, up_to: 500}}}
  third: {layer: order, reward: {percent_off: {of: cart, percent: 3.3333, per: order}}}
"""


def line(random: Random, index: int, largest: int, floors: bool) -> Line:
    """Some lines are free, many alike, and some at their floor."""
    price = random.choice((0, 1, 100, 100, random.randint(1, largest)))
    quantity, floor = random.choice((1, 2, 3, 12)), random.choice((None, None, None, price // 2, price))
    return Line(
        id=f"{index:03}", sku=f"{index}", quantity=quantity, price=price, minimum_price=floor if floors else None
    )


@pytest.mark.parametrize("largest", [100, 5_000, 10**9, 10**12])
def test_shares_are_those_of_the_reference(largest: int) -> None:
    session, reference = both_of(RULES)
    random = Random(f"proportion {largest}")
    for _ in range(CARTS):
        count, floors = random.choice((1, 5, 12, 13, 40, 150)), random.random() < 0.3
        lines = tuple(line(random, index, largest, floors) for index in range(count))
        cart = Cart(id="c", currency="JPY", at=0, lines=lines)
        assert session.price(cart) == reference.price(cart)


@st.composite
def amounts(draw: st.DrawFn) -> tuple[int, list[int]]:
    """A total and prices: many alike or in steps, with products near 63 bits and near a power of two."""
    largest = draw(st.sampled_from((3, 30, 2_000, 2**20, 2**31, 2**37, MAX_AMOUNT // 40)))
    prices = draw(st.lists(st.integers(0, largest), min_size=1, max_size=40))
    if draw(st.booleans()):
        prices.append(2 ** sum(prices).bit_length() - sum(prices))
    most = draw(st.sampled_from((sum(prices), 2**63 // max(sum(prices), 1))))
    return draw(st.integers(1, max(min(most, MAX_AMOUNT), 1))), prices


@given(amounts=amounts())
def test_shares_of_any_amount(amounts: tuple[int, list[int]]) -> None:
    total, prices = amounts
    assume(sum(prices) > 0)
    rules = (
        "currencies: [JPY]\npromotions:\n"
        f"  p: {{layer: order, reward: {{amount_off: {{of: cart, amount: {total}, per: order}}}}}}\n"
    )
    lines = tuple(Line(id=f"{i:03}", sku=f"{i}", quantity=1, price=price) for i, price in enumerate(prices))
    quote = session_of(rules).price(Cart(id="c", currency="JPY", at=0, lines=lines))
    taken = [price - line.subtotal for price, line in zip(prices, quote.lines, strict=True)]
    assert taken == spread(total, prices, prices)
