"""Metrics over HTTP, whatever scrapers do."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Gauge, Metric
from prometheus_client.registry import Collector

from engine.service import scraping
from engine.service.scraping import Scraping
from engine.service.server import Server
from engine.service.settings import Address
from tests.scraping import get
from tests.serving import settings_of

HERE = Address("127.0.0.1", 0)


@pytest.fixture
def registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    Gauge("boots", "Boots in stock.", registry=registry).set(7)
    return registry


@pytest.fixture
def served(registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scraping]:
    monkeypatch.setattr(scraping, "_APART", 0.0)
    served = Scraping(HERE, registry)
    served.start()
    yield served
    served.stop()


def closed(connection: socket.socket) -> bool:
    """Whether the other side has closed it, or does so within seconds."""
    connection.settimeout(10)
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def silent(stack: ExitStack, address: Address) -> socket.socket:
    """A connection that sends nothing."""
    return stack.enter_context(socket.create_connection((address.host, address.port)))


def test_metrics_are_at_their_path_and_nothing_else_is_anywhere(served: Scraping) -> None:
    status, text = get(served.address)
    assert status == 200
    assert text.splitlines() == ["# HELP boots Boots in stock.", "# TYPE boots gauge", "boots 7.0"]
    assert get(served.address, "/metrics?from=here")[0] == 200
    for path in ("/", "/metrics/more", "/favicon.ico"):
        status, text = get(served.address, path)
        assert (status, "Metrics are at /metrics." in text) == (404, True)


def test_what_is_no_path_is_not_found(served: Scraping, caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_connection((served.address.host, served.address.port)) as connection:
        connection.sendall(b"GET http://[ HTTP/1.0\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.0 404"
    assert caplog.text == ""


def test_a_host_may_be_a_name(registry: CollectorRegistry) -> None:
    served = Scraping(Address("localhost", 0), registry)
    served.start()
    assert get(served.address)[0] == 200
    served.stop()


def test_silent_scrapers_keep_nobody_else_waiting(served: Scraping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scraping, "_PATIENCE", 30.0)
    with ExitStack() as stack:
        for _ in range(scraping._CONNECTIONS - 1):
            silent(stack, served.address)
        assert get(served.address)[0] == 200


def test_only_so_many_scrapers_are_answered_at_once(served: Scraping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scraping, "_PATIENCE", 30.0)
    with ExitStack() as stack:
        several = [silent(stack, served.address) for _ in range(scraping._CONNECTIONS)]
        assert closed(silent(stack, served.address))
        for each in several:
            each.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            assert each.recv(15) == b"HTTP/1.0 200 OK"


def test_a_silent_scraper_is_let_go(served: Scraping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scraping, "_PATIENCE", 0.1)
    with ExitStack() as stack:
        assert closed(silent(stack, served.address))


def test_a_scraper_that_sends_a_byte_now_and_then_is_let_go(served: Scraping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scraping, "_PATIENCE", 0.5)

    def send_slowly(connection: socket.socket) -> None:
        for _ in range(100):
            connection.sendall(b"G")
            time.sleep(0.1)

    with ExitStack() as stack:
        slow = silent(stack, served.address)
        with pytest.raises(ConnectionError):
            send_slowly(slow)


def test_a_flood_of_scrapes_is_slowed_down(registry: CollectorRegistry) -> None:
    served = Scraping(HERE, registry)
    served.start()
    begun = time.monotonic()
    for _ in range(6):
        assert get(served.address)[0] == 200
    assert time.monotonic() - begun >= 5 * scraping._APART
    served.stop()


def test_who_hangs_up_is_no_fault(served: Scraping, caplog: pytest.LogCaptureFixture) -> None:
    for request in (b"", b"GET", b"GET /metrics HTTP/1.0\r\n\r\n"):
        with socket.create_connection((served.address.host, served.address.port)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # reset when closed
            connection.sendall(request)
    assert get(served.address)[0] == 200
    assert caplog.text == ""


def test_a_fault_is_logged_and_ends_one_scrape_only(
    served: Scraping, registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    class Faulty(Collector):
        def collect(self) -> Iterator[Metric]:
            raise RuntimeError("no boots")

    faulty = Faulty()
    registry.register(faulty)
    with pytest.raises(ConnectionError):
        get(served.address)
    assert "the metrics cannot be read" in caplog.text
    assert "no boots" in caplog.text
    registry.unregister(faulty)
    assert get(served.address)[0] == 200


def test_one_that_never_started_frees_its_port(registry: CollectorRegistry) -> None:
    served = Scraping(HERE, registry)
    served.stop()
    with socket.create_server((served.address.host, served.address.port)):
        pass


def test_a_port_that_is_taken_is_refused_and_nothing_stays_bound(rule_file: Callable[[str], Path]) -> None:
    rules = rule_file("spring")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = Address(*taken.getsockname())
        with pytest.raises(OSError, match=f"cannot listen on {address}: Address already in use"):
            Server(settings_of(rules, metrics=address))
        free = free_address()
        with pytest.raises(OSError, match=f"cannot listen on {address}: Address already in use"):
            Server(settings_of(rules, address=address, metrics=free))
        with socket.create_server((free.host, free.port)):
            pass


def test_a_host_that_cannot_be_one_is_refused(rule_file: Callable[[str], Path]) -> None:
    with pytest.raises(OSError, match=r"cannot listen on a\.\.b:9100: "):
        Server(settings_of(rule_file("spring"), metrics=Address("a..b", 9100)))


def free_address() -> Address:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return Address(*server.getsockname())
