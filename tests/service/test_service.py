from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from grpc_status import rpc_status

from engine.client import PricingClient
from engine.errors import CallFailed, DuplicateRuleSet, InvalidCart, NotPermitted, RuleSetNotFound
from engine.pricing.cart import Cart, Rate, Shipment
from engine.pricing.quote import Reason
from engine.rules import InvalidRules
from engine.service import ENGINE_TIME, SERVICE
from engine.service.messages import cart_to_message, quote_bytes
from engine.service.server import Server
from engine.service.settings import Address
from engine.v1 import cart_pb2, pricing_pb2_grpc
from tests.serving import BOOT, NOON, fault, health, settings_of

CART = Cart(id="c1", currency="USD", at=NOON, lines=(BOOT,))
GOOD = cart_to_message(CART)


def line(**fields: object) -> cart_pb2.Line:
    return cart_pb2.Line(**{"id": "a", "sku": "BOOT", "quantity": 1, "price": 100, **fields})


def cart(**fields: object) -> cart_pb2.Cart:
    return cart_pb2.Cart(**{"id": "c1", "currency": "USD", "lines": [line()], **fields})


def test_a_cart_is_priced(client: PricingClient) -> None:
    priced = client.price(CART)
    assert priced.quote.total == 9_000
    assert priced.quote.at == NOON
    assert priced.quote.rule_set == "spring"
    assert 0 < priced.engine_ns < 10**9


def test_a_service_says_all_mistakes_of_its_rule_set_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("ruleset: spring\ncurrencies: [USD]\npromotion: {}\n")
    (tmp_path / "b.yaml").write_bytes(b"\xff")
    with pytest.raises(InvalidRules) as refused:
        Server(settings_of(tmp_path))
    assert [each.code for each in refused.value.issues] == ["unknown_key", "not_utf8"]


def test_the_same_cart_gives_the_same_bytes(address: str, client: PricingClient) -> None:
    request = cart_to_message(CART).SerializeToString()
    with grpc.insecure_channel(address) as channel:
        price_cart = channel.unary_unary(f"/{SERVICE}/PriceCart")
        assert price_cart(request) == price_cart(request) == quote_bytes(client.price(CART).quote)


def test_a_cart_is_explained_and_its_rates_compared_on_request(client: PricingClient) -> None:
    rates = (Rate(method="slow", price=500), Rate(method="fast", price=900))
    cart = replace(CART, shipments=(Shipment(id="home", method="slow", rates=rates),))
    told = client.price(replace(cart, declined_promotions=("ten-off",), explain=True, compare_rates=True)).quote
    assert [(each.promotion_id, each.reason) for each in told.explanations] == [("ten-off", Reason.DECLINED)]
    assert [(each.method, each.charge, each.cheapest) for each in told.shipments[0].rates] == [
        ("fast", 900, False),
        ("slow", 500, True),
    ]
    plain = client.price(cart).quote
    assert (plain.explanations, plain.suggestions, plain.shipments[0].rates) == ((), (), ())


def test_many_callers_at_once_get_their_own_answers(client: PricingClient) -> None:
    def total(quantity: int) -> int:
        return client.price(replace(CART, lines=(replace(CART.lines[0], quantity=quantity),))).quote.total

    with ThreadPoolExecutor(8) as callers:
        assert list(callers.map(total, range(1, 101))) == [4_500 * quantity for quantity in range(1, 101)]


def test_a_generated_stub_works_too(address: str) -> None:
    with grpc.insecure_channel(address) as channel:
        _, call = pricing_pb2_grpc.PricingServiceStub(channel).PriceCart.with_call(GOOD, metadata=((ENGINE_TIME, ""),))
        _, unasked = pricing_pb2_grpc.PricingServiceStub(channel).PriceCart.with_call(GOOD)
    assert int(dict(call.trailing_metadata())[ENGINE_TIME]) > 0
    assert ENGINE_TIME not in dict(unasked.trailing_metadata())


def test_health_is_reported(start_server: Callable[..., Server]) -> None:
    assert health(start_server("spring"), SERVICE) == "SERVING"


def test_without_a_moment_the_clock_of_the_service_counts(address: str) -> None:
    before = time.time_ns()
    with grpc.insecure_channel(address) as channel:
        quote = pricing_pb2_grpc.PricingServiceStub(channel).PriceCart(cart())
    assert before <= quote.at.ToNanoseconds() <= time.time_ns()


Send = Callable[[bytes], grpc.Call]


@pytest.fixture
def send(address: str, client: PricingClient) -> Iterator[Send]:
    """Sends bytes that must be refused within a second; afterwards a good cart must still be priced."""
    with grpc.insecure_channel(address) as channel:
        call = channel.unary_unary(f"/{SERVICE}/PriceCart")

        def refused(data: bytes) -> grpc.Call:
            with pytest.raises(grpc.RpcError) as caught:
                call(data, timeout=1)
            return caught.value

        yield refused
    assert client.price(CART).quote.total == 9_000


