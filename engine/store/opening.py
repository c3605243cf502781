"""Which Redis a process uses: one at an address, or one of its own over a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.store.connection import Connection
from engine.store.embedded import EmbeddedRedis


@contextmanager
def opened(url: str | None, folder: Path | None) -> Iterator[Connection | None]:
    """A connection to the Redis at ``url``, else to one of our own over ``folder``; None where neither is given.

    A Redis elsewhere need not be there yet, one of our own is. Raises UnsuitableRedis, StoreUnavailable and OSError.
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
        try:
            yield connection
        finally:
            connection.close()
            embedded.stop()
    else:
        yield None
