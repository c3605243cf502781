"""What is refunded when goods are returned: worked figures, and what holds for any sequence of returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine._native.program import Program
from engine._native.session import Session
from engine.errors import InvalidReturn
from engine.pricing.cart import Cart, Line, Rate, Shipment
from engine.pricing.quote import Quote
from engine.pricing.redemption import Returns
from engine.pricing.returns import (
    LineRefund,
    Refund,
    TakenBack,
    kept_cart,
    refund,
    still_granted,
    units_kept,
    units_left,
)
from tests.programs import program_of
from tests.strategies import random_case

RULES = """
segments:
  socks: item.sku == "SOCK"
  hats: item.sku == "HAT"
promotions:
  three-for-two:
    layer: item
    reward: {buy_get: {buy: {of: socks, quantity: 2}, get: {of: socks, quantity: 1, percent_off: 100}}}
  spend-100:
    layer: order
    when: cart.subtotal >= 100.00
    reward: {amount_off: {of: cart, per: order, amount: 15.00}}
  hats-only:
    layer: order
    when: socks.quantity == 0 && cart.subtotal < 100.00
    reward: {percent_off: {of: hats, percent: 50, per: line}}
  gift:
    layer: order
    reward: {gift: {sku: PEN, for_every: {of: hats, quantity: 1}}}
  banner:
    layer: order
    reward: {effect: {name: banner}}
  free-shipping:
    layer: shipping
    when: cart.subtotal >= 80.00
    reward: {shipping: {free: true}}
  points:
    layer: points
    reward: {points: {per_unit_spent: 1}}
