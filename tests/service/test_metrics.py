"""What an operator watches: each value after calls that are known."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise
from math import inf
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any, TypeAlias

import grpc
import pytest

from engine.client import PricingClient, RuleSetClient
from engine.errors import CallFailed, CartwrightError, InvalidCart, RuleSetNotFound, StoreMissing, StoreUnavailable
from engine.pricing.cart import Cart
from engine.rules import Source
from engine.service.held import Held
from engine.service.meters import Meters
from engine.service.metrics import Watched, registry_of
from engine.service.pricing_service import Streams
from engine.service.rule_set import ServedRuleSet
from engine.service.server import Server
from engine.service.settings import Address
from engine.store.connection import Connection
from engine.store.embedded import EmbeddedRedis
from engine.store.following import Following
from engine.store.redemptions import Redemptions
from engine.v1.pricing_pb2_grpc import PricingServiceStub
from tests import redemptions
from tests.redis import crash
from tests.scraping import Scrape
from tests.service.test_mutate_cart import quantity, step, whole
from tests.service.test_price_stream import Stream
from tests.serving import CART, running, settings_of, spring
from tests.waiting import eventually

OPERATIONS = Path(__file__).parents[2] / "docs/operations.md"
HERE = Address("127.0.0.1", 0)
UNPROVEN = """\
ruleset: spring
currencies: [USD]
search: {nodes: 1}
layers:
  - {name: order, kind: goods, combine: best}
