"""What is kept of the last pricing of a cart: the same bytes as of a cart never seen before."""

from __future__ import annotations

from random import Random

import pytest

from engine.pricing.cart import Cart, Customer, Line, Rate, Shipment, Usage
from engine.pricing.mutations import (
    AttachCoupon,
    ChooseRate,
    DetachCoupon,
    Mutation,
    RemoveLine,
    SetCustomer,
    SetLine,
    SetPaymentMethod,
    SetPrice,
    SetQuantity,
    SetUsage,
)
from engine.pricing.reference import Reference
from tests.native.followed import Followed
from tests.native.wire.requests import NOW
from tests.programs import checked

CASES, LENGTH = 60, 40
HEAD = """\
leftover: LEFTOVER
floor: {markup_percent: 5}
attributes: {item: {model: string}}
segments:
  some: item.sku in ["a", "b", "c"]
  many: item.quantity >= 4
  dear: item.price >= 0.50
  one: item.sku == "d"
groups: {either: {policy: one}, both: {policy: together}}
"""
LEFTOVERS = ("largest_remainder", "largest_remainder", "first_lines", "last_line", "carried", "rounded")
SEGMENTS = ("cart", "cart", "some", "many", "dear", "one")
OF_WHOLE_LINES = (
    "percent_off: {of: OF, percent: LARGE, per: line}",
    "percent_off: {of: OF, percent: LARGE, per: unit}",
    "percent_off: {of: OF, percent: LARGE, per: line, skip_reduced: true}",
    "amount_off: {of: OF, amount: 0.0SMALL, per: unit}",
    "amount_off: {of: OF, amount: 0.0SMALL, per: line}",
    "amount_off: {of: OF, amount: 0.0SMALL, per: unit, up_to: 0.LARGE}",
    "fixed_price: {of: OF, price: 0.LARGE, per: unit}",
    "amount_off: {of: OF, amount: 0.LARGE, per: order}",
    "percent_off: {of: OF, percent: LARGE, per: order}",
    "percent_off: {of: OF, percent: LARGE, per: order, up_to: 0.LARGE}",
    "percent_off: {of: OF, percent: {by: cart.subtotal, steps: [STEPS]}}",
    "amount_off: {of: OF, per: order, amount: {by: cart.quantity, steps: [STEPS]}}",
    "amount_off: {of: OF, per: order, amount: {by: some.quantity, every: SMALL, value: 0.0SMALL}}",
    "percent_off: {of: OF, per: line, percent: {by: cart.subtotal, every: 1.00, value: SMALL, up_to: LARGE}}",
)
REWARDS = (
    *OF_WHOLE_LINES,
    "percent_off: {of: OF, percent: LARGE, per: line, shipping: true}",
    "percent_off: {of: OF, percent: LARGE, per: order, shipping: true}",
    "amount_off: {of: OF, amount: 0.LARGE, per: order, shipping: true}",
    "amount_off: {of: OF, amount: 1.LARGE, per: order, shipping: true, up_to: 0.LARGE, skip_reduced: true}",
    "percent_off: {of: OF, percent: LARGE, per: line, base: list_price}",
    "percent_off: {of: OF, percent: LARGE, per: unit, base: list_price}",
    "percent_off: {of: OF, percent: LARGE, per: order, base: list_price, shipping: true}",
    "percent_off: {of: OF, percent: 50, units: {quantity: SMALL, pick: dearest}}",
    "percent_off: {of: OF, percent: LARGE, units: {quantity: SMALL, per: sku}}",
    "percent_off: {of: OF, percent: LARGE, units: {at_least: SMALL, per: attributes.model}}",
    "buy_get: {buy: {of: OF, quantity: 1}, get: {of: some, quantity: 1, percent_off: 50}}",
    "buy_get: {buy: {of: OF, quantity: 1}, get: {of: OF, quantity: 1, percent_off: 50}, repeat: unlimited, same: sku}",
    "buy_get: {buy: {of: OF, quantity: 1}, get: {of: some, quantity: 1, percent_off: 50}, carried_by: set}",
    "bundle: {parts: [{of: OF, quantity: SMALL}], percent_off: LARGE, same: sku}",
    "bundle: {parts: [{of: OF, quantity: SMALL}], percent_off: LARGE, repeat: 2, same: attributes.model}",
    "bundle: {parts: [{of: OF, quantity: 2}], percent_off: LARGE, repeat: unlimited, different: attributes.model}",
    "bundle: {parts: [{of: OF, quantity: 2}, {of: dear, quantity: 1}], percent_off: LARGE, repeat: 2}",
    "bundle: {parts: [{of: OF, quantity: 1, full_price: true}, {of: dear, quantity: 1}], percent_off: LARGE}",
    "credit: {amount: 0.LARGE}",
)
CONDITIONS = (
    *("",) * 5,
    "when: cart.subtotal >= 3.00, ",
    "when: some.subtotal >= 1.00, ",
    "when: many.quantity >= 5, ",
    'when: customer.tier == "gold", ',
    "when: cart.shipping >= 2.00, ",
    "coupon: {codes: [CODE]}, ",
    "limits: {budget: 0.30}, ",
    "limits: {budget: 0.30, partial: true}, ",
)
TIES = (*("",) * 8, "group: either, ", "excludes: [p0], ", "exclusive: layer, ", "exclusive: cart, ")
SHIPPING = (
    "{free: true}",
    "{amount_off: 1.50, per: order}",
    "{amount_off: {by: shipment.quantity, every: 3, value: 0.70}, per: order, up_to: 2.50}",
)


