"""Follows random carts through sequences of mutations, and compares each quote with a fresh evaluation.

``python -m tests.sequences --count 10000`` compares bytes, and ends at the first difference. ``--seed`` and ``--only``
repeat that sequence.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from random import Random

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from engine._native.session import Session
from engine.errors import InvalidCart
from engine.pricing.cart import Cart
from engine.pricing.mutations import Mutation, SetPrice, SetQuantity, apply
from engine.rules.checked import CheckedRules
from engine.service.messages import cart_from_message, parse_cart
from tests.native.wire.requests import NOW, by_id, request_of
from tests.programs import program_of
from tests.random_mutations import random_mutations
from tests.strategies import numbered_case

LENGTH = 100
CHUNK = 20


@dataclass(frozen=True, slots=True)
class Job:
    """The numbered sequences of a seed."""

    seed: int
    numbers: range


class Different(AssertionError):
    """A followed cart is priced differently from a fresh one, or is not the cart that its mutations make."""


def run(job: Job) -> int:
    """Compares step by step; returns the number of steps. Raises Different."""
    done = 0
    for number in job.numbers:
        rules, cart = numbered_case(job.seed, number)
        try:
            done += follow(Random(number), rules, cart)
        except InvalidCart:
            continue
        except Different as different:
            raise Different(f"sequence {number} of seed {job.seed}: {different}") from None
    return done


def follow(random: Random, rules: CheckedRules, cart: Cart) -> int:
    """Mutates a cart, and prices it each time with a session that follows it and with one that never saw it."""
    program = program_of(rules)
    following, fresh = Session(program), Session(program)
    following.load(cart)
    done = 0
    for step in range(LENGTH):
        mutations = amounts(random, cart) if random.random() < 0.5 else random_mutations(random, rules, cart, 1)
        if not mutations or not following.mutate(request_of(mutations), NOW):
            continue
        cart = apply(cart, mutations)
        if random.random() < 0.1:
            # Several mutations between two prices.
            continue
        following.evaluate()
        if not fresh.load_bytes(following.cart_bytes(), NOW):
            raise Different(f"at step {step} the cart held is none")
        fresh.evaluate()
        if following.quote_bytes() != fresh.quote_bytes():
            raise Different(f"the quotes of step {step} differ, after {mutations}")
        done += 1
    if cart_from_message(parse_cart(following.cart_bytes()), NOW) != by_id(cart):
        raise Different("the cart held is not that of its mutations")
    return done


def amounts(random: Random, cart: Cart) -> list[Mutation]:
    """New quantities and prices, which are updated in place rather than laid out anew."""
    if not cart.lines:
        return []
    chosen: list[Mutation] = []
    for line in random.choices(cart.lines, k=random.choice((1, 1, 1, 2, 3))):
        if random.random() < 0.7:
            quantity = random.choice((1, 2, 3, line.quantity + 1, max(1, line.quantity - 1), 12, 30))
            chosen.append(SetQuantity(line.id, quantity))
        else:
            chosen.append(SetPrice(line.id, random.choice((0, 1, 499, 1999, 6000, line.price + 1, line.price // 2))))
    return chosen


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sequences", description="Follows random mutations.")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="number of the one sequence to follow")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    console = Console()
    numbers = range(given.count) if given.only is None else range(given.only, given.only + 1)
    todo = [Job(given.seed, numbers[first : first + CHUNK]) for first in range(0, len(numbers), CHUNK)]
    done = 0
    try:
        with (
            Progress(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console) as progress,
            ProcessPoolExecutor(given.jobs) as pool,
        ):
            for compared in progress.track(pool.map(run, todo), len(todo)):
                done += compared
    except Different as different:
        console.print(str(different), markup=False, highlight=False)
        return 1
    console.print(f"{len(numbers):,} sequences of {LENGTH} mutations, {done:,} steps compared, no difference")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
