"""Reservations in a Cluster, which refuses scripts whose keys are in several slots, and moves slots between nodes."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.errors import StoreUnavailable
from engine.store.connection import Connection
from engine.store.counting import Counter, Kind, Take
from engine.store.embedded import find_server
from engine.store.redemptions import Redemptions, Request, Reservation, State
from engine.store.usage import Counters
from tests.waiting import eventually

HOUR = 3_600_000
TAKES = (
    Take(Counter(Kind.TOTAL, "2026-06"), "p", 1, 2, HOUR),
    Take(Counter(Kind.CUSTOMER, "", "anna"), "p", 1, 2, 0),
    Take(Counter(Kind.UNIQUE, "", "club/2a"), "-77", 1, 2, 0),
    Take(Counter(Kind.SPENT, "", "USD"), "p", 150, 400, 0),
)


@contextmanager
def node(folder: Path) -> Iterator[tuple[int, Connection]]:
    """A server that is not in a Cluster yet: its port, and a connection to it alone."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1] % 50_000 + 1_024  # its bus uses the port 10,000 above
    options = ["--port", str(port), "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--save", ""]
    folder.mkdir()
    with subprocess.Popen([find_server(), *options], cwd=folder, stdout=subprocess.DEVNULL) as server:
        alone = Connection(f"redis://127.0.0.1:{port}/0")
        try:
            until(lambda: alone.call("PING"))
            yield port, alone
        finally:
            alone.close()
            server.kill()


@pytest.fixture
def first(redis_folder: Path) -> Iterator[tuple[int, Connection]]:
    """The only node of a Cluster."""
    with node(redis_folder / "first") as (port, alone):
        alone.call("CLUSTER", "ADDSLOTS", *range(16_384))
        until(lambda: alone.call("SET", "{any}", 1))
        yield port, alone


@pytest.fixture
def cluster(first: tuple[int, Connection]) -> Iterator[Connection]:
    connection = Connection(f"redis+cluster://127.0.0.1:{first[0]}")
    yield connection
    connection.close()


def test_a_password_reaches_every_node(cluster: Connection) -> None:
    cluster.call("CONFIG", "SET", "requirepass", "se@cret")
    address = cluster._shown.replace("//", "//:%s@")
    known = Connection(address % "se%40cret")
    assert known.call("SET", "{any}", 2)
    with pytest.raises(StoreUnavailable, match=r"denied access|cannot be connected"):
        Connection(address % "wrong").call("SET", "{any}", 3)
    assert known.call("GET", "{any}") == b"2"
    known.close()


def until(call: Callable[[], object]) -> None:
    """The call no longer fails."""
    deadline = time.monotonic() + 10
    while True:
        try:
            call()
            return
        except StoreUnavailable:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_all_keys_of_a_script_are_in_one_slot(cluster: Connection) -> None:
    redemptions = Redemptions(cluster, "spring {set}")
    counters = Counters(cluster, "spring {set}", lambda: None)
    assert redemptions.open()

    def reserve(key: str, lifetime: int = HOUR) -> object:
        return redemptions.reserve(Request(key, b"", f"cart {key}", lifetime, TAKES, b"", [b"key", key.encode()]))

    assert isinstance(reserve("k1"), Reservation)
    assert isinstance(reserve("short", 20), Reservation)
    time.sleep(0.05)
    assert redemptions.commit("k1").state is State.COMMITTED  # ends the short one, whose keys were not passed to it
    assert redemptions.release("short").state is State.EXPIRED
    assert isinstance(reserve("k2"), Reservation)
    assert len(reserve("k3")) == len(TAKES)  # exceeded, all of them
    consulted = redemptions.consult("k2", b"", "cart k2", [take.counter for take in TAKES])
    assert [tally.get(take.promotion_id) for take, tally in zip(TAKES, consulted.tallies.values(), strict=True)] == [
        *(1, 1, 1, 150)
    ]
    counters.read(TAKES[0].counter)
    assert counters.follow()
    assert counters.read(TAKES[0].counter) == {"p": 2}


@pytest.mark.parametrize("kinds", [("reservation",), ("ledger", "open", "changes"), ("spent",)])
def test_nothing_is_given_back_in_part_while_the_slot_moves(
    cluster: Connection, first: tuple[int, Connection], redis_folder: Path, kinds: tuple[str, ...]
) -> None:
    """Some keys have moved to another node, others have not: a script would find some of them missing."""
    redemptions = Redemptions(cluster, "spring")
    redemptions.open()
    redemptions.reserve(Request("k1", b"", "c1", 20, TAKES, b"", [b"key", b"k1"]))
    keys = [key.decode() for key in cluster.scan("cartwright:{spring}:*")]
    slot = cluster.call("CLUSTER", "KEYSLOT", "{spring}")
    source = first[1]
    with node(redis_folder / "other") as (port, target):
        ids = [each.call("CLUSTER", "MYID").decode() for each in (source, target)]
        target.call("CLUSTER", "MEET", "127.0.0.1", first[0])
        eventually(lambda: ids[1] in str(source.call("CLUSTER", "NODES")))
        eventually(lambda: "cluster_state:ok" in str(target.call("CLUSTER", "INFO")))
        source.call("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])
        target.call("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])

        def move(some: list[str]) -> None:
            source.call("MIGRATE", "127.0.0.1", port, "", 0, 900, "KEYS", *some)

        move([key for key in keys if key.split(":")[2] in kinds])
        time.sleep(0.02)
        with pytest.raises(StoreUnavailable, match="moves these keys to another node"):
            redemptions.sweep()
        move(keys)
        for each in (target, source):
            each.call("CLUSTER", "SETSLOT", slot, "NODE", ids[1])
        assert redemptions.release("k1").state is State.EXPIRED
        counters = [redemptions.keys.counter(take.counter) for take in TAKES]
        assert cluster.call_all(("HGETALL", key) for key in counters) == [{}] * len(TAKES)
