"""Redis stopped, restarted, failed over, slow, full and flushed: pricing keeps answering, and nothing is guessed."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread

import grpc
import pytest

from engine.client import PricingClient, Reserved
from engine.errors import CallFailed, LedgerClosed, ReservationNotFound, StoreFull, StoreUnavailable
from engine.store.connection import Connection
from engine.store.embedded import EmbeddedRedis, find_server
from engine.store.redemptions import Redemptions, State
from engine.v1.redemption_pb2 import CommitRequest
from engine.v1.redemption_pb2_grpc import RedemptionServiceStub
from tests.proxy import Proxy, proxied
from tests.redemptions import UNTOUCHED, cart, replica, total
from tests.redis import answers, crash, free_ports
from tests.waiting import eventually, stalls

WEB = UNTOUCHED - 1_000
TIMEOUT = 1.0
"""Seconds that one attempt to ask a store that hangs takes."""
HANG = 2 * TIMEOUT
"""Seconds that a call which asks such a store takes at least: it tries three times; some may be taken for stalls."""


@pytest.fixture
def embedded(redis_folder: Path) -> Iterator[EmbeddedRedis]:
    embedded = EmbeddedRedis(redis_folder)
    Redemptions(Connection(embedded.url), "spring").open()
    yield embedded
    embedded.stop()


@pytest.fixture
def proxy(embedded: EmbeddedRedis) -> Iterator[Proxy]:
    with proxied(embedded.url.removeprefix("unix://")) as proxy:
        yield proxy


@pytest.fixture
def address(proxy: Proxy, tmp_path: Path) -> Iterator[str]:
    with replica(tmp_path, proxy.url) as server:
        yield str(server.address)


@pytest.fixture
def client(address: str) -> Iterator[PricingClient]:
    with PricingClient(address) as client:
        yield client


@contextmanager
def shopping(client: PricingClient) -> Iterator[None]:
    """Prices carts and mutates one throughout; no call may fail, or wait for the store.

    If pricing waited for a store that hangs, a call would take as long as the store is tried, or, if it waited for one
    attempt only, each call would take that long. What a busy machine delays calls by is taken off, as far as it is
    known; it may delay a call or two by a second more.
    """
    ended, durations, failures = Event(), list[float](), list[Exception]()

    def shop(stalled: Callable[[], float]) -> None:
        session = client.open(cart("shopping", channel="web"))
        number = 0
        while not ended.is_set():
            started = time.monotonic() - stalled()
            try:
                total(client, cart(f"shopping {number}", channel="web", customer=f"customer {number}"))
                session.mutate()
            except Exception as error:
                failures.append(error)
                return
            durations.append(time.monotonic() - stalled() - started)
            number += 1
            time.sleep(0.005)

    with stalls() as stalled:
        shopper = Thread(target=shop, args=[stalled])
        shopper.start()
        try:
            yield
        finally:
            ended.set()
            shopper.join()
    assert not failures
    slow = [each for each in durations if each >= TIMEOUT]
    assert len(slow) <= min(2, len(durations) // 4), durations
    assert max(durations) < HANG


def reserve(client: PricingClient, key: str) -> Reserved:
    shopper = cart(f"cart of {key}", channel="web")
    return client.reserve(key, shopper, client.price(shopper).quote, timeout=30)


def test_stopped_and_restarted(client: PricingClient, embedded: EmbeddedRedis, redis_folder: Path) -> None:
    assert reserve(client, "k1").quote.total == WEB
    assert reserve(client, "k2").quote.total == WEB
    eventually(lambda: total(client, cart("c", channel="web")) == UNTOUCHED)
    with shopping(client):
        crash(embedded, Connection(embedded.url))
        with pytest.raises(StoreUnavailable):
            reserve(client, "k3")
        with pytest.raises(StoreUnavailable):
            client.commit("k1", timeout=30)
        assert total(client, cart("c", channel="web")) == UNTOUCHED  # as last known
        again = EmbeddedRedis(redis_folder)
        try:
            assert client.commit("k1").state is State.COMMITTED
            assert client.release("k2").state is State.RELEASED
            eventually(lambda: total(client, cart("c", channel="web")) == WEB)
        finally:
            again.stop()


def test_cut_off_and_slow(client: PricingClient, address: str, proxy: Proxy) -> None:
    reserve(client, "k1")
    with shopping(client):
        proxy.cut()
        with pytest.raises(StoreUnavailable):
            client.commit("k1", timeout=30)
        proxy.mend()
        assert client.commit("k1").state is State.COMMITTED
        proxy.delay = 0.3
        assert reserve(client, "k2").state is State.RESERVED  # slow, but in time
        proxy.delay = 1.5
        with grpc.insecure_channel(address) as channel, pytest.raises(grpc.RpcError) as caught:
            RedemptionServiceStub(channel).Commit(CommitRequest(key="k2"))
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        proxy.delay = 0.0
        # It may have been done: repeating the call tells.
        assert client.commit("k2").state is State.COMMITTED
    eventually(lambda: total(client, cart("c", channel="web")) == UNTOUCHED)


def test_however_many_calls_wait_for_a_slow_store_carts_are_priced(
    client: PricingClient, address: str, proxy: Proxy
) -> None:
    with shopping(client), grpc.insecure_channel(address) as channel:
        proxy.delay = 1.5
        stub = RedemptionServiceStub(channel)
        calls = [stub.Commit.future(CommitRequest(key=f"k{number}")) for number in range(24)]
        assert {call.code() for call in calls} == {grpc.StatusCode.UNAVAILABLE}
        proxy.delay = 0.0


def test_full(client: PricingClient, embedded: EmbeddedRedis) -> None:
    reserve(client, "k1")
    connection = Connection(embedded.url)
    with shopping(client):
        connection.call("CONFIG", "SET", "maxmemory", 1)
        with pytest.raises(StoreFull):
            reserve(client, "k2")
        # Existing reservations are kept, and giving them back frees memory.
        assert client.commit("k1").state is State.COMMITTED
        connection.call("CONFIG", "SET", "maxmemory", 0)
        assert reserve(client, "k2").state is State.RESERVED
        connection.call("CONFIG", "SET", "maxmemory", 1)
        assert client.release("k2").state is State.RELEASED
    connection.call("CONFIG", "SET", "maxmemory", 0)
    assert connection.call("HGETALL", "cartwright:{spring}:spent::USD") == {b"budgeted": b"1000"}


def test_flushed(client: PricingClient, embedded: EmbeddedRedis) -> None:
    reserve(client, "k1")
    reserve(client, "k2")
    eventually(lambda: total(client, cart("c", channel="web")) == UNTOUCHED)
    connection = Connection(embedded.url)
    with shopping(client):
        connection.call("FLUSHALL")
        for _ in range(20):
            with pytest.raises(LedgerClosed):
                reserve(client, "k3")
            assert total(client, cart("c", channel="web")) == UNTOUCHED  # as last known
            time.sleep(0.02)
        with pytest.raises(ReservationNotFound):
            client.commit("k1")
        Redemptions(connection, "spring").open()
        eventually(lambda: total(client, cart("c", channel="web")) == WEB)
        assert reserve(client, "k3").state is State.RESERVED


def test_failed_over(tmp_path: Path, redis_folder: Path) -> None:
    """When the master is killed, a Sentinel promotes the replica; what the replica had is what counts."""
    with sentinel(redis_folder) as (url, first):
        Redemptions(Connection(url, timeout=5.0), "spring").open()
        with replica(tmp_path, url) as server, PricingClient(str(server.address)) as client:
            reserve(client, "k1")
            reserve(client, "k2")
            eventually(lambda: total(client, cart("c", channel="web")) == UNTOUCHED)
            last = Connection(url, timeout=5.0)
            last.call("SET", "last", 1)  # WAIT waits for what its own connection has written
            assert last.call("WAIT", 1, 4_000) == 1
            with shopping(client):
                first.kill()
                eventually(lambda: is_committed(client, "k1"), 30)
                assert client.release("k2").state is State.RELEASED
                eventually(lambda: total(client, cart("c", channel="web")) == WEB, 5)
                assert reserve(client, "k3").state is State.RESERVED


def is_committed(client: PricingClient, key: str) -> bool:
    try:
        return client.commit(key).state is State.COMMITTED
    except (StoreUnavailable, CallFailed):
        return False


@contextmanager
def sentinel(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address, behind a Sentinel, of a server with a replica, and the process of that server."""
    ports = free_ports(3)
    common = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"]
    watch = folder / "sentinel.conf"
    watch.write_text(
        f"port {ports[2]}\nbind 127.0.0.1\nsentinel monitor spring 127.0.0.1 {ports[0]} 1\n"
        "sentinel down-after-milliseconds spring 300\nsentinel failover-timeout spring 2000\n"
    )
    with ExitStack() as stack:

        def start(port: int, *options: str) -> tuple[subprocess.Popen[bytes], Connection]:
            process = subprocess.Popen([find_server(), *options], cwd=folder, stdout=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.kill)
            connection = Connection(f"redis://127.0.0.1:{port}/0", timeout=5.0)
            stack.callback(connection.close)
            eventually(lambda: answers(connection), 10)
            return process, connection

        first, master = start(ports[0], "--port", str(ports[0]), *common)
        start(ports[1], "--port", str(ports[1]), "--replicaof", "127.0.0.1", str(ports[0]), *common)
        eventually(lambda: master.call("INFO", "replication").get("slave0", {}).get("state") == "online", 10)
        _, watcher = start(ports[2], str(watch), "--sentinel")

        def knows_replica() -> bool:
            said = watcher.call("SENTINEL", "MASTER", "spring")
            return dict(zip(said[::2], said[1::2], strict=True))[b"num-slaves"] == b"1"

        eventually(knows_replica, 20)
        yield f"redis+sentinel://127.0.0.1:{ports[2]}/spring", first
