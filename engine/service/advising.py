"""Calls that ask for more than a price: they take a hundred times as long, and keep no other waiting."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from engine.service.workers import Workers

_INTERVAL = 0.0001
"""Seconds after which another thread may run. At all times, it would cost every call an eighth more."""


class Advising:
    """Lets them work one after the other, beside the workers.

    It is Python that they take long in, of which a process runs one thread at a time: several at once would each take
    longer, and every other call would have to wait for all of them.
    """

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._working = Lock()
        self._counting = Lock()
        self._calls = 0
        self._interval = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Begins when no other call has one."""
        with self._workers.aside(), self._giving_way(), self._working, _uncollected():
            yield

    @contextmanager
    def _giving_way(self) -> Iterator[None]:
        """Other threads are let in at once while there are such calls."""
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
    """An answer may be of a hundred thousand objects, and no cycle: to look among them for one stops all threads.

    At the end it is gone, and what others may have left is soon looked through: turn may follow turn for hours.
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
