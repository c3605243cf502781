"""After each mutation, a cart has the bytes of the same cart newly sent, whatever was updated in place."""

from __future__ import annotations

from random import Random

import pytest

from engine.pricing.cart import Cart, Line
from engine.pricing.mutations import DetachCoupon, Mutation, SetPrice, SetQuantity
from tests.native.followed import Followed
from tests.native.wire.requests import NOW
from tests.sequences import LENGTH, Job, run

SEQUENCES = 600
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_a_mutated_cart_is_priced_as_one_that_came_in_just_so(part: int) -> None:
    done = run(Job(12, range(part, SEQUENCES, PARTS)))
    assert done > SEQUENCES // PARTS * LENGTH // 2


def test_every_filter_that_hangs_on_an_amount_is_asked_again() -> None:
    filters = (
        'item.sku == "a" && item.quantity >= 3',
        'item.brand == "x" && !(item.price < 2.00)',
        'item.category.startsWith("k/") && item.price in [1.00, 3.00]',
        '"t" in item.tags && (item.quantity > 2 ? item.price : 9.00) >= 4.00',
        'item.attributes.size == "l" && (item.quantity == 1 || item.price == 1.00)',
        "item.price * item.quantity >= 10.00",
        "item.quantity >= 3",
        'item.brand == "x"',
        "item.weight >= 5",
    )
    segments = "\n".join(f"  s{index}: {filter!r}" for index, filter in enumerate(filters))
    promotions = "\n".join(
        f"  p{index}: {{layer: item, reward: {{amount_off: {{of: s{index}, amount: 0.0{index + 1}, per: line}}}}}}"
        for index in range(len(filters))
    )
    rules = f"""\
attributes:
  item: {{size: string}}
segments:
{segments}
promotions:
{promotions}
"""
    lines = tuple(
        Line(
            id=id,
            sku=id,
            quantity=2,
            price=300,
            brand="x",
            category="k/l",
            tags=("t",),
            weight=5,
            attributes={"size": "l"},
            discountable=id != "c",
        )
        for id in "abc"
    )
    followed = Followed(rules, Cart(id="c", currency="USD", at=NOW, lines=lines))
    random = Random(4)
    for _ in range(200):
        id = random.choice("abc")
        step = random.choice((SetQuantity(id, random.randint(1, 4)), SetPrice(id, 100 * random.randint(1, 5))))
        assert followed.mutate(step)
        followed.quote()


def test_a_segment_that_lost_its_last_line_brings_no_candidates() -> None:
    """A search visits the same nodes and finds the same set as for a cart whose line was never cheap."""
    item = "\n".join(
        f"  i{index:02}: {{layer: item, reward: {{percent_off: {{of: cart, percent: {3 + index}}}}}}}"
        for index in range(12)
    )
    order = "\n".join(
        f"  o{index}: {{layer: order, when: cheap.quantity >= 1, "
        f"reward: {{amount_off: {{of: cart, amount: {5 + index}.00, per: order}}}}}}"
        for index in range(6)
    )
    rules = f"""\
selection: global
search: {{nodes: 30}}
segments:
  cheap: item.price < 5.00
promotions:
{item}
{order}
"""
    lines = tuple(
        Line(id=id, sku=id, quantity=quantity, price=price)
        for id, quantity, price in (("a", 3, 499), ("b", 2, 3999), ("c", 2, 1999))
    )
    follows(rules, Cart(id="c", currency="USD", at=NOW, lines=lines), SetPrice("a", 600))


def test_promotions_that_are_gone_leave_no_trace_in_a_search() -> None:
    """300 promotions needed a code that is detached again; a search among the few others runs as if they never were."""
    coded = "\n".join(
        f"  e{index:03}: {{layer: points, coupon: {{codes: [MANY]}}, reward: {{points: {{fixed: {index + 1}}}}}}}"
        for index in range(300)
    )
    random = Random(109)
    bundles = "\n".join(
        f"  o{index:02}: {{layer: order, reward: {{bundle: {{parts: [{{of: {random.choice('abcd')}, quantity: 2}}, "
        f"{{of: {random.choice('efgh')}, quantity: 1}}], percent_off: {random.randint(5, 40)}, repeat: 2}}}}}}"
        for index in range(14)
    )
    segments = "\n".join(f'  {id}: item.sku in ["{id}", "a"]' for id in "abcdefgh")
    rules = f"""\
search: {{nodes: 60}}
segments:
{segments}
layers:
  - {{name: order, kind: goods, combine: best}}
  - {{name: points, kind: points}}
promotions:
{bundles}
{coded}
"""
    lines = tuple(
        Line(id=id, sku=id, quantity=random.randint(6, 12), price=random.randint(100, 9999)) for id in "abcdefgh"
    )
    cart = Cart(id="c", currency="USD", at=NOW, lines=lines, coupons=("MANY",))
    follows(rules, cart, DetachCoupon("MANY"))


def follows(rules: str, cart: Cart, mutation: Mutation) -> None:
    followed = Followed(rules, cart)
    followed.quote()
    assert followed.mutate(mutation)
    followed.quote()
