"""A Redis of our own over a folder: what was acknowledged is there again, and one runs at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import StoreUnavailable, UnsuitableRedis
from engine.store.connection import Connection
from engine.store.embedded import EmbeddedRedis

_START_AND_DIE = """
import os, signal, sys
from pathlib import Path
from engine.store.connection import Connection
from engine.store.embedded import EmbeddedRedis

embedded = EmbeddedRedis(Path(sys.argv[1]))
Connection(embedded.url).call("SET", "kept", "yes")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_data_outlive_the_server(redis_folder: Path) -> None:
    for expected in (None, b"yes"):
        embedded = EmbeddedRedis(redis_folder)
        connection = Connection(embedded.url)
        assert connection.call("GET", "kept") == expected
        connection.call("SET", "kept", "yes")
        embedded.stop()
        with pytest.raises(StoreUnavailable):
            connection.call("PING")


def test_a_second_one_joins_the_first_and_leaves_it_running(redis_folder: Path) -> None:
    first = EmbeddedRedis(redis_folder)
    second = EmbeddedRedis(redis_folder)
    assert (first.owned, second.owned) == (True, False)
    Connection(second.url).call("SET", "seen", "1")
    second.stop()
    assert Connection(first.url).call("GET", "seen") == b"1"
    first.stop()


def test_a_server_whose_starter_was_killed_is_joined_and_stopped(redis_folder: Path) -> None:
    died = subprocess.run([sys.executable, "-c", _START_AND_DIE, str(redis_folder)], check=False)
    assert died.returncode == -signal.SIGKILL
    embedded = EmbeddedRedis(redis_folder)
    assert embedded.owned
    assert Connection(embedded.url).call("GET", "kept") == b"yes"
    embedded.stop()
    with pytest.raises(StoreUnavailable):
        Connection(embedded.url).call("PING")


def test_a_server_that_cannot_start_says_where_its_reasons_are(redis_folder: Path) -> None:
    (redis_folder / "appendonly.aof").write_text("no such thing")
    with pytest.raises(StoreUnavailable, match=r"redis\.log"):
        EmbeddedRedis(redis_folder)


def test_a_folder_too_deep_for_a_socket_is_refused(redis_folder: Path) -> None:
    with pytest.raises(UnsuitableRedis, match="shorter"):
        EmbeddedRedis(redis_folder / ("deep" * 30))
    assert os.listdir(redis_folder) == []
