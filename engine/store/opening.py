"""Which Redis a process uses: a server at an address, or one of its own over a folder."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from engine.errors import UnsuitableRedis
from engine.store.connection import Connection
from engine.store.embedded import EmbeddedRedis

LOOK_EVERY = 1.0
"""Seconds between two checks whether a server of our own still runs."""

_log = logging.getLogger(__name__)


@contextmanager
def opened(url: str | None, folder: Path | None) -> Iterator[Connection | None]:
    """A connection to the Redis at ``url``, else to a server of our own over ``folder``; None if neither is given.

    The server at ``url`` need not be reachable yet. Raises UnsuitableRedis, StoreUnavailable and OSError.
    """
    if url is not None:
        connection = Connection(url)
        try:
            yield connection
        finally:
            connection.close()
    elif folder is not None:
        embedded = EmbeddedRedis(folder / "redis")
        connection = Connection(embedded.url)
        done = Event()
        keeper = Thread(target=_keep_up, args=(embedded, done), name="redis", daemon=True)
        keeper.start()
        try:
            yield connection
        finally:
            done.set()
            keeper.join()
            connection.close()
            embedded.stop()
    else:
        yield None


def _keep_up(embedded: EmbeddedRedis, done: Event) -> None:
    """Restart a server that ended; everything acknowledged is on disk."""
    while not done.wait(LOOK_EVERY):
        try:
            if embedded.revive():
                _log.warning("the Redis server of --data had stopped and was started again: see %s", embedded.log)
        except (UnsuitableRedis, OSError) as error:
            _log.warning("the Redis server of --data has stopped and cannot be started: %s", error)
