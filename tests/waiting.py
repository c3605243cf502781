"""Waiting for other threads and processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

_BEAT = 0.01
"""Seconds."""


def eventually(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    """Waits until it holds, at most this many seconds; mostly a tenth of one, more on a busy machine."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.01)


@contextmanager
def stalls() -> Iterator[Callable[[], float]]:
    """Yields a function that tells how many seconds, so far, threads of this process waited for a processor.

    A thread that does nothing but sleep wakes up late by them. It is not late when another thread waits for an answer.
    """
    ended = Event()
    state = 0.0, time.monotonic() + _BEAT

    def so_far() -> float:
        known, then = state
        return known + max(0.0, time.monotonic() - then)

    def beat() -> None:
        nonlocal state
        while not ended.is_set():
            time.sleep(_BEAT)
            state = so_far(), time.monotonic() + _BEAT

    thread = Thread(target=beat)
    thread.start()
    try:
        yield so_far
    finally:
        ended.set()
        thread.join()