def violations_of(call: grpc.Call) -> dict[str, str]:
    """Violations by field, of a call that is INVALID_CART."""
    reason, violations = fault(rpc_status.from_call(call).details)
    assert (call.code(), reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_CART")
    return violations


SENSELESS: dict[str, tuple[dict[str, object], str]] = {
    "currency unknown": ({"currency": "XXX"}, "currency"),
    "currency of another rule set": ({"currency": "EUR"}, "currency"),
    "5,000 lines": ({"lines": [line(id=str(number)) for number in range(5_000)]}, "lines"),
    "300,000 empty lines": ({"lines": [cart_pb2.Line()] * 300_000}, "lines"),
    "quantity 2^31": ({"lines": [line(quantity=2**31)]}, "lines[0].quantity"),
    "quantity 0": ({"lines": [line(quantity=0)]}, "lines[0].quantity"),
    "price 2^62": ({"lines": [line(price=2**62)]}, "lines[0].price"),
    "price below zero": ({"lines": [line(price=-1)]}, "lines[0].price"),
    "line id twice": ({"lines": [line(), line()]}, "lines[1].id"),
    "shipment unknown": ({"lines": [line(shipment_id="attic")]}, "lines[0].shipment_id"),
    "nanos below zero": ({"at": Timestamp(nanos=-1)}, "at"),
    "a moment beyond time": ({"at": Timestamp(seconds=2**62)}, "at"),
}


@pytest.mark.parametrize("name", SENSELESS)
def test_a_cart_that_makes_no_sense_is_refused_with_its_fields(send: Send, name: str) -> None:
    fields, at_fault = SENSELESS[name]
    assert at_fault in violations_of(send(cart(**fields).SerializeToString()))


@pytest.mark.parametrize(
    "data", [b"\xff" * 40, b"not a protobuf", GOOD.SerializeToString()[:-1]], ids=["noise", "text", "cut"]
)
def test_bytes_that_are_no_protobuf_are_refused(send: Send, data: bytes) -> None:
    assert violations_of(send(data)) == {"cart": "the bytes are not a valid protobuf message engine.v1.Cart"}


@pytest.mark.parametrize("name", ["x" * 5_000, "\N{GRINNING FACE}" * 1_000, 'a"b\n\x00'], ids=["long", "wide", "odd"])
def test_violations_fit_into_what_a_client_takes_by_default(send: Send, name: str) -> None:
    lines = [line(id=name, sku=name, quantity=0, price=-1, shipment_id=name) for _ in range(60)]
    assert len(violations_of(send(cart(id=name, lines=lines).SerializeToString()))) > 1


def test_a_message_that_is_too_large_is_refused(send: Send) -> None:
    refused = send(cart(id="x" * 2**22).SerializeToString())
    assert refused.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_an_unknown_method_is_refused(address: str) -> None:
    with grpc.insecure_channel(address) as channel, pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary(f"/{SERVICE}/Haggle")(b"", timeout=1)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_rule_set_that_is_not_loaded_is_not_found(client: PricingClient) -> None:
    with pytest.raises(RuleSetNotFound, match="no rule set 'autumn' is served here; available: spring"):
        client.price(replace(CART, rule_set="autumn"))


def test_of_several_rule_sets_a_cart_must_name_one(start_server: Callable[..., Server]) -> None:
    server = start_server("spring", "autumn", allow_at=True)
    with PricingClient(str(server.address), send_at=True) as client:
        assert client.price(replace(CART, rule_set="autumn")).quote.rule_set == "autumn"
        with pytest.raises(
            InvalidCart, match="rule_set: is required, because several rule sets are served: use one of spring, autumn"
        ):
            client.price(CART)


def test_a_moment_needs_the_right_to_choose_it(start_server: Callable[..., Server]) -> None:
    with (
        PricingClient(str(start_server("spring").address), send_at=True) as client,
        pytest.raises(NotPermitted, match="do not send `at`"),
    ):
        client.price(CART)


def test_a_fault_of_the_service_says_nothing_of_its_inside(
    start_server: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the secret")

    monkeypatch.setattr("engine.service.pricing_service.cart_head", fail)
    with PricingClient(str(start_server("spring", allow_at=True).address), send_at=True) as client:
        with pytest.raises(
            CallFailed, match="INTERNAL: internal error: the log of the service has the details"
        ) as caught:
            client.price(CART)
        assert "secret" not in str(caught.value)
        assert "the secret" in caplog.text
        monkeypatch.undo()
        assert client.price(CART).quote.total == 9_000


def test_a_service_that_is_not_there_is_a_failed_call() -> None:
    with (
        PricingClient("127.0.0.1:1", send_at=True) as client,
        pytest.raises(CallFailed, match=r"UNAVAILABLE: could not reach 127\.0\.0\.1:1"),
    ):
        client.price(CART)


def test_two_rule_sets_of_one_name_are_refused(rule_file: Callable[[str], Path]) -> None:
    twice = (rule_file("spring"), rule_file("spring"))
    with pytest.raises(DuplicateRuleSet, match="spring"):
        Server(settings_of(*twice))


def test_a_port_that_is_taken_is_refused(start_server: Callable[..., Server], address: str) -> None:
    with pytest.raises(OSError, match=f"cannot listen on {address}: Address already in use"):
        start_server("spring", address=Address.parse(address))


def test_a_stopped_server_frees_its_port(rule_file: Callable[[str], Path]) -> None:
    server = Server(settings_of(rule_file("spring")))
    server.start()
    server.stop()
    with socket.create_server((server.address.host, server.address.port)):
        pass


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("127.0.0.1:50051", "127.0.0.1", 50051), ("[::1]:0", "::1", 0), ("localhost:65535", "localhost", 65535)],
)
def test_an_address_is_read_as_it_is_written(text: str, host: str, port: int) -> None:
    assert Address.parse(text) == Address(host, port)
    assert str(Address.parse(text)) == text


@pytest.mark.parametrize("text", ["", "host", ":1", "host:", "host:x", "host:65536", "host:-1", "::1:5", "host:²"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"HOST:PORT|in brackets"):
        Address.parse(text)
