"""A Redis server of our own over a folder: what was acknowledged survives, and only one server runs at a time."""

from __future__ import annotations

import fcntl
import gc
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import StoreUnavailable, UnsuitableRedis
from engine.store import embedded
from engine.store.connection import Connection
from engine.store.embedded import EmbeddedRedis

_START = """
import os, signal, sys
from pathlib import Path
from engine.store.connection import Connection
from engine.store.embedded import EmbeddedRedis

embedded = EmbeddedRedis(Path(sys.argv[1]))
Connection(embedded.url).call("SET", "kept", "yes")
"""
_START_AND_DIE = f"{_START}os.kill(os.getpid(), signal.SIGKILL)\n"
_START_AND_WAIT = f"{_START}print('started', flush=True)\nsys.stdin.read()\nembedded.stop()\n"


def test_data_outlive_the_server(redis_folder: Path) -> None:
    folder = redis_folder / "redis"
    for expected in (None, b"yes"):
        embedded = EmbeddedRedis(folder)
        connection = Connection(embedded.url)
        assert connection.call("GET", "kept") == expected
        connection.call("SET", "kept", "yes")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700  # carts are nobody else's business
        embedded.stop()
        with pytest.raises(StoreUnavailable):
            connection.call("PING")


def test_a_second_one_joins_the_first_and_leaves_it_running(redis_folder: Path) -> None:
    first = EmbeddedRedis(redis_folder)
    second = EmbeddedRedis(redis_folder)
    Connection(second.url).call("SET", "seen", "1")
    second.stop()
    assert Connection(first.url).call("GET", "seen") == b"1"
    first.stop()


def test_who_started_a_server_may_leave_it_to_another_of_its_process(redis_folder: Path) -> None:
    starter = EmbeddedRedis(redis_folder)
    other = EmbeddedRedis(redis_folder)
    starter.stop()
    del starter
    gc.collect()  # warned of a child process that still runs
    assert Connection(other.url).call("PING")
    other.stop()


def test_a_server_whose_starter_was_killed_is_joined_and_stopped(redis_folder: Path) -> None:
    died = subprocess.run([sys.executable, "-c", _START_AND_DIE, str(redis_folder)], check=False)
    assert died.returncode == -signal.SIGKILL
    embedded = EmbeddedRedis(redis_folder)
    assert Connection(embedded.url).call("GET", "kept") == b"yes"
    embedded.stop()
    with pytest.raises(StoreUnavailable):
        Connection(embedded.url).call("PING")


def test_who_passes_by_does_not_stop_a_server_whose_starter_was_killed_while_another_uses_it(
    redis_folder: Path,
) -> None:
    with _started(redis_folder) as starter:
        stays = EmbeddedRedis(redis_folder)
        starter.kill()
    EmbeddedRedis(redis_folder).stop()
    assert Connection(stays.url).call("GET", "kept") == b"yes"
    stays.stop()
    with pytest.raises(StoreUnavailable):
        Connection(stays.url).call("PING")


def test_a_starter_that_leaves_first_leaves_the_server_to_the_others(redis_folder: Path) -> None:
    with _started(redis_folder) as starter:
        stays = EmbeddedRedis(redis_folder)
        starter.communicate()
    assert starter.returncode == 0
    assert Connection(stays.url).call("GET", "kept") == b"yes"
    stays.stop()
    with pytest.raises(StoreUnavailable):
        Connection(stays.url).call("PING")


def _started(folder: Path) -> subprocess.Popen[bytes]:
    """A process that starts a server on ``folder``, and leaves it running when its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", _START_AND_WAIT, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"started\n"
    return process


def test_a_lock_that_was_deleted_lets_no_second_server_write_the_same_data(redis_folder: Path) -> None:
    first = EmbeddedRedis(redis_folder)
    connection = Connection(first.url)
    number = connection.call("INFO", "server")["process_id"]
    (redis_folder / "redis.lock").unlink()
    second = EmbeddedRedis(redis_folder)
    assert not second.revive()
    assert Connection(second.url).call("INFO", "server")["process_id"] == number
    second.stop()
    first.stop()


def test_a_server_whose_folder_was_moved_is_stopped_and_no_other(redis_folder: Path) -> None:
    moved = EmbeddedRedis(redis_folder / "redis")
    number = Connection(moved.url).call("INFO", "server")["process_id"]
    (redis_folder / "redis").rename(redis_folder / "elsewhere")
    other = EmbeddedRedis(redis_folder / "redis")
    moved.stop()
    assert not Path(f"/proc/{number}").exists()
    assert Connection(other.url).call("PING")
    other.stop()


def test_a_server_that_reads_its_data_is_awaited(redis_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled = EmbeddedRedis(redis_folder)
    Connection(filled.url).call_all(("SET", number, "kept") for number in range(16_000))
    filled.stop()
    monkeypatch.setattr(embedded, "_PATIENCE", 0.5)
    monkeypatch.setattr(embedded, "_OPTIONS", (*embedded._OPTIONS, "--key-load-delay", "200"))  # µs
    slow = EmbeddedRedis(redis_folder)
    assert Connection(slow.url).call("GET", 15_999) == b"kept"
    slow.stop()


def test_a_server_that_hangs_is_killed(redis_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_PATIENCE", 0.5)
    hanging = EmbeddedRedis(redis_folder)
    connection = Connection(hanging.url)
    connection.call("SET", "kept", "yes")
    os.kill(connection.call("INFO", "server")["process_id"], signal.SIGSTOP)
    hanging.stop()
    again = EmbeddedRedis(redis_folder)
    assert Connection(again.url).call("GET", "kept") == b"yes"
    again.stop()


def test_a_server_that_cannot_start_says_where_its_reasons_are(redis_folder: Path) -> None:
    (redis_folder / "appendonly.aof").write_text("no such thing")
    with pytest.raises(StoreUnavailable, match=r"redis\.log"):
        EmbeddedRedis(redis_folder)


def test_a_server_that_is_refused_does_not_stay(redis_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.store.connection.OLDEST", (99, 0))
    with pytest.raises(UnsuitableRedis):
        EmbeddedRedis(redis_folder)
    with (redis_folder / "redis.lock").open("ab") as lock:  # a server that runs has it locked
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_data_that_only_a_newer_server_can_read_are_not_taken_for_none(
    redis_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (redis_folder / "appendonlydir").mkdir()
    monkeypatch.setattr(embedded, "_version", lambda path: (6, 2))
    with pytest.raises(UnsuitableRedis, match="Redis 7 or newer wrote the data"):
        EmbeddedRedis(redis_folder)


def test_a_folder_too_deep_for_a_socket_is_refused(redis_folder: Path) -> None:
    with pytest.raises(UnsuitableRedis, match="shorter"):
        EmbeddedRedis(redis_folder / ("deep" * 30))
    assert os.listdir(redis_folder) == []