def text(random: Random) -> str:
    """Up to three goods layers with up to nine promotions, one of them on shipping, and a points layer at the end."""
    combines = random.choices(("all", "first", "best", "best_per_line"), (3, 1, 1, 1), k=random.randint(1, 3))
    layers = [
        f"{{name: l{index}, kind: goods, combine: {combine}, "
        f"percentages: {random.choice(('additive', 'additive', 'compounding'))}}}"
        for index, combine in enumerate(combines)
    ]
    shipping = random.choice(("all", "best", "best_per_line"))
    layers.insert(random.randint(0, len(layers)), f"{{name: ship, kind: shipping, combine: {shipping}}}")
    promotions = "".join(promotion(random, index, combines) for index in range(random.randint(2, 9)))
    return (
        f"{HEAD.replace('LEFTOVER', random.choice(LEFTOVERS))}layers: [{', '.join(layers)}, "
        f"{{name: points, kind: points}}]\npromotions:\n{promotions}"
        f"  ship: {{layer: ship, when: shipment.subtotal >= 2.00, reward: {{shipping: {random.choice(SHIPPING)}}}}}\n"
        f"  other: {{layer: ship, when: shipment.subtotal >= 1.00, reward: {{shipping: {random.choice(SHIPPING)}}}}}\n"
        "  spent: {layer: points, reward: {points: {per_unit_spent: 100, of: many}}}\n"
    )


def promotion(random: Random, index: int, combines: list[str]) -> str:
    layer = random.randrange(len(combines))
    of_lines = combines[layer] == "best_per_line"
    tie = random.choice(TIES) if index else ""
    if of_lines and (tie.startswith("exclusive") or random.random() < 0.5):
        tie = "group: both, "
    return (
        f"  p{index}: {{layer: l{layer}, priority: {random.randint(0, 3)}, {random.choice(CONDITIONS)}{tie}"
        f"reward: {{{reward(random, OF_WHOLE_LINES if of_lines else REWARDS)}}}}}\n"
    )


def reward(random: Random, rewards: tuple[str, ...]) -> str:
    small, large = str(random.randint(1, 9)), str(random.randint(10, 40))
    chosen = random.choice(rewards).replace("OF", random.choice(SEGMENTS))
    chosen = chosen.replace("STEPS", "{from: 1, value: 0.0SMALL}, {from: 9, value: 0.LARGE}")
    return chosen.replace("SMALL", small).replace("LARGE", large)


def cart_of(random: Random) -> Cart:
    rates = (Rate(method="slow", price=100), Rate(method="fast", price=300))
    return Cart(
        id="c",
        currency="USD",
        at=NOW,
        lines=tuple(line(random, id) for id in "abcdefgh"[: random.randint(2, 8)]),
        shipments=(Shipment(id="s", rates=rates, method="slow"), Shipment(id="t", rates=rates)),
    )


