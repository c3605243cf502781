"""Order-level amounts over few and many lines: the shares that the reference finds one by one."""

from __future__ import annotations

from random import Random

import pytest

from engine._native.program import Program
from engine._native.session import Session
from engine.pricing.cart import Cart, Line
from engine.pricing.reference import Reference
from engine.rules import compile, load_text

CARTS = 60
RULES = """\
ruleset: x
currencies: [JPY]
segments:
  even: item.quantity == 2
promotions:
  first: {layer: order, priority: 2, reward: {amount_off: {of: cart, amount: 2999, per: order}}}
  second: {layer: order, priority: 1, reward: {percent_off: {of: even, percent: 7, per: order, up_to: 500}}}
  third: {layer: order, reward: {percent_off: {of: cart, percent: 3.3333, per: order}}}
"""


def line(random: Random, index: int, largest: int, floors: bool) -> Line:
    """Some are free, many alike, and some at their floor."""
    price = random.choice((0, 1, 100, 100, random.randint(1, largest)))
    quantity, floor = random.choice((1, 2, 3, 12)), random.choice((None, None, None, price // 2, price))
    return Line(
        id=f"{index:03}", sku=f"{index}", quantity=quantity, price=price, minimum_price=floor if floors else None
    )


@pytest.mark.parametrize("largest", [100, 5_000, 10**12])
def test_shares_are_those_of_the_reference(largest: int) -> None:
    rules = load_text(RULES)
    program = Program.load(compile(rules))
    session, reference = Session(program), Reference(rules, program.version)
    random = Random(f"proportion {largest}")
    for _ in range(CARTS):
        count, floors = random.choice((1, 5, 12, 13, 40, 150)), random.random() < 0.3
        lines = tuple(line(random, index, largest, floors) for index in range(count))
        cart = Cart(id="c", currency="JPY", at=0, lines=lines)
        assert session.price(cart) == reference.price(cart)
