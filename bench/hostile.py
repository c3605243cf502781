"""Times searches of rule sets and carts that are valid, and as hostile as we could make them.

    python -m bench.hostile [--nodes N]

Each is priced in a process of its own, first as a whole and then with the quantity of one line changed. Milliseconds
are processor time; nanoseconds are per line and promotion; memory is the growth of the process.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.entangled import GLOBAL, LAYERED, head, random_line, random_rules, reward
from bench.mutations import request
from engine._native.program import Program
from engine._native.session import Session
from engine.pricing.cart import Cart
from engine.pricing.mutations import SetQuantity
from engine.rules import compile, load_text
from engine.rules.checked import SEARCH_NODES

MOST_LINES = 2_000
"""The most that a cart may hold."""
COMPOUNDING = "  - {name: item, kind: goods, combine: best, percentages: compounding}"
SPLITTING = "  - {name: first, kind: goods}\n" + LAYERED
PAGE = 4096


@dataclass(frozen=True, slots=True)
class Hostile:
    """A rule file, and a cart to price with it."""

    rules: str
    cart: Cart

    def session(self) -> Session:
        return Session(Program.load(compile(load_text(self.rules))))


@dataclass(frozen=True, slots=True)
class Measured:
    """The result of one case, in seconds and megabytes."""

    optimal: bool
    gap: float
    nodes: int
    promotions: int
    lines: int
    seconds: float
    mutated: float
    memory: float


def cart(lines: int, quantity: int | None = None) -> Cart:
    random = Random(1)
    drawn = [random_line(random, index) for index in range(lines)]
    if quantity is not None:
        drawn = [replace(line, quantity=quantity) for line in drawn]
    return Cart(id="cart", currency="USD", at=1_780_000_000 * 10**9, lines=tuple(drawn))


def random_ones(nodes: int, count: int, cart: Cart, layers: str = LAYERED, selection: str = "layered") -> Hostile:
    """Promotions of all kinds."""
    return Hostile(random_rules(Random(7), count, nodes, layers, selection), cart)


def excluding_each_other(nodes: int) -> Hostile:
    """1,000 promotions, any two of which exclude each other."""
    return Hostile(
        head(nodes, groups=("one",))
        + "".join(
            f"  p{index:04}: {{layer: item, group: one, excludes: ['group:one'], "
            f"reward: {{percent_off: {{of: cart, percent: {1 + index % 40}}}}}}}\n"
            for index in range(1000)
        ),
        cart(50),
    )


def in_groups(nodes: int) -> Hostile:
    """1,000 promotions in two groups, of each of which one applies."""
    random = Random(5)
    groups = ("odd", "even")
    return Hostile(
        head(nodes, groups=groups)
        + "".join(
            f"  p{index:04}: {{layer: item, group: {groups[index % 2]}, reward: {reward(random, 1)}}}\n"
            for index in range(1000)
        ),
        cart(MOST_LINES),
    )


def bundles_of_one_segment(nodes: int, count: int = 200, parts: int = 1, more: str = "") -> Hostile:
    def bundle(index: int) -> str:
        filled = ", ".join(f"{{of: cart, quantity: {2 + (index + part) % 3}}}" for part in range(parts))
        return f"{{bundle: {{parts: [{filled}], percent_off: {5 + index % 30}, repeat: {1 + index % 7}{more}}}}}"

    return Hostile(
        head(nodes) + "".join(f"  b{index:03}: {{layer: item, reward: {bundle(index)}}}\n" for index in range(count)),
        cart(MOST_LINES),
    )


def buy_gets_of_one_segment(nodes: int) -> Hostile:
    def buy_get(index: int) -> str:
        got = f"{{of: cart, quantity: 1, percent_off: {65 + index % 30}}}"
        return f"{{buy_get: {{buy: {{of: cart, quantity: {1 + index % 3}}}, get: {got}, repeat: unlimited}}}}"

    return Hostile(
        head(nodes) + "".join(f"  b{index:03}: {{layer: item, reward: {buy_get(index)}}}\n" for index in range(200)),
        cart(MOST_LINES),
    )


def of_every_line(nodes: int, count: int = 1000) -> Hostile:
    """Promotions that each take a little off every line."""
    whole = cart(MOST_LINES)
    dear = tuple(replace(line, price=100 * line.price, minimum_price=None) for line in whole.lines)
    return Hostile(
        head(nodes)
        + "".join(
            f"  p{index:04}: {{layer: item, reward: {{percent_off: {{of: cart, percent: 0.0{1 + index % 3}}}}}}}\n"
            for index in range(count)
        ),
        replace(whole, lines=dear),
    )


def of_split_lines(nodes: int) -> Hostile:
    """100 promotions on lines that 60 others have split into as many prices."""
    random = Random(5)
    return Hostile(
        head(nodes, SPLITTING)
        + "".join(
            f"  s{index:02}: {{layer: first, reward: {{percent_off: {{of: cart, percent: {1 + index % 3}, per: unit, "
            f"units: {{quantity: {1 + 7 * index}, pick: cheapest, per: line}}}}}}}}\n"
            for index in range(60)
        )
        + "".join(f"  p{index:03}: {{layer: item, reward: {reward(random, 1)}}}\n" for index in range(100)),
        cart(MOST_LINES, 1000),
    )


CASES: dict[str, Callable[[int], Hostile]] = {
    "1,000 excluding each other, 50 lines": excluding_each_other,
    "200 bundles of one segment, 2,000 lines": bundles_of_one_segment,
    "200 bundles of different lines, 2,000": lambda nodes: bundles_of_one_segment(nodes, more=", different: line"),
    "300 bundles of four parts, 2,000 lines": lambda nodes: bundles_of_one_segment(nodes, 300, 4),
    "200 buy_get of one segment, 2,000 lines": buy_gets_of_one_segment,
    "two groups of 500, 2,000 lines": in_groups,
    "1,000 random, 200 lines": lambda nodes: random_ones(nodes, 1000, cart(200)),
    "1,000 random, 2,000 lines of a million": lambda nodes: random_ones(nodes, 1000, cart(MOST_LINES, 1_000_000)),
    "1,000 random compounding, 2,000 lines": lambda nodes: random_ones(nodes, 1000, cart(MOST_LINES), COMPOUNDING),
    "1,000 random, global, 2,000 lines": lambda nodes: random_ones(nodes, 1000, cart(MOST_LINES), GLOBAL, "global"),
    "1,000 of every line, 2,000 lines": of_every_line,
    "100 random, 2,000 lines of 60 prices": of_split_lines,
    "10,000 random, 50 lines": lambda nodes: random_ones(nodes, 10_000, cart(50)),
}


def measure(given: tuple[str, int]) -> Measured:
    """Runs one of the cases with a budget of nodes."""
    name, nodes = given
    hostile = CASES[name](nodes)
    session = hostile.session()
    line = hostile.cart.lines[0]
    before = resident()
    session.load(hostile.cart)
    seconds = evaluate(session)
    grown = resident() - before
    quote = session.quote()
    changed = SetQuantity(line.id, line.quantity - 1 if line.quantity > 1 else 2)
    session.mutate(request(hostile.cart.id, [changed]), hostile.cart.at)
    found = quote.search
    assert found is not None
    return Measured(
        found.optimal,
        found.gap / max(1, quote.merchandise - quote.total),
        found.nodes,
        hostile.rules.count("reward:"),
        len(hostile.cart.lines),
        seconds,
        evaluate(session),
        grown / 10**6,
    )


def resident() -> int:
    """The memory of the process, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def evaluate(session: Session) -> float:
    started = time.process_time()
    session.evaluate()
    return time.process_time() - started


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.hostile", description=__doc__.splitlines()[0])
    arguments.add_argument("--nodes", type=int, default=SEARCH_NODES, help="the budget of a search")
    given = arguments.parse_args()
    console = Console()
    heads = ("proven best", "gap", "nodes", "ms", "ns", "mutated, ms", "memory MB")
    table = Table("hostile", *heads, title=f"Search, at most {given.nodes:,} nodes")
    with Progress(console=console) as progress, get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        each = pool.imap(measure, [(name, given.nodes) for name in CASES])
        for name, measured in zip(CASES, progress.track(each, len(CASES), description="hostile"), strict=True):
            table.add_row(
                name,
                "yes" if measured.optimal else "no",
                f"{100 * measured.gap:,.2f} %",
                f"{measured.nodes:,}",
                f"{measured.seconds * 1000:,.1f}",
                f"{measured.seconds * 1e9 / measured.lines / measured.promotions:,.0f}",
                f"{measured.mutated * 1000:,.1f}",
                f"{measured.memory:,.0f}",
            )
    console.print(table)


if __name__ == "__main__":
    main()