def line(random: Random, id: str) -> Line:
    """Cheap lines, so that units reach their floors."""
    price = random.choice((1, 2, 3, 9, 10, 33, 60, 100))
    return Line(
        id=id,
        sku=random.choice((id, id, "a", "d")),
        quantity=random.randint(1, 6),
        price=price,
        list_price=random.choice((None, price, price + 10)),
        cost=random.choice((None, None, price // 3)),
        minimum_price=random.choice((None, None, price // 2)),
        attributes=random.choice(({}, {"model": "m"}, {"model": "n"})),
        shipment_id=random.choice(("s", "t")),
    )


def mutation(random: Random, cart: Cart) -> Mutation:
    chosen = random.choice(cart.lines).id
    return random.choice(
        (
            *(SetQuantity(chosen, random.randint(1, 6)),) * 6,
            *(SetPrice(chosen, random.choice((1, 3, 10, 33, 60, 100))),) * 3,
            *(RemoveLine(chosen), SetLine(line(random, random.choice("abcdefghijkl")))) * 2,
            SetCustomer(Customer(tier=random.choice(("gold", "basic")))),
            SetPaymentMethod(random.choice(("card", "invoice"))),
            ChooseRate(random.choice("st"), random.choice(("", "slow", "fast"))),
            AttachCoupon("CODE"),
            DetachCoupon("CODE"),
            SetUsage(Usage(promotion_id=f"p{random.randrange(9)}", spent=random.choice((0, 10, 30)))),
        )
    )


@pytest.mark.parametrize(
    "promotion",
    [
        "reward: {amount_off: {of: cart, per: unit, amount: 0.05, up_to: 0.60}}",
        "reward: {percent_off: {of: cart, percent: 10, up_to: {by: cart.quantity, every: 4, value: 0.20}}}",
        "reward: {percent_off: {of: cart, percent: {by: cart.subtotal, every: 3.00, value: 5}}}",
        "reward: {bundle: {parts: [{of: b, quantity: 1}], percent_off: 9, repeat: {by: a.weight, every: 9, value: 1}}}",
        "reward: {bundle: {parts: [{of: b, quantity: {by: a.quantity, every: 1, value: 1}}], percent_off: 10}}",
        "when: 'has(cart.channel) || cart.subtotal >= 9.00', reward: {percent_off: {of: cart, percent: 10}}",
        "when: 'has(cart.channel) ? true : cart.subtotal >= 9.00', reward: {percent_off: {of: cart, percent: 10}}",
        "when: has(cart.weight), reward: {percent_off: {of: cart, percent: 10}}",
        "limits: {budget: 0.30, partial: true}, reward: {percent_off: {of: cart, percent: 10}}",
    ],
)
def test_one_promotion_is_asked_again_when_what_it_reads_changes(promotion: str) -> None:
    rules = f"""\
segments: {{a: item.sku == "a", b: item.sku == "b"}}
layers: [{{name: early, kind: goods}}, {{name: item, kind: goods}}]
promotions:
  early: {{layer: early, reward: {{amount_off: {{of: cart, per: line, amount: 0.05}}}}}}
  late: {{layer: item, {promotion}}}
"""
    random = Random(promotion)
    lines = tuple(Line(id=id, sku=id, quantity=3, price=100, weight=10) for id in "abc")
    followed = Followed(rules, Cart(id="c", currency="USD", at=NOW, lines=lines))
    for _ in range(60):
        chosen = random.choice("abc")
        without_weight = Line(id="d", sku="d", quantity=1, price=10)
        options = (
            SetQuantity(chosen, random.randint(1, 6)),
            SetPrice(chosen, random.choice((50, 100, 200))),
            SetUsage(Usage(promotion_id="late", spent=random.choice((0, 10, 30)))),
            RemoveLine("d") if len(followed.cart.lines) > 3 else SetLine(without_weight),
        )
        assert followed.mutate(random.choice(options))
        followed.quote()


@pytest.mark.parametrize("seed", range(4))
def test_what_is_kept_is_what_would_be_found_again(seed: int) -> None:
    random = Random(f"following {seed}")
    for _ in range(CASES):
        rules = text(random)
        followed, reference = Followed(rules, cart_of(random)), Reference(checked(rules), "")
        for step in range(LENGTH):
            if not followed.mutate(*(mutation(random, followed.cart) for _ in range(random.choice((1, 1, 1, 2))))):
                # A code that is not attached cannot be detached, and a removed line cannot be changed.
                continue
            if not followed.cart.lines:
                break
            if random.random() < 0.1:
                continue
            if random.random() < 0.1:
                # Priced without asking for the quote.
                followed.evaluate()
                continue
            quote = followed.quote()
            if step % 8 == 0:
                right = reference.price(followed.cart)
                assert (quote.lines, quote.shipments, quote.layers) == (right.lines, right.shipments, right.layers)


def test_a_first_layer_of_shipping_reads_the_present_subtotals() -> None:
    rules = """\
layers: [{name: ship, kind: shipping}, {name: item, kind: goods}]
promotions:
  free: {layer: ship, when: shipment.subtotal >= 50.00, reward: {shipping: {free: true}}}
  half: {layer: item, reward: {percent_off: {of: cart, percent: 50}}}
"""
    shipment = Shipment(id="s", rates=(Rate(method="slow", price=100),), method="slow")
    cart = Cart(
        id="c",
        currency="USD",
        at=NOW,
        lines=(Line(id="a", sku="a", quantity=6, price=1000), Line(id="b", sku="b", quantity=1, price=1)),
        shipments=(shipment,),
    )
    assert follow(rules, cart, SetQuantity("a", 4), SetQuantity("a", 5)) == [(2000, 100), (2500, 0)]


def test_layers_after_one_that_frees_shipping_read_the_present_rates() -> None:
    """The last layer is asked about a rate that the first one took away or left, and of goods that nothing was off."""
    rules = """\
layers: [{name: ship, kind: shipping}, {name: item, kind: goods}, {name: order, kind: goods}]
promotions:
  free: {layer: ship, when: cart.subtotal >= 50.00, reward: {shipping: {free: true}}}
  many: {layer: item, when: cart.quantity >= 9, reward: {amount_off: {of: cart, amount: 1.00, per: order}}}
  paid: {layer: order, when: cart.shipping >= 1.00, reward: {percent_off: {of: cart, percent: 50, per: order}}}
"""
    cart = Cart(
        id="c",
        currency="USD",
        at=NOW,
        lines=(Line(id="a", sku="a", quantity=6, price=1000), Line(id="b", sku="b", quantity=2, price=100)),
        shipments=(Shipment(id="s", rates=(Rate(method="slow", price=100),), method="slow"),),
    )
    changes = [SetQuantity("a", quantity) for quantity in (4, 5, 3, 7)] + [SetQuantity("a", 1), SetQuantity("b", 8)]
    assert follow(rules, cart, *changes) == [
        (2100, 100),
        (5200, 0),
        (1600, 100),
        (7100, 0),
        (600, 100),
        (850, 100),
    ]


def test_a_promotion_that_closes_the_cart_comes_and_goes() -> None:
    """Everything after it, in its layer and later ones, is priced again."""
    rules = """\
layers: [{name: item, kind: goods}, {name: order, kind: goods}, {name: points, kind: points}]
segments: {some: 'item.sku == "a"'}
promotions:
  only: {layer: item, priority: 2, exclusive: cart, when: cart.quantity >= 5, reward: {percent_off: HALF}}
  tenth: {layer: item, reward: {percent_off: {of: cart, percent: 10, per: line}}}
  order: {layer: order, reward: {amount_off: {of: cart, amount: 1.00, per: order}}}
  point: {layer: points, reward: {points: {per_unit_spent: 1}}}
""".replace("HALF", "{of: some, percent: 50}")
    lines = (Line(id="a", sku="a", quantity=1, price=1000), Line(id="b", sku="b", quantity=1, price=1000))
    cart = Cart(id="c", currency="USD", at=NOW, lines=lines)
    changes = [SetQuantity("b", quantity) for quantity in (2, 4, 5, 2, 3)]
    assert follow(rules, cart, *changes) == [(2600, 0), (4500, 0), (5500, 0), (2600, 0), (3500, 0)]


def test_more_promotions_than_there_is_room_for_are_asked() -> None:
    """A code adds 200 promotions that did not apply when the cart was sent."""
    coded = "\n".join(
        f"  c{index:03}: {{layer: item, coupon: {{codes: [MANY]}}, "
        f"reward: {{amount_off: {{of: cart, amount: 0.01, per: line}}}}}}"
        for index in range(200)
    )
    rules = f"""\
promotions:
  tenth: {{layer: item, priority: 1, reward: {{percent_off: {{of: cart, percent: 10}}}}}}
{coded}
"""
    cart = Cart(id="c", currency="USD", at=NOW, lines=(Line(id="a", sku="a", quantity=1, price=1000),))
    assert follow(rules, cart, AttachCoupon("MANY"), SetPrice("a", 2000), DetachCoupon("MANY")) == [
        (700, 0),
        (1600, 0),
        (1800, 0),
    ]


def test_lines_and_shares_become_long_and_short_again() -> None:
    """The beginning of a line in a quote is kept while it is short; amounts of shares have one, two or three bytes."""
    rules = """\
promotions:
  half: {layer: item, reward: {percent_off: {of: cart, percent: 50, per: order}}}
"""
    lines = (Line(id="a", sku="a", quantity=3, price=5), Line(id="b" * 20, sku="b", quantity=1, price=201))
    cart = Cart(id="c", currency="USD", at=NOW, lines=lines)
    changes = (
        *(SetQuantity("a", quantity) for quantity in (127, 128, 1)),
        *(SetPrice("a", price) for price in (254, 256, 16_383, 16_384, 40_000, 7)),
        SetQuantity("b" * 20, 300),
        SetLine(Line(id="a", sku="a" * 60, quantity=1, price=9)),
        SetLine(Line(id="ab", sku="ab", quantity=2, price=300)),
        RemoveLine("a"),
    )
    sums = [418, 420, 103, 227, 228, 8292, 8292, 20_100, 104, 30_153, 30_154, 30_454, 30_450]
    assert [goods for goods, _ in follow(rules, cart, *changes)] == sums


def follow(rules: str, cart: Cart, *mutations: Mutation) -> list[tuple[int, int]]:
    """The totals of goods and shipping after each mutation; the bytes are those of a cart never seen before."""
    followed = Followed(rules, cart)
    followed.quote()
    sums = []
    for each in mutations:
        assert followed.mutate(each)
        quote = followed.quote()
        sums.append((quote.subtotal, quote.shipping))
    return sums
