"""Times the search for the best set of promotions on random carts of 50 lines.

    python -m bench.search [--cases N] [--nodes N]

Promotions are entangled, with few exclusions and with more (bench/entangled.py). Only ``evaluate`` is timed, by
processor time, the quickest of three, in one layer (``best``) and over three layers (``global``). Gaps are relative to
the saving found. Carts without a proof are searched again with ten times the nodes, to see how much less was saved.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace
from itertools import product
from statistics import mean, median

from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table

from bench.entangled import EXCLUSIONS, LINES, Exclusion, random_case
from engine._native.session import Session
from engine.pricing.cart import Cart
from engine.rules.checked import SEARCH_NODES

TIMES = 10
CLAIMING = (0.0, 0.5, 1.0)
"""How entangled the promotions are: with rewards of all kinds, two fifths claim units; otherwise none do."""


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


def measure(session: Session, cart: Cart) -> Measured:
    session.load(cart)
    started = time.process_time()
    session.evaluate()
    seconds = time.process_time() - started
    quote = session.quote()
    assert quote.search is not None
    found, applied = quote.search, sum(len(layer.adjustments) for layer in quote.layers)
    return Measured(seconds, quote.saved, applied, found.optimal, found.nodes, found.gap, quote.saved)


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
    console = Console(width=132)
    title = (
        f"Search, {given.cases} carts of {LINES} lines each, at most {given.nodes:,} nodes; gaps in % of the saving; "
        f"milliseconds: the quickest of three; losses: in % of what {TIMES} times the nodes save"
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
    table = Table(Column("candidates", no_wrap=True), *heads, title=title)
    kinds = list(product(("layered", "global"), EXCLUSIONS.items(), (12, 24, 40), CLAIMING))
    with Progress(console=console) as progress:
        task = progress.add_task("searching", total=len(kinds) * given.cases)
        for selection, (exclusions, exclusion), count, claiming in kinds:
            measured = []
            for seed in range(given.cases):
                measured.append(measured_case(count, selection, given.nodes, seed, claiming, exclusion))
                progress.advance(task)
            kind = (f"{count} {selection}", f"{40 * claiming:.0f} %", exclusions)
            table.add_row(*kind, *describe(measured))
    console.print(table)


if __name__ == "__main__":
    main()
