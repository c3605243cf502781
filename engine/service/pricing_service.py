"""The gRPC servicer for pricing and held carts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import NamedTuple

import grpc

from engine.errors import CartwrightError, TooManyStreams
from engine.service import ENGINE_TIME, SERVICE
from engine.service.held import Held
from engine.service.meters import Metered, unmetered
from engine.service.pricer import Pricer
from engine.service.requests import cart_head, client_of, permit_moment
from engine.service.rule_set import ServedRuleSet
from engine.service.sessions import CartSessions
from engine.service.statuses import Answer, answering, status_of, streaming
from engine.service.workers import taking
from engine.v1 import pricing_pb2


class Streams(NamedTuple):
    """Streams open now, how many may be, and how many were refused so far."""

    open: int
    limit: int
    refused: int


class PricingService:
    """engine.v1.PricingService on raw bytes, so that what is not protobuf is refused like any other bad request."""

    def __init__(
        self, pricer: Pricer, allow_at: bool, session_memory: int, streams: int, metered: Metered = unmetered
    ) -> None:
        self._pricer = pricer
        self._allow_at = allow_at
        self._sessions = CartSessions(pricer, session_memory, allow_at)
        self._metered = metered
        self._answer_message = metered("PriceStream", self.mutate_cart)
        self.streams = Streams(0, streams, 0)
        self._lock = Lock()
        # A stream occupies a thread while it is open. One more thread refuses the streams beyond the limit.
        self._stream_threads = ThreadPoolExecutor(streams + 1, thread_name_prefix="stream")

    def handler(self) -> grpc.GenericRpcHandler[bytes, bytes]:
        """The handler for a gRPC server."""
        stream = taking(streaming(self.price_stream), self._stream_threads)
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                "PriceCart": self._method("PriceCart", self.price_cart),
                "MutateCart": self._method("MutateCart", self.mutate_cart),
                "PriceStream": grpc.stream_stream_rpc_method_handler(stream),
            },
        )

    def _method(self, name: str, behavior: Answer) -> grpc.RpcMethodHandler[bytes, bytes]:
        return grpc.unary_unary_rpc_method_handler(answering(self._metered(name, behavior)))

    @property
    def held(self) -> Held:
        """The carts held now."""
        return self._sessions.held

    def let_go(self, rule_set: ServedRuleSet) -> None:
        """Keep nothing of a rule set that was replaced."""
        self._sessions.let_go(rule_set)

    def price_cart(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        """``engine.v1.Cart`` in, ``engine.v1.Quote`` out. Raises InvalidCart, RuleSetNotFound and NotPermitted."""
        head = cart_head(request)
        permit_moment(head.at, self._allow_at)
        quote, engine_ns = self._pricer.price_bytes(request, head, time.time_ns(), partial(client_of, context))
        _tell(engine_ns, context)
        return quote

    def mutate_cart(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        """``engine.v1.MutateCartRequest`` in, ``engine.v1.MutateCartResponse`` out. Raises what CartSessions raises."""
        mutated = self._sessions.mutate(request, partial(client_of, context))
        _tell(mutated.engine_ns, context)
        return mutated.response

    def price_stream(self, requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        """As `mutate_cart` for each request of a stream; an error is the response to it. Raises TooManyStreams."""
        with self._open_stream():
            for request in requests:
                try:
                    yield self._answer_message(request, context)
                except CartwrightError as error:
                    yield pricing_pb2.MutateCartResponse(status=status_of(error)).SerializeToString()

    @contextmanager
    def _open_stream(self) -> Iterator[None]:
        with self._lock:
            open, limit, refused = self.streams
            if open == limit:
                self.streams = Streams(open, limit, refused + 1)
                raise TooManyStreams("this service has no stream to spare: call MutateCart instead, or try again later")
            self.streams = Streams(open + 1, limit, refused)
        try:
            yield
        finally:
            with self._lock:
                self.streams = self.streams._replace(open=self.streams.open - 1)


def _tell(engine_ns: int, context: grpc.ServicerContext) -> None:
    """Sent on request only, because metadata with changing values add a tenth to the cost of a call."""
    for key, _ in context.invocation_metadata():
        if key == ENGINE_TIME:
            context.set_trailing_metadata(((ENGINE_TIME, str(engine_ns)),))
