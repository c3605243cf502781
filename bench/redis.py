"""The bench's own Redis."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.store.connection import Connection
from engine.store.embedded import EmbeddedRedis


@contextmanager
def redis() -> Iterator[Connection]:
    """An empty Redis, in a folder that is removed with it."""
    with tempfile.TemporaryDirectory(prefix="cartwright-") as folder:
        embedded = EmbeddedRedis(Path(folder))
        connection = Connection(embedded.url, timeout=30.0)
        try:
            yield connection
        finally:
            connection.close()
            embedded.stop()
