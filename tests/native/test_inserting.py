"""Lines added and removed one at a time: the bytes are those of a cart sent with just these lines."""

from __future__ import annotations

from random import Random

import pytest

from engine.pricing.cart import Cart, Line, Rate, Shipment
from engine.pricing.mutations import Mutation, RemoveLine, SetLine, SetQuantity
from tests.native.followed import Followed
from tests.native.wire.requests import NOW

LENGTH = 60
RULES = """\
segments:
  some: item.sku in ["a", "b"]
  one: item.sku == "c"
  many: item.quantity >= 3
promotions:
  third:
    layer: item
    reward: {buy_get: {buy: {of: some, quantity: 2}, get: {of: some, quantity: 1, percent_off: 100}}}
  each: {layer: item, reward: {percent_off: {of: many, percent: 10, per: line}}}
  rare: {layer: item, reward: {amount_off: {of: one, amount: 0.07, per: order}}}
  spread: {layer: order, reward: {amount_off: {of: cart, amount: 0.99, per: order}}}
  kinds: {layer: order, when: cart.skus >= 4, reward: {percent_off: {of: some, percent: 5, per: order}}}
  light: {layer: shipping, when: shipment.weight < 9000 && cart.weight < 90000, reward: {shipping: {free: true}}}
  spent: {layer: points, reward: {points: {per_unit_spent: 10}}}
"""


def cart_of(random: Random, lines: int) -> Cart:
    rates = (Rate(method="slow", price=100),)
    return Cart(
        id="c",
        currency="USD",
        at=NOW,
        lines=tuple(line(random, f"{10 * index:04}") for index in range(lines)),
        shipments=(Shipment(id="s", rates=rates, method="slow"), Shipment(id="t", rates=rates, method="slow")),
    )


def line(random: Random, id: str) -> Line:
    return Line(
        id=id,
        sku=random.choice("abcde"),
        quantity=random.randint(1, 4),
        price=random.choice((3, 50, 199)),
        weight=random.choice((1, 200, 200, None)),
        shipment_id=random.choice("st"),
    )


def mutation(random: Random, cart: Cart, lines: int) -> Mutation:
    """Sometimes a few more lines than before, sometimes a few fewer."""
    chosen = random.choice(cart.lines).id
    kind = random.random()
    if kind < 0.2:
        return SetQuantity(chosen, random.randint(1, 4))
    if (len(cart.lines) > 1 and kind < 0.6) or len(cart.lines) > lines + 2:
        return RemoveLine(chosen)
    return SetLine(line(random, f"{random.randrange(10 * lines + 10):04}"))


@pytest.mark.parametrize("lines", [1, 2, 5, 63, 64, 65, 128, 130])
def test_lines_that_come_and_go_leave_what_would_be_laid_out_anew(lines: int) -> None:
    for seed in range(10):
        random = Random(f"inserting {lines} {seed}")
        followed = Followed(RULES, cart_of(random, lines))
        for _ in range(LENGTH):
            assert followed.mutate(mutation(random, followed.cart, lines))
            # Sometimes several mutations between two prices.
            if random.random() > 0.2:
                followed.quote()


def test_gifts_sent_back_are_not_among_the_lines_that_move() -> None:
    rules = """\
promotions:
  mug: {layer: item, reward: {gift: {choices: [mug, cup]}}}
  tenth: {layer: item, reward: {percent_off: {of: cart, percent: 10, per: line}}}
"""
    cart = Cart(id="c", currency="USD", at=NOW, lines=(Line(id="b", sku="b", quantity=1, price=1000),))
    followed = Followed(rules, cart)
    for step in (
        SetQuantity("b", 2),
        SetLine(Line(id="a", sku="cup", quantity=1, price=0, gift_of="mug")),
        SetQuantity("b", 3),
        SetLine(Line(id="c", sku="c", quantity=1, price=500)),
        SetLine(Line(id="aa", sku="c", quantity=1, price=700)),
        RemoveLine("b"),
        RemoveLine("a"),
        RemoveLine("aa"),
    ):
        assert followed.mutate(step)
        followed.quote()
