"""Sets that bundles pass over as others took all that their units may give: bounds hold in every scenario."""

from __future__ import annotations

from random import Random

import pytest

from engine.pricing.cart import Cart, Line
from tests.programs import session_of

CARTS = 250
HEAD = """\
selection: SELECTION
search: {nodes: 20000}
segments:
  cheap: item.price <= 5.00
  dear: item.price > 4.00
  a: item.category == "a"
groups: {one: {policy: one}}
layers:
  - {name: item, kind: goodsCOMBINE}
  - {name: order, kind: goods}
promotions:
"""
SEGMENTS = ("cart", "cheap", "dear", "a")
TAKES = (
    "percent_off: {of: OF, percent: PERCENT, per: PER}",
    "percent_off: {of: OF, percent: PERCENT, per: PER, up_to: 2.00}",
    "percent_off: {of: OF, percent: PERCENT, units: {quantity: 2, pick: PICK}}",
    "amount_off: {of: OF, amount: 1.00, per: PER}",
    "amount_off: {of: OF, amount: 9.00, per: PER, skip_reduced: true}",
    "amount_off: {of: OF, amount: {by: cart.quantity, every: 3, value: 0.50}, per: PER}",
    "fixed_price: {of: OF, price: 2.00, per: unit}",
)
CLAIMS = (
    "bundle: {parts: [{of: OF, quantity: 1}], percent_off: 50, pick: PICK, repeat: REPEAT}",
    "bundle: {parts: [{of: OF, quantity: 2}], amount_off: 1.50, pick: PICK, repeat: REPEAT}",
    "bundle: {parts: [{of: OF, quantity: 1}, {of: a, quantity: 1}], fixed_price: 6.00, pick: PICK, repeat: REPEAT}",
    "buy_get: {buy: {of: OF, quantity: 1}, get: {of: OF, quantity: 1, percent_off: 100}, pick: PICK, repeat: REPEAT}",
)


def reward(random: Random) -> str:
    drawn = random.choice(TAKES if random.random() < 0.5 else CLAIMS)
    for word, choices in (
        ("OF", SEGMENTS),
        ("PERCENT", ("10", "50", "100")),
        ("PER", ("unit", "line", "order")),
        ("PICK", ("cheapest", "cheapest", "dearest")),
        ("REPEAT", ("1", "2", "unlimited")),
    ):
        drawn = drawn.replace(f": {word}", f": {random.choice(choices)}")
    return drawn


def rules(random: Random, selection: str) -> str:
    text = HEAD.replace("SELECTION", selection).replace("COMBINE", ", combine: best" if selection == "layered" else "")
    for index in range(random.randint(5, 9)):
        layer = "item" if selection == "layered" or random.random() < 0.7 else "order"
        group = "group: one, " if random.random() < 0.15 else ""
        text += (
            f"  p{index}: {{layer: {layer}, {group}priority: {random.randrange(5)}, reward: {{{reward(random)}}}}}\n"
        )
    return text


def cart(random: Random) -> Cart:
    prices = random.sample((100, 200, 300, 400, 450, 500, 700, 999), 3)
    return Cart(id="c", currency="USD", at=10**18, lines=tuple(line(random, prices, str(index)) for index in range(5)))


def line(random: Random, prices: list[int], id: str) -> Line:
    """A few other promotions bring units with little or no room to their floors."""
    price = random.choice(prices)
    return Line(
        id=id,
        sku=id,
        quantity=random.choice((1, 1, 2, 3, 5)),
        price=price,
        minimum_price=price * random.choice((50, 80, 95)) // 100 if random.random() < 0.5 else None,
        category=random.choice("ab"),
    )


@pytest.mark.parametrize("selection", ["layered", "global"])
def test_no_set_saves_more_than_a_bound_above_it(selection: str) -> None:
    sets = 0
    for seed in range(CARTS):
        random = Random(seed)
        session = session_of(rules(random, selection))
        visited, violations = session.audit(cart(random))
        assert not violations, seed
        sets += visited
    assert sets > 50 * CARTS
