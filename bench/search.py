"""Times the search for the best set of promotions on random carts of 50 lines, and on hostile ones.

    python -m bench.search [--cases N] [--nodes N]

Promotions are entangled on purpose: they share units, claim them, exclude each other, have thresholds, caps and floors.
Every one of them is a candidate: its condition holds and it would have an effect alone. Timed is ``evaluate`` alone, in
one layer (``best``) and over three layers (``global``). The gap is measured against the saving that was found.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from statistics import median

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from engine._native.program import Program
from engine._native.session import Session
from engine.pricing.cart import Cart, Line, Rate, Shipment
from engine.rules import compile, load_text

LINES = 50
CATEGORIES = ("shoes", "shirts", "hats", "bags", "socks", "coats")
BRANDS = ("acme", "zenith", "north", "plain")
SEGMENTS = ("cart", *CATEGORIES, *BRANDS, "dear", "cheap")
GROUPS = ("season", "loyalty", "brand")
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
    "cheap": "item.price < 40.00",
}
LAYERED = "  - {name: item, kind: goods, combine: best}"
GLOBAL = """\
  - {name: item, kind: goods}
  - {name: order, kind: goods}
  - {name: shipping, kind: shipping}"""


@dataclass(frozen=True, slots=True)
class Measured:
    """One cart: seconds, and what the quote says of its search."""

    seconds: float
    saving: int
    optimal: bool
    nodes: int
    gap: int

    @property
    def within(self) -> float:
        """The gap as a part of the saving."""
        return self.gap / self.saving if self.saving else float(self.gap > 0)


def reward(random: Random) -> str:
    """The reward of a promotion in a goods layer, as in a rule file."""
    of = random.choice(SEGMENTS)
    pick = random.choice(("cheapest", "dearest"))
    percent = random.choice((5, 7.5, 10, 12.5, 15, 20, 25, 30))
    cap = f", up_to: {random.choice((5, 10, 20, 40))}.00" if random.random() < 0.35 else ""
    repeat = random.choice((1, 2, 3, "unlimited"))
    chance = random.random()
    if chance < 0.3:
        per = random.choice(("unit", "line", "order"))
        return f"{{percent_off: {{of: {of}, percent: {percent}, per: {per}{cap}}}}}"
    if chance < 0.42:
        per, amount = random.choice((("unit", "1.50"), ("line", "4.00"), ("order", "15.00"), ("order", "30.00")))
        return f"{{amount_off: {{of: {of}, amount: {amount}, per: {per}{cap}}}}}"
    if chance < 0.47:
        return f"{{fixed_price: {{of: {of}, price: {random.choice((19, 29, 49))}.00, per: unit{cap}}}}}"
    if chance < 0.6:
        units = f"units: {{quantity: {random.choice((1, 2, 3, 5))}, pick: {pick}}}"
        return f"{{percent_off: {{of: {of}, percent: {random.choice((20, 30, 50, 100))}, {units}{cap}}}}}"
    if chance < 0.8:
        get = random.choice((of, of, random.choice(SEGMENTS)))
        off = random.choice(("percent_off: 50", "percent_off: 100", "amount_off: 10.00"))
        return (
            f"{{buy_get: {{buy: {{of: {of}, quantity: {random.choice((1, 2, 3))}}}, "
            f"get: {{of: {get}, quantity: 1, {off}}}, pick: {pick}, repeat: {repeat}}}}}"
        )
    parts = ", ".join(
        f"{{of: {each}, quantity: {random.choice((1, 1, 2))}}}"
        for each in random.sample(SEGMENTS, random.choice((2, 3)))
    )
    off = random.choice((f"percent_off: {percent}", "amount_off: 12.00", "fixed_price: 79.00"))
    return f"{{bundle: {{parts: [{parts}], {off}, pick: {pick}, repeat: {repeat}}}}}"


def shipping_reward(random: Random) -> str:
    return random.choice(
        ("{shipping: {free: true}}", "{shipping: {percent_off: 50}}", "{shipping: {amount_off: 4.00}}")
    )


def promotions(random: Random, count: int, layers: tuple[str, ...]) -> Iterator[str]:
    for index in range(count):
        layer = random.choices(layers, weights=(6, 3, 1)[: len(layers)])[0]
        yield f"  p{index}:"
        yield f"    layer: {layer}"
        yield f"    priority: {random.randrange(5)}"
        if random.random() < 0.5:
            yield f"    when: cart.subtotal >= {random.choice((50, 500, 1000))}.00"
        if random.random() < 0.3:
            yield f"    group: {random.choice(GROUPS)}"
        if random.random() < 0.3:
            others = random.sample([f"p{other}" for other in range(count) if other != index], random.choice((1, 2, 3)))
            yield f"    excludes: [{', '.join(others)}]"
        yield f"    reward: {shipping_reward(random) if layer == 'shipping' else reward(random)}"


def random_program(random: Random, count: int, selection: str, nodes: int) -> Program:
    head = HEAD.format(
        selection=selection,
        nodes=nodes,
        segments="\n".join(f"  {name}: '{text}'" for name, text in FILTERS.items()),
        groups="\n".join(f"  {name}: {{policy: one}}" for name in GROUPS),
        layers=GLOBAL if selection == "global" else LAYERED,
    )
    layers = ("item", "order", "shipping") if selection == "global" else ("item",)
    return Program.load(compile(load_text(head + "\n".join(promotions(random, count, layers)) + "\n")))


def random_cart(random: Random) -> Cart:
    return Cart(
        id="cart",
        currency="USD",
        at=1_780_000_000 * 10**9,
        lines=tuple(random_line(random, index) for index in range(LINES)),
        shipments=(Shipment(id="s", method="standard", rates=(Rate(method="standard", price=995),)),),
    )


def random_line(random: Random, index: int) -> Line:
    price = random.choice((499, 999, 1250, 1999, 2995, 3999, 5999, 8999, 14900)) + random.choice((0, 0, 0, 37))
    return Line(
        id=f"l{index}",
        sku=f"SKU-{index}",
        quantity=random.choice((1, 1, 1, 2, 2, 3, 5)),
        price=price,
        minimum_price=price * random.choice((60, 75, 85)) // 100 if random.random() < 0.4 else None,
        category=random.choice(CATEGORIES),
        brand=random.choice(BRANDS),
    )


def measure(session: Session, cart: Cart) -> Measured:
    session.load(cart)
    started = time.perf_counter()
    session.evaluate()
    seconds = time.perf_counter() - started
    quote = session.quote()
    assert quote.search is not None
    saving = quote.merchandise + quote.shipping_price - quote.total
    return Measured(seconds, saving, quote.search.optimal, quote.search.nodes, quote.search.gap)


def random_cases(count: int, selection: str, nodes: int, cases: int, progress: Progress) -> list[Measured]:
    task = progress.add_task(f"{count} candidates, {selection}", total=cases)
    measured = []
    for seed in range(cases):
        random = Random(f"{selection} {count} {seed}")
        session = Session(random_program(random, count, selection, nodes))
        cart = random_cart(random)
        measure(session, cart)
        measured.append(min((measure(session, cart) for _ in range(3)), key=lambda each: each.seconds))
        progress.advance(task)
    return measured


def describe(name: str, measured: list[Measured]) -> tuple[str, ...]:
    milliseconds = [each.seconds * 1000 for each in measured]
    return (
        name,
        str(len(measured)),
        f"{100 * sum(each.optimal for each in measured) / len(measured):.1f} %",
        f"{100 * sum(each.within <= 0.01 for each in measured) / len(measured):.1f} %",
        f"{100 * max(each.within for each in measured):.2f} %",
        f"{median(milliseconds):.3f}",
        f"{max(milliseconds):.3f}",
        f"{median(each.nodes for each in measured):,.0f}",
        f"{max(each.nodes for each in measured):,}",
    )


def excluding_each_other(nodes: int) -> tuple[Program, Cart]:
    """1,000 promotions of which any two exclude each other."""
    text = HEAD.format(
        selection="layered",
        nodes=nodes,
        segments="  all_of_it: 'item.quantity > 0'",
        groups="  one: {policy: all}",
        layers=LAYERED,
    )
    for index in range(1000):
        text += f"  p{index:04}:\n    layer: item\n    group: one\n    excludes: ['group:one']\n"
        text += f"    reward: {{percent_off: {{of: all_of_it, percent: {1 + index % 40}}}}}\n"
    return Program.load(compile(load_text(text))), random_cart(Random(0))


def bundles_of_one_segment(nodes: int) -> tuple[Program, Cart]:
    """200 bundles over the same segment of a cart of 2,000 lines."""
    text = HEAD.format(
        selection="layered",
        nodes=nodes,
        segments="  all_of_it: 'item.quantity > 0'",
        groups="  one: {policy: one}",
        layers=LAYERED,
    )
    for index in range(200):
        part = f"{{of: all_of_it, quantity: {2 + index % 3}}}"
        text += f"  b{index:03}:\n    layer: item\n"
        text += f"    reward: {{bundle: {{parts: [{part}], percent_off: {5 + index % 30}, repeat: {1 + index % 7}}}}}\n"
    random = Random(1)
    lines = tuple(random_line(random, index) for index in range(2000))
    return Program.load(compile(load_text(text))), Cart(id="cart", currency="USD", at=10**18, lines=lines)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__.splitlines()[0])
    arguments.add_argument("--cases", type=int, default=300, help="random carts of each size (default 300)")
    arguments.add_argument("--nodes", type=int, default=10_000, help="the budget of a search (default 10,000)")
    given = arguments.parse_args()
    console = Console()
    table = Table(
        "carts of 50 lines",
        "cases",
        "proven best",
        "gap at most 1 %",
        "largest gap",
        "median ms",
        "max ms",
        "median nodes",
        "max nodes",
        title=f"Search, at most {given.nodes:,} nodes; gaps in % of the saving",
    )
    with Progress(console=console) as progress:
        for selection in ("layered", "global"):
            for count in (12, 24, 40):
                measured = random_cases(count, selection, given.nodes, given.cases, progress)
                table.add_row(*describe(f"{count} candidates, {selection}", measured))
        hostile = Table("hostile", "proven best", "gap", "ms", "nodes", "memory MB")
        for name, make in (
            ("1,000 excluding each other", excluding_each_other),
            ("200 bundles, 2,000 lines", bundles_of_one_segment),
        ):
            program, cart = make(given.nodes)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            session = Session(program)
            each = measure(session, cart)
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            hostile.add_row(
                name,
                "yes" if each.optimal else "no",
                f"{100 * each.within:.2f} %",
                f"{each.seconds * 1000:,.1f}",
                f"{each.nodes:,}",
                f"{grown:.0f}",
            )
    console.print(table)
    console.print(hostile)


if __name__ == "__main__":
    main()
