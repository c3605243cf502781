"""Damages carts, mutations and compiled rule sets at random; what is accepted all the same is priced.

``python -m tests.damage --count 1000`` takes as many random rule sets and expects each input to be refused by a
CartwrightError or priced. What the native core does to memory meanwhile shows under ``make sanitize``: there an access
outside of an array, to freed memory, or an overflow ends the process. ``--seed`` and ``--only`` repeat one rule set.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from random import Random
from struct import pack_into, unpack_from

from rich.console import Console
from rich.progress import track

from engine._native.program import Program
from engine._native.session import Session
from engine.errors import CartwrightError
from engine.pricing.cart import Cart
from engine.rules import compile
from engine.rules.checked import CheckedRules
from engine.rules.layout import HEADER, LAYOUTS, SECTION_ENTRY, Section
from tests.native.wire.requests import NOW, damaged, request_of, to_bytes
from tests.programs import sealed
from tests.random_mutations import random_mutations
from tests.random_rules import ORDINARY, searches
from tests.strategies import numbered_case

CARTS, REQUESTS, ARTIFACTS = 20, 25, 8
"""Damaged inputs of each kind for every rule set."""
LEAST, MOST = -(2**31), 2**31 - 1


def run(seed: int, number: int) -> Counter[str]:
    """Damages what belongs to a numbered rule set. Returns how many inputs there were, and how many were accepted."""
    random = Random(f"{seed} {number}")
    rules, cart = numbered_case(seed, number, searches(12) if number % 7 == 0 else ORDINARY)
    artifact, sent = compile(rules), to_bytes(cart)
    session = Session(Program.load(artifact))
    done: Counter[str] = Counter()
    for _ in range(CARTS):
        done += _tried("carts", partial(_price, session, damaged(random, sent)))
    session.load_bytes(sent, NOW)
    for _ in range(REQUESTS):
        done += _tried("mutations", partial(_mutate, session, _request(random, rules, cart)))
    for _ in range(ARTIFACTS):
        done += _tried("compiled rule sets", partial(_load, _damaged_artifact(random, artifact), sent))
    return done


def _tried(kind: str, call: Callable[[], bool]) -> Counter[str]:
    accepted = False
    with suppress(CartwrightError):
        accepted = call()
    return Counter({kind: 1, f"{kind} accepted": int(accepted)})


def _price(session: Session, cart: bytes) -> bool:
    if not session.load_bytes(cart, NOW):
        return False
    session.evaluate()
    session.quote_bytes()
    session.cart_bytes()
    return True


def _mutate(session: Session, request: bytes) -> bool:
    accepted = session.mutate(request, NOW)
    session.evaluate()  # also after a refusal, which must have changed nothing
    session.quote_bytes()
    session.cart_bytes()
    return accepted


def _load(artifact: bytes, cart: bytes) -> bool:
    _price(Session(Program.load(artifact)), cart)
    return True


def _request(random: Random, rules: CheckedRules, cart: Cart) -> bytes:
    request = request_of(random_mutations(random, rules, cart, random.choice((1, 1, 3))))
    return damaged(random, request) if random.random() < 0.6 else request


def _damaged_artifact(random: Random, artifact: bytes) -> bytes:
    """Some of its 32-bit fields changed, mostly by little, and its checksum correct again."""
    changed = bytearray(artifact)
    for _ in range(random.choice((1, 1, 2, 4))):
        section = random.choice(list(Section))
        offset, count = SECTION_ENTRY.unpack_from(artifact, HEADER.size + section * SECTION_ENTRY.size)
        size = LAYOUTS[section].size if section in LAYOUTS else 1
        place = offset + random.randrange(max(1, count * size)) // 4 * 4
        if count and place + 4 <= len(changed):
            (value,) = unpack_from("<i", changed, place)
            near = value + random.choice((-2, -1, 1, 2))
            other = random.choice((near, random.randrange(12), random.choice((-1, 100, LEAST, MOST))))
            pack_into("<i", changed, place, min(max(other, LEAST), MOST))
    return sealed(changed)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.damage", description="Damages inputs at random.")
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="number of the one rule set to take")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    console = Console()
    numbers = range(given.count) if given.only is None else range(given.only, given.only + 1)
    done: Counter[str] = Counter()
    with ProcessPoolExecutor(given.jobs) as pool:
        results = pool.map(partial(run, given.seed), numbers)
        for each in track(results, "rule sets", len(numbers), console=console):
            done += each
    for kind in ("carts", "mutations", "compiled rule sets"):
        console.print(f"{done[kind]:,} damaged {kind}: {done[f'{kind} accepted']:,} accepted and priced")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
