"""Fixtures: a real Redis, one per worker, emptied for each test that asks for a connection."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from engine.errors import StoreUnavailable
from engine.store import connection as connecting
from engine.store.connection import Connection
from engine.store.embedded import EmbeddedRedis
from engine.store.redemptions import Redemptions
from engine.store.scripts import Script


@pytest.fixture
def redis_folder() -> Iterator[Path]:
    """An empty folder whose path is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="cartwright-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of this worker's server."""
    folder = Path(tempfile.mkdtemp(prefix="cartwright-"))
    embedded = EmbeddedRedis(folder)
    yield embedded.url
    embedded.stop()
    shutil.rmtree(folder)


@pytest.fixture
def connection(redis_url: str) -> Iterator[Connection]:
    connection = Connection(redis_url)
    connection.call("FLUSHALL")
    yield connection
    connection.close()


@pytest.fixture
def redis(redis_folder: Path) -> Iterator[EmbeddedRedis]:
    """A server that the test may stop."""
    embedded = EmbeddedRedis(redis_folder)
    yield embedded
    embedded.stop()


@pytest.fixture
def redemptions(connection: Connection) -> Redemptions:
    """Of the rule set ``spring``, open."""
    redemptions = Redemptions(connection, "spring")
    redemptions.open()
    return redemptions


def free_ports(count: int) -> list[int]:
    """Different ports of this machine that nothing listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in sockets]


def answers(connection: Connection) -> bool:
    try:
        connection.call("PING")
    except StoreUnavailable:
        return False
    return True


def move_clock(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """From now on every script sees a clock that is ahead of Redis' own, or behind it, by so many seconds.

    That is what a failover to a server with another clock does.
    """
    moved = f"(function(t) return {{string.format('%.0f', t[1] + {seconds}), t[2]}} end)(redis.call('TIME'))"

    def script(name: str) -> Script:
        found = Script(name)
        found.text = found.text.replace("redis.call('TIME')", moved)
        found.digest = hashlib.sha1(found.text.encode()).hexdigest()
        return found

    monkeypatch.setattr(connecting, "script", script)


def crash(embedded: EmbeddedRedis, connection: Connection) -> None:
    """Kills a server that answers; another may be started on its data."""
    os.kill(connection.call("INFO", "server")["process_id"], signal.SIGKILL)
    embedded.stop()
