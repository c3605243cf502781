"""Reservations in a Cluster of one node, which refuses scripts whose keys are in several slots."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.errors import StoreUnavailable
from engine.store.connection import Connection
from engine.store.counting import Counter, Kind, Take
from engine.store.embedded import find_server
from engine.store.redemptions import Redemptions, Request, Reservation, State
from engine.store.usage import Counters

HOUR = 3_600_000
TAKES = (
    Take(Counter(Kind.TOTAL, "2026-06"), "p", 1, 2, HOUR),
    Take(Counter(Kind.CUSTOMER, "", "anna"), "p", 1, 2, 0),
    Take(Counter(Kind.UNIQUE, "", "club/2a"), "-77", 1, 2, 0),
    Take(Counter(Kind.SPENT, "", "USD"), "p", 150, 400, 0),
)


@pytest.fixture
def cluster(redis_folder: Path) -> Iterator[Connection]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1] % 50_000 + 1_024  # its bus uses the port 10,000 above
    options = ["--port", str(port), "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--save", ""]
    with subprocess.Popen([find_server(), *options], cwd=redis_folder, stdout=subprocess.DEVNULL) as server:
        try:
            node = Connection(f"redis://127.0.0.1:{port}/0")
            until(lambda: node.call("PING"))
            node.call("CLUSTER", "ADDSLOTS", *range(16_384))
            until(lambda: node.call("SET", "{any}", 1))
            yield Connection(f"redis+cluster://127.0.0.1:{port}")
        finally:
            server.kill()


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
