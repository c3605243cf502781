"""Behind a real Sentinel: the password reaches the master, and a replica that is promoted is found."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from engine.errors import StoreUnavailable
from engine.store.connection import Connection
from engine.store.embedded import find_server
from engine.store.following import Follower
from engine.store.rule_sets import RuleSetStore
from tests.redis import answers, free_ports
from tests.waiting import eventually

SECRET = "s:e/c@ret"
WRITTEN = "s%3Ae%2Fc%40ret"


class Watched:
    """A master, its replica and a Sentinel that watches them."""

    def __init__(self, folder: Path, servers: ExitStack) -> None:
        self._folder = folder
        self._servers = servers
        port, other, self._port = free_ports(3)
        self.master = self._run("master", f"port {port}", *self._options())
        self._run("replica", f"port {other}", f"replicaof 127.0.0.1 {port}", *self._options())
        eventually(lambda: answers(Connection(f"redis://:{WRITTEN}@127.0.0.1:{port}")))
        self._run(
            "sentinel",
            f"port {self._port}",
            f"sentinel monitor shop 127.0.0.1 {port} 1",
            f'sentinel auth-pass shop "{SECRET}"',
            "sentinel down-after-milliseconds shop 300",
            "sentinel failover-timeout shop 1000",
        )

    def address(self, access: str) -> str:
        return f"redis+sentinel://{access}127.0.0.1:1,127.0.0.1:{self._port}/shop"

    @property
    def sentinel(self) -> str:
        return f"redis://127.0.0.1:{self._port}"

    def _options(self) -> tuple[str, ...]:
        return f'requirepass "{SECRET}"', f'masterauth "{SECRET}"', 'save ""'

    def _run(self, name: str, *lines: str) -> subprocess.Popen[bytes]:
        folder = self._folder / name
        folder.mkdir()
        (folder / "conf").write_text("\n".join((f"dir {folder}", *lines)) + "\n")
        sentinel = ("--sentinel",) if name == "sentinel" else ()
        server = subprocess.Popen([find_server(), str(folder / "conf"), *sentinel], stdout=subprocess.DEVNULL)
        self._servers.callback(server.wait)
        self._servers.callback(server.kill)
        return server


@pytest.fixture
def watched(redis_folder: Path) -> Iterator[Watched]:
    with ExitStack() as servers:
        yield Watched(redis_folder, servers)


def test_a_promoted_replica_is_found(watched: Watched) -> None:
    connection = Connection(watched.address(f":{WRITTEN}@"))
    eventually(lambda: answers(connection))
    connection.call("SET", "a", "b")
    eventually(lambda: connection.call("INFO", "replication").get("slave0", {}).get("state") == "online", 30.0)
    assert connection.call("WAIT", 1, 900) == 1
    watched.master.kill()
    eventually(lambda: not answers(connection))
    eventually(lambda: answers(connection), 30.0)
    assert connection.call("GET", "a") == b"b"
    connection.call("SET", "a", "c")
    connection.close()


def test_a_master_that_is_replaced_while_it_runs_is_left_at_once(watched: Watched) -> None:
    """What it is told until the Sentinel tells it, ten seconds later, is lost."""
    connection, sentinel = Connection(watched.address(f":{WRITTEN}@")), Connection(watched.sentinel)
    follower = Follower(RuleSetStore(connection), lambda loaded: None)
    eventually(lambda: answers(connection))
    first = connection.call("CONFIG", "GET", "port")
    eventually(lambda: any(b"ok" in each for each in sentinel.call("SENTINEL", "REPLICAS", "shop")), 30.0)
    with ThreadPoolExecutor() as threads:  # no connection need be made later, which would ask the Sentinel
        list(threads.map(lambda key: connection.call("BLPOP", key, "0.3"), "abcd"))
    follower.start()
    eventually(lambda: follower.following.polls > 2)
    sentinel.call("SENTINEL", "FAILOVER", "shop")
    master = sentinel.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "shop")
    eventually(lambda: sentinel.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "shop") != master, 30.0)
    eventually(lambda: connection.call("CONFIG", "GET", "port") != first, 8.0)
    follower.stop()
    assert connection.call("INFO", "replication")["role"] == "master"
    for each in (connection, sentinel):
        each.close()


def test_a_wrong_password_is_said(watched: Watched) -> None:
    for access, said in (("", "Authentication required"), (":wrong@", "invalid username-password")):
        connection = Connection(watched.address(access))
        with pytest.raises(StoreUnavailable, match=said):
            connection.call("PING")
        connection.close()
