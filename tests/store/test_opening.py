"""Which Redis is used, and that our own is kept running."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from engine.store import opening
from engine.store.connection import Connection
from engine.store.opening import opened
from tests.redis import answers
from tests.waiting import eventually


def test_a_redis_of_our_own_that_is_killed_is_started_again(
    redis_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "LOOK_EVERY", 0.05)
    with opened(None, redis_folder) as first, opened(None, redis_folder) as second:
        assert first is not None
        assert second is not None
        first.call("SET", "kept", "yes")
        os.kill(first.call("INFO", "server")["process_id"], signal.SIGKILL)
        eventually(lambda: answers(second), 20)
        assert second.call("GET", "kept") == b"yes"
    gone = Connection(f"unix://{redis_folder.resolve()}/redis/redis.sock")
    assert not answers(gone)


def test_without_an_address_or_a_folder_there_is_no_store() -> None:
    with opened(None, None) as connection:
        assert connection is None
