"""Timing many short calls one by one, on a shared machine.

Every call is timed alone, and all calls are repeated several times. The *quickest* time of a call is what the code
costs; the rest is the machine. Percentiles are over the different calls, so a p99 shows expensive carts and not other
processes. The percentiles of all times are given too. A time includes reading the clock and three calls from Python;
``overhead`` says how much that is.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.carts import AT
from engine._native.session import Session

clock = time.perf_counter_ns


@dataclass(frozen=True, slots=True)
class Timings:
    """Microseconds per call. ``p50`` and ``p99`` are of the quickest time of each call, ``raw_…`` of all times."""

    p50: float
    p99: float
    raw_p50: float
    raw_p99: float
    calls: int

    @classmethod
    def of(cls, rounds: Sequence[Sequence[int]]) -> Timings:
        """From rounds of the same calls in the same order, each timed in nanoseconds."""
        times = np.array(rounds) / 1000
        quickest = times.min(axis=0)
        return cls(
            p50=float(np.percentile(quickest, 50)),
            p99=float(np.percentile(quickest, 99)),
            raw_p50=float(np.percentile(times, 50)),
            raw_p99=float(np.percentile(times, 99)),
            calls=times.shape[1],
        )


def price(session: Session, sent: Sequence[bytes]) -> list[tuple[int, ...]]:
    """The clock before, between and after the steps of pricing each cart."""
    clocks = []
    for cart in sent:
        begin = clock()
        session.load_bytes(cart, AT)
        loaded = clock()
        session.evaluate()
        evaluated = clock()
        session.quote_bytes()
        clocks.append((begin, loaded, evaluated, clock()))
    return clocks


def mutate(session: Session, sent: Sequence[bytes], requests: Sequence[Sequence[bytes]]) -> list[tuple[int, int]]:
    """Nanoseconds of each mutation, from its request until the whole quote is in memory, and until its bytes are.

    Opening the sessions is not timed.
    """
    times = []
    for cart, steps in zip(sent, requests, strict=True):
        session.load_bytes(cart, AT)
        session.evaluate()
        for step in steps:
            begin = clock()
            session.mutate(step, AT)
            session.evaluate()
            priced = clock()
            session.quote_bytes()
            times.append((priced - begin, clock() - begin))
    return times


def overhead() -> float:
    """Microseconds that measuring adds to every time: the clock, and three calls that do nothing."""
    nothing = [].clear
    rounds = []
    for _ in range(20):
        times = []
        for _ in range(100):
            begin = clock()
            nothing()
            nothing()
            nothing()
            times.append(clock() - begin)
        rounds.append(times)
    return Timings.of(rounds).p50