"""


class Shop:
    """A sale and its returns, priced natively."""

    def __init__(self, program: Program, cart: Cart, policy: Returns) -> None:
        self.session = Session(program)
        self.ids = set(program.promotion_indices)
        self.cart = cart
        self.policy = policy
        self.paid = self.session.price(cart)
        self.refunds: list[Refund] = []
        self.priced: Quote | None = None

    def back(self, **units: int) -> Refund:
        kept = units_kept(self.paid, self.refunds, units)
        self.priced = None
        if self.policy is not Returns.KEEP and any(kept.values()):
            applied = set(still_granted(self.paid, self.refunds))
            only = applied if self.policy is Returns.CLAW_BACK else self.ids
            self.session.load(kept_cart(self.cart, kept, {}), only=only)
            self.session.evaluate()
            self.priced = self.session.quote()
        self.refunds.append(refund(self.policy, self.paid, self.refunds, units, self.priced))
        return self.refunds[-1]


def line(id: str, sku: str, price: int, quantity: int = 1) -> Line:
    return Line(id=id, sku=sku, price=price, quantity=quantity)


PARCEL = Shipment(id="p", country="US", method="flat", rates=(Rate(method="flat", price=795),))


@pytest.fixture
def sell() -> Callable[..., Shop]:
    program = program_of(RULES)

    def sell(policy: Returns, *lines: Line) -> Shop:
        return Shop(program, Cart(id="c", currency="USD", at=0, lines=lines, shipments=(PARCEL,)), policy)

    return sell


def amounts(refund: Refund) -> dict[str, int]:
    return {line.id: line.amount for line in refund.lines}


def test_keep_refunds_what_was_paid(sell: Callable[..., Shop]) -> None:
    shop = sell(Returns.KEEP, line("a", "BOOT", 6000), line("b", "BELT", 4000))
    assert shop.paid.total == 8500
    assert amounts(shop.back(b=1)) == {"b": 3400}
    last = shop.back(a=1)
    assert amounts(last) == {"a": 5100}
    assert last.complete
    assert last.total == 5100


def test_the_dearest_units_of_a_line_go_first(sell: Callable[..., Shop]) -> None:
    shop = sell(Returns.KEEP, line("s", "SOCK", 1000, 3))
    assert shop.paid.subtotal == 2000
    refunds = [shop.back(s=1) for _ in range(3)]
    assert [amounts(each)["s"] for each in refunds] == [1000, 1000, 0]
    # the promotion took all of its 10.00 off the last unit, and gets it back with that unit
    given_back = [{each.promotion_id: each.amount for each in refund.taken_back} for refund in refunds]
    assert [each.get("three-for-two", 0) for each in given_back] == [0, 0, 1000]


def test_each_unit_of_a_set_that_carries_the_discount_refunds_its_share() -> None:
    got = "get: {of: socks, quantity: 1, percent_off: 100}"
    program = program_of(RULES.replace(f"{got}}}", f"{got}, carried_by: set}}"))
    lines = (line("a", "SOCK", 1000, 2), line("b", "SOCK", 500))
    shop = Shop(program, Cart(id="c", currency="USD", at=0, lines=lines), Returns.KEEP)
    # 5.00 over 10.00, 10.00 and 5.00
    refunds = [shop.back(b=1), shop.back(a=1), shop.back(a=1)]
    assert [amounts(each) for each in refunds] == [{"b": 400}, {"a": 800}, {"a": 800}]
    assert [each.taken_back[0] for each in refunds] == [
        TakenBack("three-for-two", 100, 0, 0, None, False),
        TakenBack("three-for-two", 200, 0, 0, None, False),
        TakenBack("three-for-two", 200, 0, 0, None, True),
    ]


def test_a_promotion_gives_back_what_it_took_off_the_units_gone(sell: Callable[..., Shop]) -> None:
    shop = sell(Returns.KEEP, line("a", "BOOT", 6000, 2))
    assert [bucket.price for bucket in shop.paid.lines[0].buckets] == [5250]
    first = shop.back(a=1)
    assert first.lines == (LineRefund("a", "BOOT", 1, 6000, 5250),)
    assert first.taken_back == (TakenBack("spend-100", 750, 0, 0, None, False),)
    assert still_granted(shop.paid, shop.refunds) == {"banner": 0, "spend-100": 750, "free-shipping": 795, "points": 0}


def test_claw_back_takes_off_what_is_no_longer_granted(sell: Callable[..., Shop]) -> None:
    shop = sell(Returns.CLAW_BACK, line("a", "BOOT", 6000), line("b", "BELT", 4000))
    first = shop.back(b=1)
    # free shipping from 80.00 is lost, too: 60.00 + 7.95 of 85.00 is kept
    assert (first.total, amounts(first)) == (1705, {"b": 1705})
    assert [(each.promotion_id, each.amount, each.use) for each in first.taken_back if each.use] == [
        ("spend-100", 1500, True),
        ("free-shipping", 795, True),
    ]
    second = shop.back(a=1)
    assert amounts(second) == {"a": 5100, "b": 1695}
    assert second.total == 6795
    assert second.uncollected == 0


def test_what_is_kept_may_cost_more_than_stays_paid(sell: Callable[..., Shop]) -> None:
    shop = sell(Returns.CLAW_BACK, line("a", "BOOT", 9900), line("b", "PIN", 100))
    assert shop.paid.total == 8500
    first = shop.back(b=1)
    # 99.00 is kept, free of shipping, and 85.00 was paid
    assert (first.total, first.uncollected) == (0, 1400)
    assert amounts(first) == {"b": 0}
    assert shop.back(a=1).total == 8500


@pytest.mark.parametrize(("policy", "refunds"), [(Returns.CLAW_BACK, (2500, 6500)), (Returns.REPRICE, (2800, 6200))])
def test_shipping_that_costs_less_is_refunded_by_reprice_alone(policy: Returns, refunds: tuple[int, int]) -> None:
    steps = "{by: cart.quantity, steps: [{from: 1, value: 2.00}, {from: 2, value: 5.00}]}"
    rules = RULES.replace("when: cart.subtotal >= 80.00", "").replace("free: true", f"fixed_price: {steps}")
    lines = line("a", "BOOT", 6000), line("b", "BELT", 4000)
    shop = Shop(program_of(rules), Cart(id="c", currency="USD", at=0, lines=lines, shipments=(PARCEL,)), policy)
    assert shop.paid.total == 8500 + 500
    # b was paid with 34.00, 9.00 of the 15.00 are no longer granted on a; shipping would be 3.00 less
    assert (shop.back(b=1).total, shop.back(a=1).total) == refunds


def test_claw_back_lets_no_other_promotion_in(sell: Callable[..., Shop]) -> None:
    cart = line("h", "HAT", 5000), line("s", "SOCK", 1000)
    clawed, repriced = sell(Returns.CLAW_BACK, *cart), sell(Returns.REPRICE, *cart)
    assert clawed.paid.total == 6795
    assert amounts(clawed.back(s=1)) == {"s": 1000}
    # hats-only takes half off the hat that is kept: 60.00 was paid for goods, 25.00 is due
    assert amounts(repriced.back(s=1)) == {"h": 2500, "s": 1000}
    assert amounts(repriced.back(h=1)) == {"h": 2500}
    assert sum(each.total for each in repriced.refunds) == 6795


def shop_of(rules: str, policy: Returns, *lines: Line, shipments: tuple[Shipment, ...] = ()) -> Shop:
    return Shop(program_of(rules), Cart(id="c", currency="USD", at=0, lines=lines, shipments=shipments), policy)


TWELVE_OFF = "  twelve: {layer: order, reward: {amount_off: {of: cart, per: order, amount: 12.00}}}\n"


def test_what_claw_back_loses_is_weighed_against_what_the_rest_saves() -> None:
    free = (
        "promotions:\n  free: {layer: shipping, when: cart.merchandise >= 100.00, reward: {shipping: {free: true}}}\n"
    )
    parcel = Shipment(id="p", method="flat", rates=(Rate(method="flat", price=500),))
    lines = line("a", "BOOT", 10000), line("b", "BELT", 2000)
    shop = shop_of(free + TWELVE_OFF, Returns.CLAW_BACK, *lines, shipments=(parcel,))
    assert shop.paid.total == 9000 + 1800
    # b costs 8.00 + 5.00 now: 108.00 - 13.00 is more than a cost
    first = shop.back(a=1)
    assert (first.total, amounts(first), first.taken_back) == (
        9000,
        {"a": 9000},
        (TakenBack("free", 500, 0, 0, None, True),),
    )
    # without the 12.00, what is lost is taken off
    assert amounts(shop_of(free, Returns.CLAW_BACK, *lines, shipments=(parcel,)).back(a=1)) == {"a": 9500}


def test_what_one_promotion_loses_another_may_save() -> None:
    nine = (
        'segments: {belts: item.sku == "BELT"}\npromotions:\n'
        "  nine: {layer: item, when: cart.merchandise >= 100.00, "
        "reward: {amount_off: {of: belts, per: order, amount: 9.00}}}\n"
    )
    lines = line("a", "BOOT", 10000), line("b", "BELT", 1000), line("c", "HAT", 1000)
    # 12.00 over 100.00, 1.00 and 10.00, then over 10.00 and 10.00
    assert amounts(shop_of(nine + TWELVE_OFF, Returns.CLAW_BACK, *lines).back(a=1)) == {"a": 8919}
    assert amounts(shop_of(nine, Returns.CLAW_BACK, *lines).back(a=1)) == {"a": 9100}


def test_a_smaller_refund_is_spread_by_what_was_paid() -> None:
    rules = (
        'leftover: rounded\nsegments: {hats: item.sku == "HAT"}\npromotions:\n'
        "  cent: {layer: order, when: cart.quantity >= 3, reward: {amount_off: {of: hats, per: order, amount: 0.01}}}\n"
    )
    lines = line("a", "BOOT", 1000), line("b", "BOOT", 1000), line("c", "HAT", 2000)
    # 19.99 by the largest remainder, whatever the rule set's leftover
    assert amounts(shop_of(rules, Returns.CLAW_BACK, *lines).back(a=1, b=1)) == {"a": 1000, "b": 999}


def test_what_was_withheld_goes_to_where_more_stays_paid_than_the_rest_costs() -> None:
    rules = (
        "promotions:\n"
        "  from-100: {layer: order, when: cart.subtotal >= 100.00, "
        "reward: {amount_off: {of: cart, per: order, amount: 15.00}}}\n"
        "  thirty: {layer: order, reward: {amount_off: {of: cart, per: order, amount: 30.00}}}\n"
    )
    lines = line("a", "BOOT", 6000), line("b", "BELT", 4000), line("c", "HAT", 3000)
    shop = shop_of(rules, Returns.CLAW_BACK, *lines)
    assert [each.subtotal for each in shop.paid.lines] == [3923, 2615, 1962]
    assert amounts(shop.back(b=1)) == {"b": 2500}
    # a costs 30.00 now: 1.15 over the 9.23 that stay paid beyond that, and the 1.15 of b
    assert amounts(shop.back(c=1)) == {"a": 102, "b": 13, "c": 1962}


def test_keep_gives_a_budget_its_part_of_what_was_off_the_units_gone() -> None:
    rules = (
        "promotions:\n"
        "  four: {layer: item, reward: {amount_off: {of: cart, per: order, amount: 4.00, units: {quantity: 1}}}}\n"
        "  tenth: {layer: item, reward: {percent_off: {of: cart, per: unit, percent: 10}}}\n"
    )
    shop = shop_of(rules, Returns.KEEP, line("a", "BOOT", 1000, 2))
    assert [bucket.price for bucket in shop.paid.lines[0].buckets] == [900, 500]
    # 1.00 of 6.00 is off the first unit: a sixth of 4.00 and of 2.00
    given_back = [{each.promotion_id: each.amount for each in shop.back(a=1).taken_back} for _ in range(2)]
    assert given_back == [{"four": 66, "tenth": 33}, {"four": 334, "tenth": 167}]


def test_gifts_and_points_are_said_to_be_taken_back(sell: Callable[..., Shop]) -> None:
    shop = sell(Returns.CLAW_BACK, line("h", "HAT", 1000, 3))
    first = {each.promotion_id: each for each in shop.back(h=1).taken_back}
    gift = first["gift"].gift
    assert gift is not None
    assert (gift.sku, gift.quantity, first["gift"].use) == ("PEN", 1, False)
    assert first["points"] == TakenBack("points", 0, 5, 0, None, False)
    rest = {each.promotion_id: each for each in shop.back(h=2).taken_back}
    assert rest["points"] == TakenBack("points", 0, 10, 0, None, True)
    assert rest["gift"].gift is not None
    assert rest["gift"].gift.quantity == 2
    assert "banner" not in first
    assert rest["banner"] == TakenBack("banner", 0, 0, 0, None, True)


def test_more_than_is_left_is_refused_by_line(sell: Callable[..., Shop]) -> None:
    shop = sell(Returns.KEEP, line("a", "BOOT", 6000, 2), line("b", "BELT", 4000))
    shop.back(a=1)
    with pytest.raises(InvalidReturn) as caught:
        shop.back(a=2, b=0, c=1)
    assert [each.field for each in caught.value.violations] == [
        "lines[0].quantity",
        "lines[1].quantity",
        "lines[2].line_id",
    ]
    with pytest.raises(InvalidReturn, match="lines: must list the units that come back"):
        shop.back()
    shop.back(a=1)
    with pytest.raises(InvalidReturn, match="all units of the line have come back"):
        shop.back(a=1)
    shop.back(b=1)
    with pytest.raises(InvalidReturn, match="receipt_key: all units have come back"):
        shop.back()


def all_back(shop: Shop, random: Random) -> Iterator[Refund]:
    """Some units of some lines are returned, until none are left; of a cart without lines, the cart."""
    left = units_left(shop.paid, shop.refunds)
    while left or not shop.refunds:
        some = random.sample(sorted(left), random.randint(min(1, len(left)), len(left)))
        yield shop.back(**{id: random.randint(1, left[id]) for id in some})
        left = {id: units for id, units in units_left(shop.paid, shop.refunds).items() if units}


@settings(max_examples=150)
@given(st.integers(0, 2**63 - 1), st.sampled_from(Returns))
def test_refunds_never_exceed_what_was_paid(seed: int, policy: Returns) -> None:
    random = Random(seed)
    rules, cart = random_case(random)
    shop = Shop(program_of(rules), cart, policy)
    paid = shop.paid
    lines, shipments = Counter[str](), Counter[str]()
    for now in all_back(shop, random):
        assert now.total == sum(each.amount for each in (*now.lines, *now.shipments))
        assert min((each.amount for each in (*now.lines, *now.shipments)), default=0) >= 0
        lines.update({each.id: each.amount for each in now.lines})
        shipments.update({each.id: each.amount for each in now.shipments})
        assert all(lines[line.id] <= line.subtotal for line in paid.lines)
        assert all(shipments[each.id] <= each.charge for each in paid.shipments)
        stays = paid.total - lines.total() - shipments.total()
        assert now.complete or policy is Returns.REPRICE or not now.shipments
        if shop.priced is not None and policy is Returns.REPRICE:
            assert stays + now.uncollected == shop.priced.total
        elif shop.priced is not None:
            assert stays + now.uncollected >= shop.priced.total
    assert shop.refunds[-1].complete
    assert lines == Counter({line.id: line.subtotal for line in paid.lines})
    assert shipments == Counter({each.id: each.charge for each in paid.shipments})


@settings(max_examples=50)
@given(st.integers(0, 2**63 - 1), st.sampled_from(Returns))
def test_all_that_was_granted_is_taken_back_in_the_end(seed: int, policy: Returns) -> None:
    random = Random(seed)
    rules, cart = random_case(random)
    shop = Shop(program_of(rules), cart, policy)
    taken = [each for refund in all_back(shop, random) for each in refund.taken_back]
    for adjustment in shop.paid.adjustments:
        mine = [each for each in taken if each.promotion_id == adjustment.promotion_id]
        assert sum(each.use for each in mine) == 1
        assert sum(each.amount for each in mine) == adjustment.amount
        assert sum(each.points for each in mine) == adjustment.points
        assert sum(each.credit for each in mine) == adjustment.credit
        assert all(min(each.amount, each.points, each.credit) >= 0 for each in mine)