promotions:
"""
Start: TypeAlias = Callable[..., Server]


@pytest.fixture
def start(rule_file: Callable[[str], Path]) -> Iterator[Start]:
    """Starts services with metrics; with the rule set ``spring`` unless told otherwise."""
    with ExitStack() as servers:

        def start(*rules: Path, **options: Any) -> Server:
            rules = rules or (() if "redis" in options else (rule_file("spring"),))
            settings = settings_of(*rules, **{"metrics": HERE, "allow_at": True, **options})
            return servers.enter_context(running(Server(settings)))

        yield start


def test_calls_are_counted_by_how_they_end_and_how_long_they_take(start: Start) -> None:
    server = start()
    begun = time.monotonic()
    with PricingClient(str(server.address), send_at=True) as client:
        for _ in range(3):
            client.price(CART)
        with pytest.raises(RuleSetNotFound):
            client.price(replace(CART, rule_set="autumn"))
        for currency in ("EUR", "XXX"):
            with pytest.raises(InvalidCart):
                client.price(replace(CART, currency=currency))
        with pytest.raises(StoreMissing):
            client.commit("k1")
    with RuleSetClient(str(server.address)) as rules, pytest.raises(StoreMissing):
        rules.status()
    spent = time.monotonic() - begun
    scrape = Scrape(server)
    assert scrape.calls("PriceCart") == {"OK": 3, "NOT_FOUND RULE_SET_NOT_FOUND": 1, "INVALID_ARGUMENT INVALID_CART": 2}
    assert scrape.calls("Commit") == scrape.calls("Status") == {"FAILED_PRECONDITION STORE_MISSING": 1}
    assert scrape.calls("MutateCart") == {}
    assert scrape.value("call_duration_seconds_count", method="PriceCart") == 6
    assert 0 < scrape.value("call_duration_seconds_sum", method="PriceCart") < spent
    buckets = [
        each.value
        for each in scrape.samples
        if each.name == "cartwright_call_duration_seconds_bucket" and each.labels["method"] == "PriceCart"
    ]
    assert all(before <= after for before, after in pairwise(buckets))
    assert (len(buckets), buckets[-1]) == (14, 6)


def test_a_fault_of_the_service_is_counted_whatever_it_is(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    server = start()
    first = Scrape(server).value("calls_total", method="PriceCart", code="INTERNAL", reason="INTERNAL")
    assert first == 0  # without it, no rate would show the first fault
    faults = iter([RuntimeError(), KeyError(), CartwrightError()])  # no status is defined for the last

    def fail(*_: object) -> None:
        raise next(faults)

    monkeypatch.setattr("engine.service.pricing_service.cart_head", fail)
    with PricingClient(str(server.address), send_at=True) as client:
        for _ in range(3):
            with pytest.raises(CallFailed, match="INTERNAL"):
                client.price(CART)
    assert Scrape(server).calls("PriceCart") == {"INTERNAL INTERNAL": 3}


def test_each_message_of_a_stream_is_counted_and_so_are_streams(start: Start) -> None:
    server = start(streams=1)
    with grpc.insecure_channel(str(server.address)) as channel:
        stream = Stream(channel)
        stream.ask(whole(CART, 0))
        for revision in range(5):
            stream.ask(step(CART, revision, quantity("a", revision + 1)))
        stream.ask(step(CART, 0))
        stream.ask(b"\xff" * 40)
        for _ in range(2):
            with pytest.raises(grpc.RpcError):
                Stream(channel).ask(whole(CART, 0))
        PricingServiceStub(channel).MutateCart(step(CART, 5, quantity("a", 9)))
        scrape = Scrape(server)
        assert (scrape.value("streams_open"), scrape.value("streams_limit")) == (1, 1)
        assert scrape.value("streams_refused_total") == 2
        stream.end()
        assert list(stream.call) == []
    eventually(lambda: Scrape(server).value("streams_open") == 0)
    assert scrape.calls("PriceStream") == {
        "OK": 6,
        "ABORTED REVISION_MISMATCH": 1,
        "INVALID_ARGUMENT INVALID_MUTATION": 1,
    }
    assert scrape.value("call_duration_seconds_count", method="PriceStream") == 8
    assert scrape.calls("MutateCart") == {"OK": 1}


def test_held_carts_are_counted_and_so_are_those_that_are_forgotten(start: Start) -> None:
    server = start(session_memory=50_000)
    with grpc.insecure_channel(str(server.address)) as channel:
        stub = PricingServiceStub(channel)
        stub.MutateCart(whole(CART, 0))
        one = Scrape(server)
        assert (one.value("held_carts"), one.value("held_carts_forgotten_total")) == (1, 0)
        assert one.value("held_carts_limit_bytes") == 50_000
        for number in range(99):
            stub.MutateCart(whole(replace(CART, id=f"cart {number}"), 0))
    full = Scrape(server)
    assert full.value("held_carts") + full.value("held_carts_forgotten_total") == 100
    assert full.value("held_carts") < 90
    assert 0 < one.value("held_carts_bytes") < full.value("held_carts_bytes") <= 50_000


def test_explained_calls_that_wait_are_counted(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, make = Event(), ServedRuleSet.adviser

    def adviser(self: ServedRuleSet) -> Any:
        assert gate.wait(10)
        return make(self)

    monkeypatch.setattr(ServedRuleSet, "adviser", adviser)
    server = start()
    assert Scrape(server).value("calls_waiting", queue="explaining") == 0
    with grpc.insecure_channel(str(server.address)) as channel:
        cart = whole(replace(CART, explain=True), 0).cart
        calls = [PricingServiceStub(channel).PriceCart.future(cart) for _ in range(4)]
        eventually(lambda: Scrape(server).value("calls_waiting", queue="explaining") == 3)
        gate.set()
        assert [call.result(10).total for call in calls] == [9_900] * 4
    assert Scrape(server).value("calls_waiting", queue="explaining") == 0


def test_quotes_that_are_not_proven_best_are_counted(start: Start, tmp_path: Path) -> None:
    rules = tmp_path / "spring.yaml"
    rules.write_text(
        UNPROVEN
        + "".join(
            f"""\
  p{number}:
    layer: order
    reward:
      buy_get:
        buy: {{of: cart, quantity: {number % 3 + 1}}}
        get: {{of: cart, quantity: 1, percent_off: {90 - number}}}
