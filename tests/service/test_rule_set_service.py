"""RuleSetService over a real Redis: one client publishes rule sets, another gets the new prices."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import grpc
import pytest

from engine.client import PricingClient, RuleSetClient
from engine.errors import (
    ActivationConflict,
    CallFailed,
    CartUnknown,
    DuplicateRuleSet,
    InvalidArtifact,
    InvalidCart,
    InvalidRequest,
    NoEarlierRevision,
    NotPermitted,
    RevisionNotFound,
    RuleSetNotFound,
    StoreFull,
    StoreUnavailable,
)
from engine.pricing.cart import UNPRICED, Cart
from engine.pricing.mutations import SetQuantity
from engine.rules import InvalidRules, Limits, Source
from engine.service import REDEMPTION_SERVICE, RULE_SET_SERVICE, SERVICE
from engine.service.server import Server
from engine.store.connection import Connection
from engine.store.embedded import EmbeddedRedis
from engine.store.keys import RuleSetKeys
from engine.store.publishing import Publication, prepare
from engine.v1 import rule_sets_pb2
from tests.serving import BOOT, NOON, health, running, settings_of, spring
from tests.waiting import eventually

CART = Cart(id="c1", currency="USD", at=NOON, lines=(BOOT,))

Start: TypeAlias = Callable[..., Server]


def files(percent: int = 10, name: str = "spring", more: str = "") -> list[Source]:
    return [Source("rules.yaml", spring(percent, name) + more)]


@pytest.fixture
def start(connection: Connection, redis_url: str) -> Iterator[Start]:
    """Starts replicas of one store, which is empty at first."""
    with ExitStack() as servers:

        def start(**options: Any) -> Server:
            settings = settings_of(**{"redis": redis_url, "allow_at": True, "allow_publish": True, **options})
            return servers.enter_context(running(Server(settings)))

        yield start


@pytest.fixture
def server(start: Start) -> Server:
    return start()


@pytest.fixture
def shop(server: Server) -> Iterator[PricingClient]:
    with PricingClient(str(server.address), send_at=True) as client:
        yield client


@pytest.fixture
def rules(server: Server) -> Iterator[RuleSetClient]:
    with RuleSetClient(str(server.address)) as client:
        yield client


def serve(rules: RuleSetClient, server: Server, percent: int, name: str = "spring", more: str = "") -> int:
    """Publish, activate, and wait until the server prices by it; returns the revision."""
    revision, _ = rules.publish(files(percent, name, more), "ann")
    rules.activate(name, revision.number, "ann")
    eventually(lambda: (name, revision.number) in [(each.name, each.revision) for each in server.rule_sets])
    return revision.number


def test_carts_are_priced_by_the_revision_that_is_active(
    server: Server, shop: PricingClient, rules: RuleSetClient
) -> None:
    with pytest.raises(RuleSetNotFound, match="no rule set is served here; available: none"):
        shop.price(CART)
    assert serve(rules, server, 10) == 1
    quote = shop.price(CART).quote
    assert (quote.total, quote.rule_set_revision) == (9_000, 1)
    assert serve(rules, server, 20) == 2
    quote = shop.price(CART).quote
    assert (quote.total, quote.rule_set_revision) == (8_000, 2)
    assert quote.rule_set_version == rules.get("spring")[0].version
    activated = rules.rollback("spring", "bob", "too dear")
    assert (activated.pointer.active.revision, activated.pointer.active.rollback) == (1, True)
    eventually(lambda: shop.price(CART).quote.rule_set_revision == 1)
    assert [each.revision for each in rules.history("spring").activations] == [1, 2, 1]


def test_a_cart_that_is_held_moves_over_and_its_quote_comes_whole_once(
    server: Server, shop: PricingClient, rules: RuleSetClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(rules, server, 10)
    session = shop.open(CART, changes_only=True)
    answers = []
    send = session._send

    def keep(request: Any, timeout: float) -> Any:
        answer = send(request, timeout)
        answers.append((request.HasField("cart"), answer[0].HasField("quote")))
        return answer

    monkeypatch.setattr(session, "_send", keep)
    assert session.mutate(SetQuantity("a", 3)).quote.total == 13_500
    serve(rules, server, 20)
    assert session.mutate(SetQuantity("a", 2)).quote.total == 8_000
    assert session.quote.rule_set_revision == 2
    assert session.mutate(SetQuantity("a", 1)).quote.total == 4_000
    assert session.quote == shop.price(session.cart).quote
    assert answers == [(False, False), (False, True), (False, False)]
    serve(rules, server, 20, more="# only a comment\n")
    assert session.mutate(SetQuantity("a", 2)).quote.rule_set_revision == 3
    assert answers[-1] == (False, False)  # of the same version


def test_a_held_cart_that_the_new_revision_cannot_price_stays_as_it_was(
    server: Server, shop: PricingClient, rules: RuleSetClient
) -> None:
    serve(rules, server, 10)
    session = shop.open(replace(CART, lines=(replace(CART.lines[0], attributes={"size": 42}),)))
    serve(rules, server, 10, more="attributes: {item: {size: string}}\n")
    with pytest.raises(InvalidCart, match=r"lines\[0\].attributes.size: must be a string"):
        session.mutate(SetQuantity("a", 3))
    rules.rollback("spring", "ann")
    eventually(lambda: server.rule_sets[0].revision == 1)
    assert session.mutate(SetQuantity("a", 3)).quote.total == 13_500


def test_a_cart_is_explained_by_the_source_of_its_revision(
    server: Server, shop: PricingClient, rules: RuleSetClient
) -> None:
    serve(rules, server, 10)
    quote = shop.price(replace(CART, declined_promotions=("ten-off",), explain=True)).quote
    assert [each.promotion_name for each in quote.explanations] == ["10 % off everything"]
    assert quote.rule_set_revision == 1


def test_what_follows_a_rule_set_that_was_explained_is_prepared_for_it(
    server: Server, shop: PricingClient, rules: RuleSetClient
) -> None:
    serve(rules, server, 10)
    serve(rules, server, 20)
    assert not server.rule_sets[0].advises
    shop.price(replace(CART, explain=True))
    serve(rules, server, 30)
    eventually(lambda: server.rule_sets[0].advises)


def test_a_rule_set_whose_quotes_cannot_be_explained_is_served_and_its_fault_is_logged(
    server: Server,
    shop: PricingClient,
    rules: RuleSetClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("of an older version")

    serve(rules, server, 10)
    shop.price(replace(CART, explain=True))
    monkeypatch.setattr("engine.service.server.load_sources", fail)
    serve(rules, server, 20)
    eventually(lambda: "spring: quotes cannot be explained" in caplog.text)
    assert shop.price(CART).quote.total == 8_000


def test_publishing_refuses_every_mistake_at_its_place(rules: RuleSetClient) -> None:
    bad = [Source("a.yaml", "ruleset: spring\ncurrencies: [USD]\nfoo: 1\n"), Source("b.yaml", "bar: 2\n")]
    for refused in (lambda: rules.publish(bad, "ann"), lambda: rules.validate(bad)):
        with pytest.raises(InvalidRules) as caught:
            refused()
        found = [(each.position.file, each.position.line, each.code) for each in caught.value.issues]
        assert found == [("a.yaml", 3, "unknown_key"), ("b.yaml", 1, "unknown_key")]
        assert "    foo: 1\n    ^~~" in str(caught.value)
    assert rules.overview() == []


def test_more_mistakes_than_a_status_holds_come_nevertheless(rules: RuleSetClient) -> None:
    keys = "".join(f"unknown_{number}: 1\n" for number in range(90))
    with pytest.raises(InvalidRules) as caught:
        rules.publish(files(more=keys), "ann")
    assert (len(caught.value.issues), caught.value.more) == (90, False)


def test_examples_must_come_to_what_they_say(rules: RuleSetClient) -> None:
    example = (
        "examples:\n  - name: boots\n    total: 91.00\n"
        "    cart: {at: 2026-06-01T17:00, lines: [{id: a, sku: BOOT, quantity: 2, price: 50.00}]}\n"
    )
    with pytest.raises(InvalidRules) as caught:
        rules.publish(files(more=example), "ann")
    (issue,) = caught.value.issues
    assert (issue.code, issue.position.line) == ("example_fails", 9)
    assert issue.message.endswith("total: wanted 91.00, found 90.00")
    revision, _ = rules.publish(files(more=example.replace("91.00", "90.00")), "ann")
    assert revision.number == 1


def test_findings_of_lint_are_kept_or_refused(rules: RuleSetClient) -> None:
    never = "  never:\n    layer: order\n    when: cart.subtotal < 0.00\n    reward: {credit: {amount: 1.00}}\n"
    assert [each.kind for each in rules.validate(files(more=never)).findings] == ["never_applies"]
    with pytest.raises(InvalidRules) as caught:
        rules.publish(files(more=never), "ann", refuse_findings=True)
    (issue,) = caught.value.issues
    assert (issue.code, issue.position.file, issue.position.line) == ("never_applies", "rules.yaml", 8)
    revision, _ = rules.publish(files(more=never), "ann")
    (finding,) = revision.findings
    assert (finding.kind, finding.promotions, finding.line) == ("never_applies", ("never",), 8)
    assert rules.history("spring").revisions == (revision,)


def test_without_the_right_nothing_is_changed_and_no_file_read(start: Start) -> None:
    with RuleSetClient(str(start().address)) as rules:
        rules.publish(files(), "ann")
    server = start(allow_publish=False)
    with RuleSetClient(str(server.address)) as rules:
        for change in (
            lambda: rules.publish(files(), "ann"),
            lambda: rules.activate("spring", 1, "ann"),
            lambda: rules.rollback("spring", "ann"),
            lambda: rules.validate(files()),
            lambda: rules.diff("spring", 1, sources=files()),
            lambda: rules.diff("not there", 1, sources=files()),  # refused before the store is asked
        ):
            with pytest.raises(NotPermitted, match="--allow-publish"):
                change()
        assert rules.diff("spring", 1, 1) == ()
        assert rules.history("spring").activations == ()


def test_a_source_that_was_deleted_is_restored_by_publishing_it(rules: RuleSetClient, connection: Connection) -> None:
    revision, _ = rules.publish(files(), "ann")
    connection.call("DEL", RuleSetKeys.source(revision.source))
    for call in (lambda: rules.get("spring"), lambda: rules.diff("spring")):
        with pytest.raises(InvalidArtifact, match=f"the source {revision.source[:8]} is not in the store: publish its"):
            call()
    assert rules.publish(files(), "ann") == (revision, False)
    assert rules.get("spring")[0] == revision


def test_what_cannot_be_is_refused_with_its_reason(rules: RuleSetClient) -> None:
    for call, said in (
        (lambda: rules.activate("", 1, "ann"), "rule_set: is missing"),
        (lambda: rules.rollback("", "ann"), "rule_set: is missing"),
        (lambda: rules.get(""), "rule_set: is missing"),
        (lambda: rules.diff(""), "rule_set: is missing"),
        (lambda: rules.activate("spring", 0, "ann"), "revision: must be 1 or more, not 0"),
        (lambda: rules.rollback("spring", "ann", revision=-1), "revision: must be 0 or more, not -1"),
        (lambda: rules.get("spring", -1), "revision: must be 0 or more, not -1"),
        (lambda: rules.diff("spring", -1, -2), "before: must be 0 or more, not -1; after: must be 0 or more, not -2"),
    ):
        with pytest.raises(InvalidRequest, match=f"^{said}$"):
            call()
    with pytest.raises(RuleSetNotFound):
        rules.get("spring")
    rules.publish(files(), "ann")
    with pytest.raises(RevisionNotFound, match="spring has no revision 7; the last one is 1"):
        rules.activate("spring", 7, "ann")
    with pytest.raises(NoEarlierRevision):
        rules.rollback("spring", "ann")
    rules.activate("spring", 1, "ann")
    with pytest.raises(ActivationConflict):
        rules.rollback("spring", "ann", revision=7)
    with pytest.raises(InvalidRequest, match="author: must have at most 200"):
        rules.activate("spring", 1, "a" * 201)
    with pytest.raises(InvalidRequest, match="at: must be in the years 1970"):
        rules.activate("spring", 1, "ann", at=2**52)
    for bad in ([], [Source("", "a: 1")], [Source("a", ""), Source("a", "")]):
        with pytest.raises(InvalidRequest, match="files: must have"):
            rules.publish(bad, "ann")
    with pytest.raises(InvalidRequest, match="files: must have names of at most 1,000 characters"):
        rules.validate([Source("a" * 1_001, "a: 1")])


@pytest.mark.parametrize("moment", [{"seconds": 2**63 - 1}, {"seconds": 2**40}, {"seconds": 1, "nanos": -1}])
def test_no_moment_that_is_none_is_scheduled(server: Server, moment: dict[str, int]) -> None:
    with grpc.insecure_channel(str(server.address)) as channel:
        call = channel.unary_unary(f"/{RULE_SET_SERVICE}/Activate")
        with pytest.raises(grpc.RpcError) as caught:
            call(rule_sets_pb2.ActivateRequest(rule_set="spring", revision=1, at=moment).SerializeToString())
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "at: must be in the years 1 to 9999" in caught.value.details()


def test_bytes_that_are_no_message_are_refused(server: Server) -> None:
    with grpc.insecure_channel(str(server.address)) as channel:
        call = channel.unary_unary(f"/{RULE_SET_SERVICE}/Publish")
        with pytest.raises(grpc.RpcError) as caught:
            call(b"\xff")
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "not a valid protobuf message engine.v1.PublishRequest" in caught.value.details()


def test_differences_are_told(rules: RuleSetClient) -> None:
    rules.publish(files(10), "ann")
    rules.publish(files(12), "ann")
    sentence = "promotion ten-off: percent 10 → 12"
    assert [each.sentence for each in rules.diff("spring", 1)] == [sentence]
    assert [each.sentence for each in rules.diff("spring", 1, 2)] == [sentence]
    assert [each.sentence for each in rules.diff("spring", 1, sources=files(12))] == [sentence]
    assert rules.diff("spring", 2, 2) == ()
    with pytest.raises(InvalidRules):
        rules.diff("spring", 1, sources=[Source("x.yaml", "a: 1")])


def test_a_large_rule_set_can_be_published(rules: RuleSetClient) -> None:
    """A rule set larger than the requests that pricing accepts."""
    large = files(more="# " + "x" * 5_000_000 + "\n")
    assert rules.publish(large, "ann")[0].number == 1
    assert rules.get("spring")[1][0].text == large[0].text


def test_a_fixed_rule_set_of_the_same_name_is_refused_at_start(
    start: Start, server: Server, rules: RuleSetClient, rule_file: Callable[[str], Path]
) -> None:
    serve(rules, server, 10)
    with pytest.raises(DuplicateRuleSet, match="spring is passed as a file but active in the store"):
        start(rules=(rule_file("spring"),))
    both = start(rules=(rule_file("outlet"),))
    assert [(each.name, each.revision) for each in both.rule_sets] == [("outlet", 0), ("spring", 1)]


def test_health_and_status_tell_of_a_store_that_is_away(
    redis: EmbeddedRedis, redis_folder: Path, start: Start, tmp_path: Path
) -> None:
    options = {"redis": redis.url, "data": tmp_path}
    server = start(**options)
    with ExitStack() as stack:
        rules = stack.enter_context(RuleSetClient(str(server.address)))
        shop = stack.enter_context(PricingClient(str(server.address), send_at=True))
        serve(rules, server, 10)
        eventually(lambda: rules.status().swaps == 1 and health(server, RULE_SET_SERVICE) == "SERVING")
        status = rules.status()
        assert (status.available, status.refused) == (True, 0)
        assert status.age < 5
        assert (status.rule_sets["spring"].number, status.rule_sets["spring"].wanted) == (1, 1)
        redis.stop()
        eventually(lambda: health(server, RULE_SET_SERVICE) == "NOT_SERVING")
        assert health(server, REDEMPTION_SERVICE) == "NOT_SERVING"
        assert (health(server, SERVICE), health(server, "")) == ("SERVING", "SERVING")
        assert shop.price(CART).quote.rule_set_revision == 1
        status = rules.status()
        assert not status.available
        assert status.polls_failed > 0
        with pytest.raises(StoreUnavailable):
            rules.publish(files(11), "ann")
        restarted = start(**options)
        other = stack.enter_context(PricingClient(str(restarted.address), send_at=True))
        quote = other.price(replace(CART, explain=True)).quote  # its source is kept as well
        assert (quote.total, quote.rule_set_revision) == (9_000, 1)
        again = EmbeddedRedis(redis_folder)
        stack.callback(again.stop)
        for each in (server, restarted):
            eventually(lambda each=each: health(each, RULE_SET_SERVICE) == "SERVING")


def test_a_full_store_says_so(connection: Connection, rules: RuleSetClient) -> None:
    connection.call("CONFIG", "SET", "maxmemory", 1)
    try:
        with pytest.raises(StoreFull):
            rules.publish(files(), "ann")
    finally:
        connection.call("CONFIG", "SET", "maxmemory", 0)


def test_a_catalogue_is_read_as_the_new_revision_declares(start: Start, tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue.csv"
    catalogue.write_text("sku,price,attribute.size\nBOOT,5000,42\n")
    server = start(catalogue=catalogue)
    large = (
        "  large:\n    layer: order\n    when: large.quantity > 0\n    reward: {credit: {amount: 1.00}}\n"
        "attributes: {item: {size: int}}\nsegments: {large: item.attributes.size > 40}\n"
    )
    unpriced = replace(CART, lines=(replace(CART.lines[0], price=UNPRICED),))
    with (
        RuleSetClient(str(server.address)) as rules,
        PricingClient(str(server.address), send_at=True) as shop,
    ):
        serve(rules, server, 10)
        session = shop.open(unpriced)
        assert (session.quote.total, session.quote.credit) == (9_000, 0)
        serve(rules, server, 10, more=large)
        assert shop.price(unpriced).quote.credit == 100
        assert session.mutate(SetQuantity("a", 1)).quote.credit == 100
        revision, _ = rules.publish(files(10, more=large.replace("int", "bool").replace(" > 40", "")), "ann")
        rules.activate("spring", revision.number, "ann")
        eventually(lambda: "spring" in (told := rules.status().rule_sets) and told["spring"].fault != "")
        assert "attribute.size must be true or false" in rules.status().rule_sets["spring"].fault
        assert shop.price(unpriced).quote.rule_set_revision == 2
        catalogue.write_text(
            "sku,price,attribute.size\nBOOT,5000,43\n"
        )  # the check of the previous one is still running
        eventually(lambda: server._pricer._served.catalogue.catalogue.product("BOOT").attributes["size"] == 43)


def test_no_call_fails_or_mixes_two_revisions_while_they_are_swapped(
    server: Server, shop: PricingClient, rules: RuleSetClient
) -> None:
    serve(rules, server, 1)
    stopped = threading.Event()
    wrong: list[object] = []
    calls = [0]

    def price() -> None:
        session = shop.open(replace(CART, id="held"), changes_only=True)
        while not stopped.is_set():
            try:
                for quote in (shop.price(CART).quote, session.mutate().quote):
                    calls[0] += 1
                    if quote.total != 10_000 - 100 * quote.rule_set_revision:
                        wrong.append(quote)
            except (CallFailed, CartUnknown) as error:
                wrong.append(error)

    thread = threading.Thread(target=price)
    thread.start()
    try:
        for percent in range(2, 22):
            assert serve(rules, server, percent) == percent
    finally:
        stopped.set()
        thread.join()
    assert wrong == []
    assert calls[0] > 20


def test_a_rule_set_of_too_many_nodes_is_refused_where_they_begin_to_be(start: Start) -> None:
    server = start(limits=Limits(nodes=50))
    hostile = [Source("rules.yaml", f"ruleset: shop\na: [{'1,' * 100_000}1]\n")]
    with RuleSetClient(str(server.address)) as rules:
        for refuse in (rules.validate, lambda sources: rules.publish(sources, "ann")):
            with pytest.raises(InvalidRules) as caught:
                refuse(hostile)
            (issue,) = caught.value.issues
            assert (issue.code, issue.position.line, issue.position.column) == ("too_many_nodes", 2, 95)


def test_one_rule_set_is_read_at_a_time(rules: RuleSetClient, monkeypatch: pytest.MonkeyPatch) -> None:
    reading: list[int] = []
    most = 0

    def slow(*details: Any) -> Publication:
        nonlocal most
        reading.append(1)
        most = max(most, len(reading))
        time.sleep(0.05)
        reading.pop()
        return prepare(*details)

    monkeypatch.setattr("engine.service.rule_set_service.prepare", slow)
    with ThreadPoolExecutor(4) as callers:
        list(callers.map(rules.validate, [files(percent) for percent in range(1, 9)]))
    assert most == 1


def test_who_reads_nothing_does_not_wait_for_rule_sets_that_are_read(
    rules: RuleSetClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules.publish(files(), "ann")
    begun, end = threading.Event(), threading.Event()

    def slow(*details: Any) -> Publication:
        begun.set()
        assert end.wait(30)
        return prepare(*details)

    monkeypatch.setattr("engine.service.rule_set_service.prepare", slow)
    with ThreadPoolExecutor(6) as callers:  # more than may read rule sets
        try:
            reading = [callers.submit(rules.validate, files(percent)) for percent in range(1, 7)]
            assert begun.wait(10)
            rules.activate("spring", 1, "ann")
            rules.status()
            assert not any(each.done() for each in reading)
        finally:
            end.set()
