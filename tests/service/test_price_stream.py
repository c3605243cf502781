from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from queue import SimpleQueue

import grpc
import pytest
from google.rpc.code_pb2 import ABORTED, INVALID_ARGUMENT

from engine.service import ENGINE_TIME, SERVICE
from engine.service.messages import cart_to_message
from engine.service.server import Server
from engine.v1.mutation_pb2 import Mutation
from engine.v1.pricing_pb2 import MutateCartRequest, MutateCartResponse
from engine.v1.pricing_pb2_grpc import PricingServiceStub
from tests.service.test_mutate_cart import quantity, step, whole
from tests.serving import CART, fault
from tests.waiting import eventually


class Stream:
    """One request, one answer."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._requests: SimpleQueue[bytes | None] = SimpleQueue()
        self.call = channel.stream_stream(f"/{SERVICE}/PriceStream")(
            iter(self._requests.get, None), timeout=20, metadata=((ENGINE_TIME, ""),)
        )

    def ask(self, request: MutateCartRequest | bytes) -> MutateCartResponse:
        self._requests.put(request if isinstance(request, bytes) else request.SerializeToString())
        return MutateCartResponse.FromString(next(self.call))

    def end(self) -> None:
        self._requests.put(None)


@pytest.fixture
def stream(address: str) -> Iterator[Stream]:
    with grpc.insecure_channel(address) as channel:
        stream = Stream(channel)
        yield stream
        stream.end()


def reason_of(answer: MutateCartResponse) -> str:
    return fault(answer.status.details)[0]


def test_many_mutations_in_one_stream(address: str, stream: Stream) -> None:
    assert stream.ask(whole(CART, 0)).quote.total == 9_900
    with grpc.insecure_channel(address) as channel:
        stub = PricingServiceStub(channel)
        for revision in range(500):
            answer = stream.ask(step(CART, revision, quantity("a", revision % 7 + 1)))
            assert answer.revision == revision + 1
            if revision % 50 == 0:
                cart = cart_to_message(CART)
                cart.lines[0].quantity = revision % 7 + 1
                assert answer.quote == stub.PriceCart(cart)


def test_a_stream_that_ends_ends_well(stream: Stream) -> None:
    stream.ask(whole(CART, 0))
    stream.end()
    assert list(stream.call) == []
    assert stream.call.code() is grpc.StatusCode.OK
    assert int(dict(stream.call.trailing_metadata())[ENGINE_TIME]) > 0


def test_what_fails_is_answered_and_the_stream_goes_on(stream: Stream) -> None:
    stream.ask(whole(CART, 0))
    refused = stream.ask(step(CART, 0, quantity("z", 1)))
    assert (refused.status.code, reason_of(refused)) == (INVALID_ARGUMENT, "INVALID_MUTATION")
    assert not refused.HasField("quote")
    mismatch = stream.ask(step(CART, 5, quantity("a", 1)))
    assert (mismatch.status.code, reason_of(mismatch)) == (ABORTED, "REVISION_MISMATCH")
    noise = stream.ask(b"\xff" * 40)
    assert (noise.status.code, reason_of(noise)) == (INVALID_ARGUMENT, "INVALID_MUTATION")
    assert stream.ask(step(CART, 0, quantity("a", 1))).quote.total == 5_400
    assert not stream.ask(step(CART, 1)).HasField("status")


def test_a_stream_and_single_calls_see_the_same_cart(address: str, stream: Stream) -> None:
    stream.ask(whole(CART, 0))
    with grpc.insecure_channel(address) as channel:
        assert PricingServiceStub(channel).MutateCart(step(CART, 0, quantity("a", 1))).revision == 1
    assert reason_of(stream.ask(step(CART, 0))) == "REVISION_MISMATCH"
    assert stream.ask(step(CART, 1, Mutation(remove_line="a"))).quote.total == 900


def test_a_silent_stream_and_an_idle_channel_may_be_pinged_every_second(address: str) -> None:
    pings = [("grpc.keepalive_time_ms", 1_100), ("grpc.http2.max_pings_without_data", 0)]
    idle_pings = [*pings, ("grpc.keepalive_permit_without_calls", 1)]
    states: list[grpc.ChannelConnectivity] = []
    with grpc.insecure_channel(address, pings) as channel, grpc.insecure_channel(address, idle_pings) as idle:
        PricingServiceStub(idle).PriceCart(cart_to_message(CART))
        idle.subscribe(states.append)
        stream = Stream(channel)
        stream.ask(whole(CART, 0))
        time.sleep(5)
        assert stream.ask(step(CART, 0, quantity("a", 1))).quote.total == 5_400
        assert states == [grpc.ChannelConnectivity.READY]
        stream.end()


def test_streams_leave_the_threads_of_calls_alone_and_have_a_limit(start_server: Callable[..., Server]) -> None:
    server = start_server("spring", allow_at=True, workers=1, streams=3)
    with ExitStack() as stack:
        channel = stack.enter_context(grpc.insecure_channel(str(server.address)))
        streams = [Stream(channel) for _ in range(3)]
        for stream in streams:
            stream.ask(whole(CART, 0))
        assert PricingServiceStub(channel).PriceCart(cart_to_message(CART), timeout=5).total == 9_900
        for _ in range(5):
            with pytest.raises(grpc.RpcError) as caught:
                Stream(channel).ask(whole(CART, 0))
            assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        streams[0].call.cancel()
        eventually(lambda: _answers(Stream(channel)))


def _answers(stream: Stream) -> bool:
    try:
        stream.ask(whole(CART, 0))
    except grpc.RpcError:
        return False
    return True


def test_who_hangs_up_is_no_fault(start_server: Callable[..., Server], caplog: pytest.LogCaptureFixture) -> None:
    server = start_server("spring", allow_at=True)
    with grpc.insecure_channel(str(server.address)) as channel:
        stream = Stream(channel)
        stream.ask(whole(CART, 0))
        stream.call.cancel()
        assert PricingServiceStub(channel).PriceCart(cart_to_message(CART)).total == 9_900
    server.stop()
    assert caplog.text == ""


def test_a_fault_of_the_service_ends_the_stream_and_says_nothing_of_its_inside(
    stream: Stream, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the secret")

    monkeypatch.setattr("engine.service.sessions.mutation_head", fail)
    with pytest.raises(grpc.RpcError) as caught:
        stream.ask(whole(CART, 0))
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert "secret" not in caught.value.details()
    assert "the secret" in caplog.text
