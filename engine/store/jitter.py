"""Waits that each replica draws for itself, so that they do not ask the store in step."""

from __future__ import annotations

from random import SystemRandom

_random = SystemRandom()  # processes that are forked from one draw differently


def jittered(seconds: float) -> float:
    """From half of so many seconds to all of them."""
    return _random.uniform(seconds / 2, seconds)
