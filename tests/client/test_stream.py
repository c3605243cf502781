"""Sessions over a stream give the same results as sessions by calls, whatever happens to the stream."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from engine.client import PricingClient, PricingStream
from engine.errors import CallFailed, InvalidCart, NotPermitted
from engine.pricing.cart import Cart
from engine.pricing.mutations import SetAt, SetQuantity
from engine.service.server import Server
from engine.v1.pricing_pb2 import MutateCartRequest, MutateCartResponse
from tests.serving import CART

Responses = Iterator[MutateCartResponse]


@pytest.fixture
def stream(client: PricingClient) -> Iterator[PricingStream]:
    with client.stream() as stream:
        yield stream


def counted(stream: PricingStream) -> list[str]:
    """Records each call made and each stream opened."""
    seen: list[str] = []
    by_call, open_stream = stream._send_by_call, stream._open_stream

    def call(request: MutateCartRequest, timeout: float) -> tuple[MutateCartResponse, int]:
        seen.append("call")
        return by_call(request, timeout)

    def open_one(requests: Iterator[MutateCartRequest], life: float) -> Responses:
        seen.append("stream")
        return open_stream(requests, life)

    stream._send_by_call, stream._open_stream = call, open_one
    return seen


def test_a_stream_carries_any_number_of_carts(client: PricingClient, stream: PricingStream) -> None:
    seen = counted(stream)
    sessions = [stream.open(Cart(id=f"s{number}", currency="USD", at=0, lines=CART.lines)) for number in range(3)]
    for quantity in range(1, 5):
        for session in sessions:
            session.mutate(SetQuantity("a", quantity))
            assert session.quote == client.price(session.cart).quote
            assert session.priced.engine_ns == 0
    assert seen == ["stream"]


def test_errors_are_the_exceptions_they_were(stream: PricingStream) -> None:
    session = stream.open(CART)
    with pytest.raises(InvalidCart, match=r"lines\[0\].quantity"):
        session.mutate(SetQuantity("a", -1))
    assert session.cart == CART
    assert session.mutate(SetQuantity("a", 1)).quote.total == 5_400


def test_a_cart_that_was_forgotten_is_sent_again(start_server: Callable[..., Server]) -> None:
    server = start_server("spring", allow_at=True, session_memory=3_000)
    with PricingClient(str(server.address), send_at=True) as client, client.stream() as stream:
        seen = counted(stream)
        first, second = (
            stream.open(Cart(id=f"s{number}", currency="USD", at=0, lines=CART.lines)) for number in range(2)
        )
        for quantity in range(1, 4):
            assert first.mutate(SetQuantity("a", quantity)).quote == client.price(first.cart).quote
            assert second.mutate(SetQuantity("b", quantity)).quote == client.price(second.cart).quote
        assert seen == ["stream"]


def test_a_stream_whose_time_is_over_is_followed_by_another(client: PricingClient) -> None:
    with client.stream(life=0.2) as stream:
        seen = counted(stream)
        session = stream.open(CART)
        time.sleep(0.25)
        assert session.mutate(SetQuantity("a", 1)).quote.total == 5_400
        assert seen == ["stream", "stream"]


def test_a_mutation_in_a_hurry_is_a_call(stream: PricingStream) -> None:
    seen = counted(stream)
    session = stream.open(CART)
    session.mutate(SetQuantity("a", 1), timeout=1.0)
    session.mutate(SetQuantity("a", 2))
    assert seen == ["stream", "call"]


def test_a_service_without_a_stream_to_spare_takes_calls(start_server: Callable[..., Server]) -> None:
    server = start_server("spring", allow_at=True, streams=1)
    with (
        PricingClient(str(server.address), send_at=True) as client,
        client.stream() as first,
        client.stream() as second,
    ):
        first.open(CART)
        seen = counted(second)
        session = second.open(CART)
        assert session.mutate(SetQuantity("a", 1)).quote.total == 5_400
        assert seen == ["stream", "call", "call"]


def test_a_broken_stream_is_no_broken_session(stream: PricingStream) -> None:
    session = stream.open(CART)

    def broken(requests: Iterator[MutateCartRequest], life: float) -> Responses:
        return iter(())

    left, by_call = [], stream._send_by_call

    def call(request: MutateCartRequest, timeout: float) -> tuple[MutateCartResponse, int]:
        left.append(timeout)
        return by_call(request, timeout)

    stream.close()
    stream._open_stream, stream._send_by_call = broken, call
    assert session.mutate(SetQuantity("a", 1), timeout=30.0).quote.total == 5_400
    assert [0.0 < each < 30.0 for each in left] == [True]


def test_an_answer_nobody_waited_for_is_not_that_of_the_next_mutation(stream: PricingStream) -> None:
    """An exception from a signal, such as KeyboardInterrupt, may come between a request and its response."""
    session = stream.open(CART)
    under_way = stream._stream
    assert under_way is not None
    answers = under_way._answers

    def interrupted() -> Responses:
        raise KeyboardInterrupt
        yield MutateCartResponse()

    under_way._answers = interrupted()
    with pytest.raises(KeyboardInterrupt):
        session.mutate(SetQuantity("a", 1))
    under_way._answers = answers
    assert session.mutate(SetQuantity("a", 3)).quote.total == 14_400


def test_a_service_that_does_not_answer_takes_no_longer_than_it_may() -> None:
    with PricingClient("127.0.0.1:1") as client, client.stream(life=0.3) as stream:
        begin = time.monotonic()
        with pytest.raises(CallFailed):
            stream.open(CART, timeout=0.5)
        assert time.monotonic() - begin < 1.5


def test_the_moment_is_sent_where_the_client_sends_it(start_server: Callable[..., Server]) -> None:
    server = start_server("spring")
    with PricingClient(str(server.address)) as client, client.stream() as stream:
        session = stream.open(CART)
        assert session.quote.at > 1_700_000_000 * 10**9
        with pytest.raises(NotPermitted):
            session.mutate(SetAt(0))
    with (
        PricingClient(str(server.address), send_at=True) as client,
        client.stream() as stream,
        pytest.raises(NotPermitted),
    ):
        stream.open(CART)
