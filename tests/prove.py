"""Prices random pairs of a rule set and a cart by the reference and natively, and fails on the first difference.

``python -m tests.prove --pairs 1000000`` compares quotes byte for byte, except for the nodes that a search
visited, and outcomes one by one; then rule sets whose searches have up to ``--candidates`` promotions. The table shows
in how many of the pairs each kind had an effect; a kind below two per cent fails, too. A difference is printed with its
number (to repeat it with ``--seed`` and ``--only``), made as small as possible.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pprint import pformat
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.table import Table

from engine.errors import InvalidCart
from engine.pricing.cart import Cart
from engine.pricing.quote import Answer, Quote
from engine.rules.checked import CheckedRules
from engine.service.messages import quote_bytes
from tests.effects import GRANTED, TELLING, kinds_granted, kinds_that_tell
from tests.programs import both_of
from tests.random_rules import ORDINARY, Shape, searches
from tests.strategies import numbered_case

LEAST = 0.02
"""The share of pairs in which each kind must have an effect."""
SAMPLED = 20_000
"""The number of pairs, evenly picked, that are priced again without each of their options."""
CHUNK = 200


@dataclass(slots=True)
class Tally:
    """In how many of ``pairs`` each kind was granted, and in how many of ``sampled`` each option changes the quote."""

    pairs: int = 0
    sampled: int = 0
    granted: Counter[str] = field(default_factory=Counter)
    telling: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        self.pairs += other.pairs
        self.sampled += other.sampled
        self.granted += other.granted
        self.telling += other.telling

    def shares(self) -> dict[str, float]:
        granted = {kind: self.granted[kind] / self.pairs for kind in GRANTED}
        return granted | {kind: self.telling[kind] / self.sampled for kind in TELLING if self.sampled}

    def rare(self) -> dict[str, float]:
        """The kinds that occur in too few of the pairs."""
        return {kind: share for kind, share in self.shares().items() if share < LEAST}


@dataclass(frozen=True, slots=True)
class Job:
    """Numbered pairs of a seed; for one in ``sample`` pairs, the effect of each option is tried (never if 0)."""

    seed: int
    numbers: range
    shape: Shape = ORDINARY
    sample: int = 0


class Different(AssertionError):
    """The two implementations do not agree on a numbered pair."""


def run(job: Job) -> Tally:
    """Compares the pairs. Raises Different on the first that differs."""
    tally = Tally()
    for number in job.numbers:
        rules, cart = numbered_case(job.seed, number, job.shape)
        expected, found = answers(rules, cart)
        if not same(expected, found):
            raise Different(f"pair {number} of seed {job.seed}, {job.shape}\n{reproduction(rules, cart)}")
        layers = expected.quote.layers
        tally.pairs += 1
        tally.granted.update(set(kinds_granted(rules, layers)))
        if job.sample and number % job.sample == 0:
            tally.sampled += 1
            tally.telling.update(set(kinds_that_tell(rules, cart, layers)))
    return tally


def answers(rules: CheckedRules, cart: Cart) -> tuple[Answer, Answer]:
    """The answers of the reference and of the native core, without the nodes that it visited."""
    session, reference = both_of(rules)
    found = Answer(without_nodes(session.price(cart)), session.answer(cart).outcomes)
    return reference.answer(cart), found


def same(expected: Answer, found: Answer) -> bool:
    return expected == found and quote_bytes(expected.quote) == quote_bytes(found.quote)


def without_nodes(quote: Quote) -> Quote:
    """Without nodes, because the reference counts none."""
    return quote if quote.search is None else quote._replace(search=quote.search._replace(nodes=0))


def reproduction(rules: CheckedRules, cart: Cart) -> str:
    """The pair without everything that the difference does not need, and the two answers."""
    while (smaller := next((pair for pair in _smaller(rules, cart) if _differ(*pair)), None)) is not None:
        rules, cart = smaller
    expected, found = answers(rules, cart)
    parts = {"rules": rules, "cart": cart, "reference": expected, "native": found}
    return "\n".join(f"{name} = {pformat(part, width=120)}" for name, part in parts.items())


def _smaller(rules: CheckedRules, cart: Cart) -> Iterator[tuple[CheckedRules, Cart]]:
    for name, entries in _without_one(rules, "promotions", "groups"):
        yield replace(rules, **{name: entries}), cart
    for name, entries in _without_one(cart, "lines", "shipments", "coupons", "declined_promotions", "usage"):
        yield rules, replace(cart, **{name: entries})
    for index, promotion in enumerate(rules.promotions):
        for name, value in _PLAIN.items():
            if getattr(promotion, name) != value:
                plainer = (*rules.promotions[:index], replace(promotion, **{name: value}))
                yield replace(rules, promotions=plainer + rules.promotions[index + 1 :]), cart


_PLAIN: dict[str, Any] = {"condition": None, "schedule": None, "limits": None, "codes": (), "excludes": (), "group": ""}


def _without_one(owner: object, *names: str) -> Iterator[tuple[str, Any]]:
    for name in names:
        entries = getattr(owner, name)
        yield from ((name, entries[:index] + entries[index + 1 :]) for index in range(len(entries)))


def _differ(rules: CheckedRules, cart: Cart) -> bool:
    try:
        return not same(*answers(rules, cart))
    except InvalidCart:
        return False


def jobs(pairs: int, seed: int, shape: Shape = ORDINARY, sample: int = 0) -> list[Job]:
    return [Job(seed, range(first, min(first + CHUNK, pairs)), shape, sample) for first in range(0, pairs, CHUNK)]


def tally_of(todo: Iterable[Job], processes: int, progress: Progress, title: str, pairs: int) -> Tally:
    tally = Tally()
    task = progress.add_task(title, total=pairs)
    with ProcessPoolExecutor(processes) as pool:
        for part in pool.map(run, todo):
            tally.add(part)
            progress.advance(task, part.pairs)
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description="Compares both implementations.")
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--searches", type=int, default=2_000, help="pairs of large searches")
    parser.add_argument("--candidates", type=int, default=12, help="promotions of a large search, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="number of the one pair to compare")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    console = Console()
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        if given.only is not None:
            run(Job(given.seed, range(given.only, given.only + 1)))
            return 0
        with Progress(*columns, console=console) as progress:
            sample = max(1, given.pairs // SAMPLED)
            ordinary = jobs(given.pairs, given.seed, sample=sample)
            tally = tally_of(ordinary, given.jobs, progress, "pairs", given.pairs)
            large = jobs(given.searches, given.seed, searches(given.candidates))
            tally_of(large, given.jobs, progress, "large searches", given.searches)
    except Different as different:
        console.print(f"the reference and the native core differ: {different}", markup=False, highlight=False)
        return 1
    console.print(table(tally))
    for kind, share in tally.rare().items():
        console.print(f"{kind} has an effect on {share:.1%} of the pairs only")
    return 1 if tally.rare() else 0


def table(tally: Tally) -> Table:
    rendered = Table("kind", "has an effect on", title=f"{tally.pairs:,} pairs, no difference")
    for kind, share in tally.shares().items():
        rendered.add_row(kind, f"{share:.1%}")
    return rendered


if __name__ == "__main__":
    sys.exit(main())
