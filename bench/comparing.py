"""Compares what a service answered with the reference."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TypeAlias

from rich.progress import Progress

from engine._native.program import Program
from engine._native.session import Session
from engine.pricing.cart import Cart
from engine.pricing.reference import Reference
from engine.rules import CheckedRules
from engine.service.messages import quote_bytes
from engine.v1 import pricing_pb2

COMPARING = 20.0
"""Seconds that the reference has to price the samples."""

Sample: TypeAlias = tuple[Cart, bytes]
"""A cart, and what the service answered."""


def compare(
    samples: list[Sample], checked: CheckedRules, program: Program, progress: Progress
) -> tuple[int, list[str]]:
    """How many samples the reference priced within ``COMPARING``, and those that differ from it.

    The others are compared with a fresh evaluation: under a search, the reference may take minutes for one large cart.
    """
    reference = Reference(checked, program.version)
    fresh = Session(program)
    different = []
    compared = 0
    deadline = time.monotonic() + COMPARING
    samples = sorted(samples, key=lambda sample: len(sample[0].lines))
    for cart, answer in progress.track(samples, description="samples compared"):
        expected = None
        if (left := deadline - time.monotonic()) > 0:
            with suppress(TimeoutError), within(left):
                expected = reference.price(cart)
        compared += expected is not None
        response = pricing_pb2.MutateCartResponse.FromString(answer)
        if response.quote.SerializeToString(deterministic=True) != quote_bytes(expected or fresh.price(cart)):
            different.append(f"{cart.id}: not the {'reference' if expected else 'fresh evaluation'}'s quote")
    return compared, different


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raises TimeoutError if it takes longer; for the main thread."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
