"""Does prepared work over and over, so that ``bench.costs`` can count its cost; therefore it imports little.

    python -m bench.replay ARTIFACT SHOPPING WORK ROUNDS

SHOPPING is a pickle of pairs: a cart as bytes, and its mutations. WORK is one of `WORKS`, done for every cart. With
``allocations`` it is done once, and prints as JSON how often each call allocated memory.
"""

from __future__ import annotations

import ctypes
import json
import pickle
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from engine._native.program import Program
from engine._native.session import Session


def nothing(session: Session, cart: bytes, requests: list[bytes]) -> None:
    """Nothing: the cost of everything else."""


def take_in(session: Session, cart: bytes, requests: list[bytes]) -> None:
    """Load a cart and price it."""
    session.load_bytes(cart, 0)
    session.evaluate()


def price(session: Session, cart: bytes, requests: list[bytes]) -> None:
    """Load a cart, price it and give the quote."""
    take_in(session, cart, requests)
    session.quote_bytes()


def mutate(session: Session, cart: bytes, requests: list[bytes]) -> None:
    """Load a cart and price it; then mutate it, price it and give the quote for each request."""
    take_in(session, cart, requests)
    for request in requests:
        session.mutate(request, 0)
        session.evaluate()
        session.quote_bytes()


WORKS = {work.__name__: work for work in (nothing, take_in, price, mutate)}


def allocations(session: Session, shopping: list[tuple[bytes, list[bytes]]]) -> dict[str, float]:
    """Mean number of allocations of each call; the process was started with bench/allocations.c preloaded."""
    library = ctypes.CDLL(None)
    library.allocations.restype = ctypes.c_uint64
    total: Counter[str] = Counter()
    calls: Counter[str] = Counter()

    def note(name: str, call: Callable[..., object], *arguments: object) -> None:
        before = library.allocations()
        call(*arguments)
        total[name] += library.allocations() - before
        calls[name] += 1

    for _ in range(20):
        note("nothing", b"".isalpha)
    for cart, requests in shopping:
        note("load_bytes", session.load_bytes, cart, 0)
        note("evaluate", session.evaluate)
        note("quote_bytes", session.quote_bytes)
        for request in requests:
            note("mutate", session.mutate, request, 0)
            note("evaluate", session.evaluate)
            note("quote_bytes", session.quote_bytes)
    counting = round(total.pop("nothing") / calls.pop("nothing"))
    return {name: total[name] / calls[name] - counting for name in total}


def main() -> None:
    artifact, prepared, name, rounds = sys.argv[1:]
    session = Session(Program.load(Path(artifact).read_bytes()))
    shopping = pickle.loads(Path(prepared).read_bytes())
    # After this, buffers have grown to the size of the carts.
    for _ in range(2):
        for cart, requests in shopping:
            mutate(session, cart, requests)
    if name == "allocations":
        print(json.dumps(allocations(session, shopping)))
        return
    work = WORKS[name]
    for _ in range(int(rounds)):
        for cart, requests in shopping:
            work(session, cart, requests)


if __name__ == "__main__":
    main()
