"""Waiting times that each replica draws at random, so that replicas do not poll the store in step."""

from __future__ import annotations

from random import SystemRandom

_random = SystemRandom()  # forked processes draw different numbers


def jittered(seconds: float) -> float:
    """A time from half of ``seconds`` to all of it."""
    return _random.uniform(seconds / 2, seconds)
