"""Times the search for the best set of promotions on random carts of 50 lines.

    python -m bench.search [--cases N] [--nodes N]

Promotions are entangled on purpose: they share units, claim them, exclude each other, have thresholds, caps and floors.
Their conditions hold on nearly every cart; now and then one finds nothing to take. With few exclusions more than half
of them apply at once, with more exclusions a third. Only ``evaluate`` is timed, by processor time, the quickest of
three, in one layer (``best``) and over three layers (``global``). Gaps are relative to the saving found. Carts without
a proof are searched again with ten times the nodes, to see how much less was saved.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from random import Random
from statistics import mean, median

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from engine._native.program import Program
from engine._native.session import Session
from engine.pricing.cart import Cart, Line, Rate, Shipment
from engine.rules import compile, load_text
from engine.rules.checked import SEARCH_NODES

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
TIMES = 10
CLAIMING = (0.0, 0.5, 1.0)
"""How entangled the promotions are: with rewards of all kinds, two fifths claim units; otherwise none do."""
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


@dataclass(frozen=True, slots=True)
class Measured:
    """One cart: the seconds, and what the quote says about its search."""

    seconds: float
    saving: int
    applied: int
    optimal: bool
    nodes: int
    gap: int
    most: int
    """The saving with ten times the nodes."""

    @property
    def less(self) -> float:
        """How much less was saved, relative to that."""
        return (self.most - self.saving) / self.most if self.most else 0.0

    @property
    def within(self) -> float:
        """The gap, relative to the saving."""
        return self.gap / self.saving if self.saving else float(self.gap > 0)


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


def measure(session: Session, cart: Cart) -> Measured:
    session.load(cart)
    started = time.process_time()
    session.evaluate()
    seconds = time.process_time() - started
    quote = session.quote()
    assert quote.search is not None
    found, applied = quote.search, sum(len(layer.adjustments) for layer in quote.layers)
    return Measured(seconds, quote.saved, applied, found.optimal, found.nodes, found.gap, quote.saved)


def random_case(
    count: int, selection: str, nodes: int, seed: int, claiming: float, exclusion: Exclusion = FEW
) -> tuple[Session, Cart]:
    random = Random(f"{selection} {count} {seed}")
    program = random_program(random, count, selection, nodes, claiming, exclusion)
    return Session(program), random_cart(random)


def measured_case(count: int, selection: str, nodes: int, seed: int, claiming: float, exclusion: Exclusion) -> Measured:
    session, cart = random_case(count, selection, nodes, seed, claiming, exclusion)
    measure(session, cart)
    quickest = min((measure(session, cart) for _ in range(3)), key=lambda each: each.seconds)
    if quickest.optimal:
        return quickest
    longer = measure(*random_case(count, selection, TIMES * nodes, seed, claiming, exclusion))
    return replace(quickest, most=max(quickest.saving, longer.saving))


def describe(measured: list[Measured]) -> tuple[str, ...]:
    milliseconds = [each.seconds * 1000 for each in measured]
    return (
        f"{mean(each.applied for each in measured):.0f}",
        f"{100 * sum(each.optimal for each in measured) / len(measured):.1f} %",
        f"{100 * sum(each.within <= 0.01 for each in measured) / len(measured):.1f} %",
        f"{100 * max(each.within for each in measured):.2f} %",
        f"{median(milliseconds):.3f}",
        f"{max(milliseconds):.3f}",
        f"{median(each.nodes for each in measured):,.0f}",
        f"{100 * mean(each.less for each in measured):.2f} %",
        f"{100 * max(each.less for each in measured):.2f} %",
    )


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__.splitlines()[0])
    arguments.add_argument("--cases", type=int, default=200, help="random carts of each kind (default 200)")
    arguments.add_argument("--nodes", type=int, default=SEARCH_NODES, help="the budget of a search")
    given = arguments.parse_args()
    console = Console()
    title = (
        f"Search, at most {given.nodes:,} nodes; gaps in % of the saving; milliseconds: the quickest of three; "
        f"losses: in % of what {TIMES} times the nodes save"
    )
    heads = (
        "claiming",
        "exclusions",
        "applied",
        "proven best",
        "gap at most 1 %",
        "largest gap",
        "median ms",
        "max ms",
        "median nodes",
        "mean loss",
        "largest loss",
    )
    table = Table(f"{given.cases} carts of {LINES} lines", *heads, title=title)
    kinds = list(product(("layered", "global"), EXCLUSIONS.items(), (12, 24, 40), CLAIMING))
    with Progress(console=console) as progress:
        task = progress.add_task("searching", total=len(kinds) * given.cases)
        for selection, (exclusions, exclusion), count, claiming in kinds:
            measured = []
            for seed in range(given.cases):
                measured.append(measured_case(count, selection, given.nodes, seed, claiming, exclusion))
                progress.advance(task)
            kind = (f"{count} candidates, {selection}", f"{40 * claiming:.0f} %", exclusions)
            table.add_row(*kind, *describe(measured))
    console.print(table)


if __name__ == "__main__":
    main()
