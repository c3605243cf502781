"""Calls whose request never comes: a caller that hangs, or a network that does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import grpc
import pytest

from engine.client import PricingClient, RuleSetClient
from engine.rules import Source
from engine.service import RULE_SET_SERVICE, SERVICE
from engine.service.server import Server
from engine.store.connection import Connection
from tests.serving import CART, StartServer, running, settings_of, spring
from tests.waiting import eventually

MANY = 40
SECONDS = 10.0


@contextmanager
def unsent(server: Server, method: str, calls: int, threads: str) -> Iterator[None]:
    """Begins calls of a method, in which nothing is sent, and waits until they occupy threads."""
    end = Event()

    def nothing() -> Iterator[bytes]:
        end.wait()
        yield from ()

    with grpc.insecure_channel(str(server.address)) as channel:
        begun = channel.stream_unary(f"/{method}")
        under_way = [begun.future(nothing()) for _ in range(calls)]
        try:
            eventually(lambda: len(getattr(server, threads)._begun) >= calls)
            yield
            assert not any(each.done() for each in under_way)
        finally:
            end.set()
            for each in under_way:
                each.cancel()


@pytest.mark.parametrize("method", [f"{SERVICE}/PriceCart", f"{SERVICE}/MutateCart"])
def test_calls_that_send_nothing_do_not_keep_others_from_their_prices(start_server: StartServer, method: str) -> None:
    server = start_server("spring", allow_at=True)
    with unsent(server, method, MANY, "_workers"), PricingClient(str(server.address), send_at=True) as client:
        assert [client.price(CART, timeout=SECONDS).quote.total for _ in range(20)] == [9_900] * 20


def test_nor_others_from_publishing(connection: Connection, redis_url: str) -> None:
    settings = settings_of(redis=redis_url, allow_publish=True)
    with (
        running(Server(settings)) as server,
        unsent(server, f"{RULE_SET_SERVICE}/Publish", 3, "_readers"),
        unsent(server, f"{RULE_SET_SERVICE}/List", MANY, "_rule_set_workers"),
        RuleSetClient(str(server.address)) as client,
    ):
        client.publish([Source("rules.yaml", spring())], "ann")
        assert [name for name, *_ in client.overview()] == ["spring"]
