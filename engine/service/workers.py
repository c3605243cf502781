"""The threads that run calls."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from math import inf
from threading import Lock, Thread, current_thread
from typing import Any, ParamSpec, TypeAlias, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_Work: TypeAlias = tuple[Future[Any], Callable[..., Any], tuple[Any, ...], dict[str, Any]]
"""A call, and the future that waits for it."""
_PATIENCE = 0.05
"""Seconds after which a worker that has not finished makes room for calls that wait."""


def taking(behavior: Callable[P, T], threads: ThreadPoolExecutor) -> Callable[P, T]:
    """Makes gRPC run the method of a service in these threads, so that slow calls do not delay others."""
    vars(behavior)["experimental_thread_pool"] = threads  # grpc reads this attribute
    return behavior


class Workers(ThreadPoolExecutor):
    """Threads: the one that became idle last runs the next call, because its stack is still in the processor's caches.

    gRPC requires a ThreadPoolExecutor, whose own threads take turns; that costs the server a twentieth of a call. Few
    threads are best: under load each goes from call to call without being woken. But gRPC also waits in them for the
    request of a call. So one that has not finished for a while *steps aside*: another thread runs calls in its place.
    """

    def __init__(self, most: int, name: str, aside: int = 100) -> None:
        """At most ``most`` threads, each started when first needed, and ``aside`` more that have stepped aside."""
        super().__init__(most, name)
        self._name = name
        self._most = most
        self._most_aside = aside
        self._lock = Lock()
        self._aside = 0
        self._begun: dict[Thread, _Worker] = {}
        self._idle: list[_Worker] = []
        self._backlog: deque[_Work] = deque()
        self._watched = False
        self._closed = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Raises RuntimeError after `shutdown`."""
        future: Future[T] = Future()
        work: _Work = future, fn, args, kwargs
        with self._lock:
            if self._closed:
                raise RuntimeError("no more work is taken")
            if not self._idle:
                self._backlog.append(work)
                if len(self._begun) < self._most + self._aside:
                    self._begin()
                elif not self._watched:
                    self._watched = True
                    Thread(target=self._watch, name=f"{self._name} watch", daemon=True).start()
                return future
            worker = self._idle.pop()
        worker.wake(work)
        return future

    @property
    def waiting(self) -> int:
        """Calls that no thread has begun."""
        return len(self._backlog)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """A worker that is about to do something slow steps aside at once. Of other threads it is not asked."""
        with self._lock:
            worker = self._begun.get(current_thread())
            steps = worker is not None and self._step_aside(worker)
        try:
            yield
        finally:
            if steps and worker is not None:
                with self._lock:
                    self._step_back(worker)

    def _watch(self) -> None:
        """While calls wait, workers that have not finished for a while step aside."""
        while True:
            time.sleep(_PATIENCE)
            with self._lock:
                if not self._backlog:
                    self._watched = False
                    return
                late = time.monotonic() - _PATIENCE
                for worker in list(self._begun.values()):
                    if worker.since < late:
                        self._step_aside(worker)

    def _step_aside(self, worker: _Worker) -> bool:
        """Whether it does; not if it has already, or too many have."""
        if worker.aside or self._aside == self._most_aside:
            return False
        worker.aside = True
        self._aside += 1
        if self._backlog:
            self._begin()
        return True

    def _step_back(self, worker: _Worker) -> None:
        worker.aside = False
        self._aside -= 1

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Accept no more work; accepted work is done, unless its future is cancelled before it begins."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            backlog = list(self._backlog)
        for worker in idle:
            worker.wake(None)
        if cancel_futures:
            for future, *_ in backlog:
                future.cancel()
        if wait:
            for thread in list(self._begun):
                thread.join()

    def _begin(self) -> None:
        worker = _Worker()
        thread = Thread(target=self._run, args=(worker,), name=f"{self._name}_{len(self._begun)}", daemon=True)
        self._begun[thread] = worker
        thread.start()

    def _run(self, worker: _Worker) -> None:
        while self._do_next(worker):
            pass

    def _do_next(self, worker: _Worker) -> bool:
        """Whether there was work. The thread keeps no reference to it while it waits for more."""
        with self._lock:
            if worker.aside:
                self._step_back(worker)
            if len(self._begun) > self._most + self._aside:
                del self._begun[current_thread()]  # another has taken its place
                return False
            work = self._backlog.popleft() if self._backlog else None
            if work is None:
                if self._closed:
                    return False
                worker.since = inf
                self._idle.append(worker)
        if work is None:
            work = worker.wait()
            if work is None:
                return False
        worker.since = time.monotonic()
        future, call, args, kwargs = work
        if future.set_running_or_notify_cancel():
            try:
                result = call(*args, **kwargs)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)
        return True


class _Worker:
    """A thread that waits for work; it has its present work ``since`` a moment of the monotonic clock."""

    __slots__ = ("_lock", "_work", "aside", "since")

    def __init__(self) -> None:
        self.aside = False
        self.since = inf
        self._work: _Work | None = None
        self._lock = Lock()
        self._lock.acquire()

    def wake(self, work: _Work | None) -> None:
        """``None`` means that no more work will come."""
        self._work = work
        self._lock.release()

    def wait(self) -> _Work | None:
        self._lock.acquire()
        work, self._work = self._work, None
        return work
