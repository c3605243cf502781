"""Mutations over PriceStream, faster than calls (docs/sessions.md)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Self, TypeAlias

import grpc

from engine.client.failures import error_of_status
from engine.client.session import CartSession, Send
from engine.pricing.cart import Cart
from engine.v1 import pricing_pb2

Requests: TypeAlias = Iterator[pricing_pb2.MutateCartRequest]
OpenStream: TypeAlias = Callable[[Requests, float], Iterator[pricing_pb2.MutateCartResponse]]
"""Opens a PriceStream with a timeout in seconds."""


class _Open:
    """An open stream, and the moment of the monotonic clock at which it ends."""

    def __init__(self, open_stream: OpenStream, now: float, life: float) -> None:
        self.ends = now + life
        self._requests: SimpleQueue[pricing_pb2.MutateCartRequest | None] = SimpleQueue()
        self._answers = open_stream(iter(self._requests.get, None), life)

    def send(self, request: pricing_pb2.MutateCartRequest) -> pricing_pb2.MutateCartResponse:
        """Raises RpcError, and StopIteration at the end of the stream."""
        self._requests.put(request)
        return next(self._answers)

    def close(self) -> None:
        """Send no more requests; the service or the timeout ends the stream."""
        self._requests.put(None)


class PricingStream:
    """Cart sessions that send their mutations over one stream; for one thread at a time, and any number of carts.

    A stream lives for ``life`` seconds, the timeout of a call, so that no mutation waits longer on it, and is then
    replaced. If it breaks, or the service has no stream to spare, mutations are calls.
    """

    def __init__(self, open_stream: OpenStream, send: Send, *, send_at: bool, life: float) -> None:
        """``send`` makes a call. Use `PricingClient.stream`."""
        self._open_stream = open_stream
        self._send_by_call = send
        self._send_at = send_at
        self._life = life
        self._stream: _Open | None = None
        self._broken_until = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the stream; a mutation opens another one."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def open(self, cart: Cart, *, changes_only: bool = False, timeout: float = 5.0) -> CartSession:
        """As `PricingClient.open`. The engine's time is not known for mutations: it is 0 ns."""
        return CartSession(self._send, cart, send_at=self._send_at, changes_only=changes_only, timeout=timeout)

    def _send(
        self, request: pricing_pb2.MutateCartRequest, timeout: float
    ) -> tuple[pricing_pb2.MutateCartResponse, int]:
        begin = time.monotonic()
        stream = self._stream_for(begin, timeout)
        if stream is None:
            return self._send_by_call(request, timeout)
        try:
            response = stream.send(request)
        except (grpc.RpcError, StopIteration):
            self.close()
            self._broken_until = time.monotonic() + self._life
            return self._send_by_call(request, max(0.0, begin + timeout - time.monotonic()))
        except BaseException:
            # After an exception from a signal, the pending response would be taken for that of the next request.
            self.close()
            raise
        if response.HasField("status"):
            raise error_of_status(response.status)
        return response, 0

    def _stream_for(self, now: float, timeout: float) -> _Open | None:
        """A stream that ends within the timeout; None if a call must be made."""
        if self._stream is not None and now >= self._stream.ends:
            self.close()
        if self._stream is None and now >= self._broken_until and timeout >= self._life:
            self._stream = _Open(self._open_stream, now, self._life)
        if self._stream is None or now + timeout < self._stream.ends:
            return None
        return self._stream
