"""The threads that run calls."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock, Thread
from typing import Any, ParamSpec, TypeAlias, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_Work: TypeAlias = tuple[Future[Any], Callable[..., Any], tuple[Any, ...], dict[str, Any]]
"""A call, and the future that waits for it."""


def taking(behavior: Callable[P, T], threads: ThreadPoolExecutor) -> Callable[P, T]:
    """Makes gRPC run the method of a service in these threads, so that slow calls do not delay others."""
    vars(behavior)["experimental_thread_pool"] = threads  # grpc reads this attribute
    return behavior


class Workers(ThreadPoolExecutor):
    """Threads: the one that became idle last runs the next call, because its stack is still in the processor's caches.

    gRPC requires a ThreadPoolExecutor, whose own threads take turns; that costs the server a twentieth of a call. It
    waits for the request of a call in the thread that runs it. So there must be many: a caller that sends no request,
    or slowly, occupies one.
    """

    def __init__(self, most: int, name: str) -> None:
        """At most ``most`` threads, each started when first needed."""
        super().__init__(most, name)
        self._name = name
        self._most = most
        self._lock = Lock()
        self._begun: list[Thread] = []
        self._idle: list[_Worker] = []
        self._backlog: deque[_Work] = deque()
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
                if len(self._begun) < self._most:
                    self._begin()
                return future
            worker = self._idle.pop()
        worker.wake(work)
        return future

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
        thread = Thread(target=self._run, name=f"{self._name}_{len(self._begun)}", daemon=True)
        self._begun.append(thread)
        thread.start()

    def _run(self) -> None:
        worker = _Worker()
        while self._do_next(worker):
            pass

    def _do_next(self, worker: _Worker) -> bool:
        """Whether there was work. The thread keeps no reference to it while it waits for more."""
        with self._lock:
            work = self._backlog.popleft() if self._backlog else None
            if work is None:
                if self._closed:
                    return False
                self._idle.append(worker)
        if work is None:
            work = worker.wait()
            if work is None:
                return False
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
    """A thread that waits for work."""

    __slots__ = ("_lock", "_work")

    def __init__(self) -> None:
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
