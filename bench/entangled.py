"""Random rule sets whose promotions are entangled on purpose, and carts of 50 lines for them.

Promotions share units, claim them, exclude each other, have thresholds, caps and floors. Their conditions hold on
nearly every cart; now and then one finds nothing to take. With few exclusions more than half of them apply at once,
with more exclusions a third.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from engine._native.program import Program
from engine._native.session import Session
from engine.pricing.cart import Cart, Line, Rate, Shipment
from engine.rules import compile, load_text

LINES = 50
PRICES = {
    "socks": (499, 699, 899, 1250),
    "hats": (1499, 1999, 2499, 2995),
    "shirts": (1999, 2499, 3499, 4500),
    "bags": (3999, 4999, 6999, 8900),
    "shoes": (5999, 7900, 9999, 13900),
    "coats": (8999, 11900, 15999, 22900),
}
"""Unit prices of a category, in cents."""
CATEGORIES = tuple(PRICES)
BRANDS = ("acme", "zenith", "north", "plain")
WIDE = ("cart", "dear", "cheap", *BRANDS)
SEGMENTS = (*WIDE, *CATEGORIES, *CATEGORIES)
GROUPS = ("season", "loyalty", "brand")


@dataclass(frozen=True, slots=True)
class Exclusion:
    """The share of the promotions that are in a group, and of those that exclude others; and how many others."""

    share: float
    others: tuple[int, ...]


FEW = Exclusion(0.3, (1, 2, 3))
MORE = Exclusion(0.5, (2, 3, 4, 5))
EXCLUSIONS = {"few": FEW, "more": MORE}
HEAD = """\
ruleset: search
currencies: [USD]
timezone: UTC
selection: {selection}
search: {{nodes: {nodes}}}
segments:
{segments}
groups:
{groups}
layers:
{layers}
promotions:
"""
FILTERS = {
    **{category: f'item.category == "{category}"' for category in CATEGORIES},
    **{brand: f'item.brand == "{brand}"' for brand in BRANDS},
    "dear": "item.price >= 60.00",
    "cheap": "item.price < 30.00",
}
LAYERED = "  - {name: item, kind: goods, combine: best}"
GLOBAL = """\
  - {name: item, kind: goods}
  - {name: order, kind: goods}
  - {name: shipping, kind: shipping}"""


def reward(random: Random, claiming: float) -> str:
    """The reward of a promotion in a goods layer, as in a rule file; two fifths of that part claim units."""
    of = random.choice(SEGMENTS)
    pick = random.choices(("cheapest", "dearest"), (4, 1))[0]
    percent = random.choice((5, 7.5, 10, 12.5, 15, 20, 25, 30))
    cap = f", up_to: {random.choice((5, 10, 20, 40))}.00" if random.random() < 0.35 else ""
    repeat = random.choice((1, 1, 1, 2, 3, "unlimited"))
    chance = random.random() if random.random() < claiming else random.random() * 0.6
    if chance < 0.3:
        per = random.choice(("unit", "line", "order"))
        return f"{{percent_off: {{of: {of}, percent: {percent}, per: {per}{cap}}}}}"
    if chance < 0.4:
        per, amount = random.choice((("unit", "0.75"), ("line", "2.50"), ("order", "10.00"), ("order", "25.00")))
        return f"{{amount_off: {{of: {of}, amount: {amount}, per: {per}{cap}}}}}"
    if chance < 0.46:
        category = random.choice(CATEGORIES)
        price = random.choice(PRICES[category][1:]) * 85 // 100
        return f"{{fixed_price: {{of: {category}, price: {price / 100:.2f}, per: unit{cap}}}}}"
    if chance < 0.6:
        units = f"units: {{quantity: {random.choice((1, 2, 3, 5))}, pick: {pick}}}"
        return f"{{percent_off: {{of: {of}, percent: {random.choice((20, 30, 50))}, {units}{cap}}}}}"
    if chance < 0.8:
        bought = random.choice((1, 2, 2, 3))
        get = of if random.random() < 0.75 else random.choice(SEGMENTS)
        off = random.choice(("percent_off: 30", "percent_off: 50", "percent_off: 100", "amount_off: 5.00"))
        return (
            f"{{buy_get: {{buy: {{of: {of}, quantity: {bought}}}, get: {{of: {get}, quantity: 1, {off}}}, "
            f"pick: {pick}, repeat: {repeat}}}}}"
        )
    segments = random.sample(CATEGORIES, random.choice((1, 2, 2, 3)))
    quantities = [random.choice((1, 1, 2)) if len(segments) > 1 else 3 for _ in segments]
    price = sum(PRICES[each][1] * quantity for each, quantity in zip(segments, quantities, strict=True))
    if random.random() < 0.3:
        segments[0] = random.choice(BRANDS)
    parts = ", ".join(f"{{of: {of}, quantity: {quantity}}}" for of, quantity in zip(segments, quantities, strict=True))
    off = random.choice(
        (
            f"percent_off: {percent}",
            f"amount_off: {price * 12 // 100 / 100:.2f}",
            f"fixed_price: {price * 85 // 100 / 100:.2f}",
        )
    )
    return f"{{bundle: {{parts: [{parts}], {off}, pick: {pick}, repeat: {repeat}}}}}"


def shipping_reward(random: Random) -> str:
    return random.choice(
        ("{shipping: {free: true}}", "{shipping: {percent_off: 50}}", "{shipping: {amount_off: 4.00}}")
    )


def promotions(
    random: Random, count: int, layers: tuple[str, ...], claiming: float, exclusion: Exclusion
) -> Iterator[str]:
    for index in range(count):
        layer = random.choices(layers, weights=(6, 3, 1)[: len(layers)])[0]
        yield f"  p{index}:"
        yield f"    layer: {layer}"
        yield f"    priority: {random.randrange(5)}"
        if random.random() < 0.5:
            yield f"    when: cart.subtotal >= {random.choice((50, 500, 1000))}.00"
        if random.random() < exclusion.share:
            yield f"    group: {random.choice(GROUPS)}"
        if random.random() < exclusion.share:
            excluded = random.choice(exclusion.others)
            others = random.sample([f"p{other}" for other in range(count) if other != index], excluded)
            yield f"    excludes: [{', '.join(others)}]"
        yield f"    reward: {shipping_reward(random) if layer == 'shipping' else reward(random, claiming)}"


def head(nodes: int, layers: str = LAYERED, selection: str = "layered", groups: tuple[str, ...] = GROUPS) -> str:
    """The beginning of a rule file, up to its promotions."""
    return HEAD.format(
        selection=selection,
        nodes=nodes,
        segments="\n".join(f"  {name}: '{text}'" for name, text in FILTERS.items()),
        groups="\n".join(f"  {name}: {{policy: one}}" for name in groups),
        layers=layers,
    )


def random_rules(
    random: Random,
    count: int,
    nodes: int,
    layers: str = LAYERED,
    selection: str = "layered",
    claiming: float = 1,
    exclusion: Exclusion = FEW,
) -> str:
    among = ("item", "order", "shipping") if selection == "global" else ("item",)
    return head(nodes, layers, selection) + "\n".join(promotions(random, count, among, claiming, exclusion)) + "\n"


def random_program(
    random: Random, count: int, selection: str, nodes: int, claiming: float = 1, exclusion: Exclusion = FEW
) -> Program:
    layers = GLOBAL if selection == "global" else LAYERED
    return Program.load(compile(load_text(random_rules(random, count, nodes, layers, selection, claiming, exclusion))))


def random_cart(random: Random) -> Cart:
    return Cart(
        id="cart",
        currency="USD",
        at=1_780_000_000 * 10**9,
        lines=tuple(random_line(random, index) for index in range(LINES)),
        shipments=(Shipment(id="s", method="standard", rates=(Rate(method="standard", price=995),)),),
    )


def random_line(random: Random, index: int) -> Line:
    category = random.choice(CATEGORIES)
    price = random.choice(PRICES[category])
    return Line(
        id=f"l{index}",
        sku=f"SKU-{index}",
        quantity=random.choice((1, 1, 1, 2, 2, 3, 5)),
        price=price,
        minimum_price=price * random.choice((60, 75, 85)) // 100 if random.random() < 0.4 else None,
        category=category,
        brand=random.choice(BRANDS),
    )


def random_case(
    count: int, selection: str, nodes: int, seed: int, claiming: float, exclusion: Exclusion = FEW
) -> tuple[Session, Cart]:
    random = Random(f"{selection} {count} {seed}")
    program = random_program(random, count, selection, nodes, claiming, exclusion)
    return Session(program), random_cart(random)
