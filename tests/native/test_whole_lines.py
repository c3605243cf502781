"""Rewards of whole lines: what a line owes and pays later equals what units pay at once."""

from __future__ import annotations

from random import Random

import pytest

from engine.pricing.cart import Cart, Line
from engine.pricing.quote import Bucket
from tests.programs import both_of, session_of

CASES = 400
HEAD = """\
currencies: [JPY]
layers: [{{name: first, kind: goods, percentages: {percentages}}}, {{name: second, kind: goods}}]
segments:
  some: item.sku in ["a", "b"]
promotions:
"""
REWARDS = (
    "amount_off: {{of: {of}, amount: {small}, per: order}}",
    "amount_off: {{of: {of}, amount: {small}, per: line}}",
    "amount_off: {{of: {of}, amount: 1, per: unit}}",
    "amount_off: {{of: {of}, amount: 2, per: unit, up_to: {large}}}",
    "percent_off: {{of: {of}, percent: {large}, per: order}}",
    "percent_off: {{of: {of}, percent: {large}, per: line}}",
    "percent_off: {{of: {of}, percent: {large}, per: unit}}",
    "fixed_price: {{of: {of}, price: {large}, per: line}}",
    "percent_off: {{of: {of}, percent: 50, units: {{quantity: {small}, pick: dearest}}}}",
    "buy_get: {{buy: {{of: {of}, quantity: 1}}, get: {{of: {of}, quantity: 1, percent_off: 50}}}}",
)


def text(random: Random) -> str:
    """Two layers with up to five rewards each."""
    promotions = [
        f"  p{index}: {{layer: {random.choice(('first', 'second'))}, reward: {{{reward(random)}}}}}\n"
        for index in range(random.randint(2, 10))
    ]
    return HEAD.format(percentages=random.choice(("additive", "additive", "compounding"))) + "".join(promotions)


def reward(random: Random) -> str:
    of = random.choice(("cart", "cart", "some"))
    return random.choice(REWARDS).format(of=of, small=random.randint(1, 9), large=random.randint(1, 40))


def line(random: Random, id: str) -> Line:
    """Lines with small prices, so that units reach their floors."""
    price = random.choice((0, 1, 2, 3, 5, 9, 10, 30, 100))
    floor = random.choice((None, None, price // 2, max(price - 2, 0)))
    return Line(id=id, sku=id, quantity=random.randint(1, 7), price=price, minimum_price=floor)


def assert_alike(random: Random, text: str) -> None:
    """The session and the reference price five carts of up to three lines alike."""
    session, reference = both_of(text)
    for _ in range(5):
        lines = tuple(line(random, id) for id in "abc"[: random.randint(1, 3)])
        cart = Cart(id="c", currency="JPY", at=0, lines=lines)
        assert session.price(cart) == reference.price(cart)


@pytest.mark.parametrize("seed", range(4))
def test_units_pay_what_lines_owe(seed: int) -> None:
    random = Random(f"whole lines {seed}")
    for _ in range(CASES):
        assert_alike(random, text(random))


@pytest.mark.parametrize("seed", range(2))
def test_units_at_two_prices_and_free_ones_owe(seed: int) -> None:
    """Lines give several shares of an order before anything reads their units, if anything does."""
    random = Random(f"two prices {seed}")
    for _ in range(CASES):
        sums = [REWARDS[random.choice((0, 0, 0, 4))] for _ in range(random.randint(1, 4))]
        looks = random.choice(("", "", REWARDS[2], REWARDS[8], REWARDS[9]))
        first = random.choice((REWARDS[1], REWARDS[5], REWARDS[9].replace("50", "100")))
        rewards = [("first", first), *(("second", each) for each in sums), *([("second", looks)] if looks else [])]
        promotions = [
            f"  p{index}: {{layer: {layer}, reward: {{"
            + each.format(of="cart", small=random.randint(1, 60), large=random.randint(1, 40))
            + "}}\n"
            for index, (layer, each) in enumerate(rewards)
        ]
        assert_alike(random, HEAD.format(percentages="additive") + "".join(promotions))


def test_three_promotions_take_one_off_each_of_three_units() -> None:
    """Each reward takes it off the dearest remaining unit, so none pays twice."""
    rules = "currencies: [JPY]\npromotions:\n" + "".join(
        f"  p{index}: {{layer: order, reward: {{amount_off: {{of: cart, amount: 1, per: order}}}}}}\n"
        for index in range(3)
    )
    quote = session_of(rules).price(
        Cart(id="c", currency="JPY", at=0, lines=(Line(id="a", sku="a", quantity=3, price=10),))
    )
    assert quote.lines[0].buckets == (Bucket(9, 3),)


def test_a_dear_unit_pays_until_it_is_the_cheapest() -> None:
    """9 off ten units at 11 leaves one unit dearer; its remainder is the largest each time, so it gives all of 3."""
    rules = (
        "currencies: [JPY]\nlayers: [{name: first, kind: goods}, {name: second, kind: goods}]\n"
        "promotions:\n  nine: {layer: first, reward: {amount_off: {of: cart, amount: 9, per: order}}}\n"
        + "".join(
            f"  p{index}: {{layer: second, reward: {{amount_off: {{of: cart, amount: 1, per: order}}}}}}\n"
            for index in range(3)
        )
    )
    session, reference = both_of(rules)
    cart = Cart(id="c", currency="JPY", at=0, lines=(Line(id="a", sku="a", quantity=10, price=11),))
    quote = session.price(cart)
    assert quote.lines[0].buckets == (Bucket(10, 9), Bucket(8, 1))
    assert quote == reference.price(cart)


def test_units_that_come_to_one_base_are_put_in_order() -> None:
    """Of three units at 28, the claimed ones come first and give the leftover of 16; the other, at 23, gives 12."""
    rules = """\
currencies: [JPY]
layers: [{name: item, kind: goods, percentages: compounding}]
promotions:
  pair: {layer: item, priority: 4, reward: {bundle: {parts: [{of: cart, quantity: 2}], percent_off: 50}}}
  price: {layer: item, priority: 3, reward: {fixed_price: {of: cart, price: 28, per: unit}}}
  fifth: {layer: item, priority: 2, reward: {percent_off: {of: cart, percent: 19, per: line}}}
  half: {layer: item, priority: 1, reward: {bundle: {parts: [{of: cart, quantity: 1}], percent_off: 50}}}
"""
    session, reference = both_of(rules)
    cart = Cart(id="c", currency="JPY", at=0, lines=(Line(id="a", sku="a", quantity=3, price=60),))
    quote = session.price(cart)
    assert [each.amount for each in quote.layers[0].adjustments] == [60, 36, 16, 12]
    assert quote.lines[0].buckets == (Bucket(23, 1), Bucket(22, 1), Bucket(11, 1))
    assert quote == reference.price(cart)