"""
            for number in range(12)
        )
    )
    server = start(rules)
    assert Scrape(server).value("unproven_quotes_total", rule_set="spring") == 0
    lines = tuple(replace(CART.lines[0], id=str(number), price=100 + 37 * number) for number in range(12))
    cart = replace(CART, lines=lines)
    with PricingClient(str(server.address), send_at=True) as client:
        quote = client.price(cart).quote
        assert quote.search is not None
        assert not quote.search.optimal
        client.open(cart)
        client.price(replace(cart, explain=True))
        assert client.price(replace(cart, lines=(replace(lines[0], quantity=1),))).quote.search.optimal
    assert Scrape(server).value("unproven_quotes_total", rule_set="spring") == 3


def test_services_in_one_process_count_for_themselves(start: Start) -> None:
    first, second = start(), start()
    with PricingClient(str(first.address), send_at=True) as client:
        client.price(CART)
    assert (Scrape(first).calls("PriceCart"), Scrape(second).calls("PriceCart")) == ({"OK": 1}, {})


def test_without_a_store_nothing_is_said_of_it(start: Start) -> None:
    scrape = Scrape(start())
    for name in ("redis_up", "rule_sets_age_seconds"):
        assert scrape.values(name) == []
    said = [each.name for each in scrape.samples if "rule_set" in each.labels]
    assert said == ["cartwright_rule_set_info", "cartwright_unproven_quotes_total"]


def publish(rules: RuleSetClient, server: Server, percent: int) -> str:
    """Publish and activate, wait until the server prices by it, and return the version."""
    revision, _ = rules.publish([Source("rules.yaml", spring(percent))], "ann")
    rules.activate("spring", revision.number, "ann")
    eventually(lambda: [each.revision for each in server.rule_sets] == [revision.number])
    return revision.version


def test_what_is_served_and_since_when(
    start: Start, connection: Connection, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start(redis=redis_url, allow_publish=True)
    with RuleSetClient(str(server.address)) as rules:
        version = publish(rules, server, 10)
        eventually(lambda: bool(Scrape(server).values("rule_set_switched_timestamp_seconds", rule_set="spring")))
        first = Scrape(server)
        assert first.value("rule_set_info", rule_set="spring", revision="1", version=version) == 1
        assert first.value("rule_set_fault", rule_set="spring") == 0
        since = first.value("rule_set_switched_timestamp_seconds", rule_set="spring")
        assert time.time() - 60 < since <= time.time()
        after = publish(rules, server, 20)
        eventually(lambda: Scrape(server).value("rule_set_switched_timestamp_seconds", rule_set="spring") > since)
        second = Scrape(server)
        assert second.value("rule_set_info", rule_set="spring", revision="2", version=after) == 1
        assert second.values("rule_set_info", rule_set="spring", revision="1", version=version) == []
        assert second.calls("Publish") == second.calls("Activate") == {"OK": 2}
        connection.call("FLUSHALL")
        eventually(lambda: Scrape(server).value("rule_set_fault", rule_set="spring") == 1)
        assert Scrape(server).value("redis_up") == 1


def test_how_old_what_is_known_is_with_redis_and_without(start: Start, tmp_path: Path, redis: EmbeddedRedis) -> None:
    rules = tmp_path / "spring.yaml"
    rules.write_text(redemptions.RULES)
    server = start(rules, redis=redis.url)
    assert Scrape(server).value("counters_age_seconds", rule_set="spring") == inf  # the ledger has yet to be opened
    connection = Connection(redis.url)
    Redemptions(connection, "spring").open()
    eventually(lambda: Scrape(server).value("counters_age_seconds", rule_set="spring") < 2)
    fresh = Scrape(server)
    assert fresh.value("redis_up") == 1
    assert fresh.value("rule_sets_age_seconds") < 5
    crash(redis, connection)
    with PricingClient(str(server.address)) as client:
        with pytest.raises(StoreUnavailable):
            client.commit("k1")
        client.price(redemptions.cart("c", channel="web"))
    eventually(lambda: Scrape(server).value("redis_up") == 0)
    eventually(lambda: Scrape(server).value("counters_age_seconds", rule_set="spring") > 2)
    eventually(lambda: Scrape(server).value("rule_sets_age_seconds") > 2)
    scrape = Scrape(server)
    assert set(scrape.calls("Commit")) == {"UNAVAILABLE STORE_UNAVAILABLE"}
    assert scrape.calls("PriceCart") == {"OK": 1}


def test_an_age_is_not_negative_though_redis_answers_during_a_scrape() -> None:
    class Facts:
        @property
        def counters_up_to_date(self) -> dict[str, float]:
            return {"spring": time.monotonic()}

    pricer = SimpleNamespace(rule_sets=(), unproven={}, facts=Facts())
    pricing = SimpleNamespace(streams=Streams(0, 1, 0), held=Held(0, 0, 0, 0))

    def following() -> Following:
        return Following(available=True, answered=time.monotonic())

    watched: Any = Meters(), pricing, pricer, SimpleNamespace(waiting=0), {}, following
    registry = registry_of(Watched(*watched))
    assert registry.get_sample_value("cartwright_rule_sets_age_seconds") >= 0
    assert registry.get_sample_value("cartwright_counters_age_seconds", {"rule_set": "spring"}) >= 0


def test_a_service_that_never_reached_redis_says_so(start: Start, rule_file: Callable[[str], Path]) -> None:
    scrape = Scrape(start(rule_file("spring"), redis="redis://127.0.0.1:1/0"))
    assert (scrape.value("redis_up"), scrape.value("rule_sets_age_seconds")) == (0, inf)


def test_metrics_are_served_while_the_service_stops(rule_file: Callable[[str], Path]) -> None:
    server = Server(settings_of(rule_file("spring"), metrics=HERE, allow_at=True, grace=20))
    server.start()
    with grpc.insecure_channel(str(server.address)) as channel, ThreadPoolExecutor(1) as stopper:
        stream = Stream(channel)
        stream.ask(whole(CART, 0))
        stopped = stopper.submit(server.stop)
        eventually(lambda: not _accepts_calls(server))
        assert Scrape(server).value("streams_open") == 1
        assert stream.ask(step(CART, 0)).quote.total == 9_900
        assert Scrape(server).calls("PriceStream") == {"OK": 2}
        stream.end()
        stopped.result(20)
    address = server.metrics_address
    assert address is not None
    with socket.create_server((address.host, address.port)):
        pass


def _accepts_calls(server: Server) -> bool:
    with grpc.insecure_channel(str(server.address)) as channel:
        try:
            PricingServiceStub(channel).PriceCart(whole(CART, 0).cart, timeout=5)
        except grpc.RpcError:
            return False
        return True


def test_every_metric_is_in_the_table_of_the_documentation(
    start: Start, connection: Connection, redis_url: str, tmp_path: Path
) -> None:
    text = OPERATIONS.read_text()
    written = {
        name: frozenset(re.findall("`([a-z_]+)`", labels))
        for name, labels in re.findall(r"^\| `([a-z_]+)` \| ([^|]*)\|", text, re.M)
    }
    server = start(redis=redis_url, allow_publish=True)
    with RuleSetClient(str(server.address)) as rules:
        revision, _ = rules.publish([Source("rules.yaml", redemptions.RULES)], "ann")
        rules.activate("spring", revision.number, "ann")
    with PricingClient(str(server.address)) as client:
        eventually(lambda: bool(server.rule_sets))
        client.price(Cart(id="c", currency="USD", at=0))
    eventually(lambda: bool(Scrape(server).values("rule_set_switched_timestamp_seconds", rule_set="spring")))
    scrape = Scrape(server)
    assert scrape.names == set(written)
    for name, labels in written.items():
        found = {
            frozenset(each.labels) - {"le"}
            for each in scrape.samples
            if each.name == name or each.name.removesuffix("_bucket") == name
        }
        assert found == {labels}, name


def test_expressions_for_alerts_name_metrics_that_exist() -> None:
    text = OPERATIONS.read_text()
    table = set(re.findall(r"^\| `([a-z_]+)` \|", text, re.M))
    alerts = text.partition("| expression | means |")[2].partition("\n\n")[0]
    named = set(re.findall(r"\b(?:cartwright|process)_[a-z_]+", alerts))
    assert len(named) >= 8
    assert named <= table
