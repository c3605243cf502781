"""Calls that ask for more than a price: they take a hundred times as long, and do not delay other calls."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from engine.service.workers import Workers

_INTERVAL = 0.0001
"""Seconds after which another thread may run. If it always applied, every call would take an eighth longer."""


class Advising:
    """Runs such calls one at a time, beside the workers.

    They spend their time in Python, which a process runs in one thread at a time: several at once would each take
    longer, and every other call would have to wait for all of them.
    """

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._working = Lock()
        self._counting = Lock()
        self._calls = 0
        self._interval = 0.0

    @property
    def waiting(self) -> int:
        """Calls that wait for their turn."""
        return max(0, self._calls - 1)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Enter when no other call has its turn."""
        with self._workers.aside(), self._giving_way(), self._working, _uncollected():
            yield

    @contextmanager
    def _giving_way(self) -> Iterator[None]:
        """While there are such calls, other threads get to run sooner."""
        with self._counting:
            self._calls += 1
            if self._calls == 1:
                self._interval = sys.getswitchinterval()
                sys.setswitchinterval(_INTERVAL)
        try:
            yield
        finally:
            with self._counting:
                self._calls -= 1
                if self._calls == 0:
                    sys.setswitchinterval(self._interval)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection: an answer may have 100,000 objects without a cycle, and searching them stops all threads.

    At the end the answer is freed and young garbage of other calls is collected, since turns may follow for hours.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
            if gc.get_count()[0] > gc.get_threshold()[0]:
                gc.collect(1)
