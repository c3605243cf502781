"""The client for pricing carts and redeeming what they grant."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import grpc

from engine.client.connection import ARequest, AResponse, Connection
from engine.client.failures import error_of
from engine.client.quotes import received, sendable
from engine.client.requests import cart_request
from engine.client.reservations import QuoteChanged, Reserved, reserved
from engine.client.session import CartSession
from engine.client.stream import PricingStream
from engine.errors import InvalidRequest, InvalidReturn, Violation
from engine.pricing.cart import Cart
from engine.pricing.quote import Priced, Quote
from engine.pricing.returns import Refund, Units
from engine.service import ENGINE_TIME, REDEMPTION_SERVICE, SERVICE
from engine.service.messages.returns import refund_from_message
from engine.v1 import cart_pb2, pricing_pb2, quote_pb2, redemption_pb2, returns_pb2

_REPEATABLE = [
    *({"service": SERVICE, "method": method} for method in ("PriceCart", "MutateCart")),
    {"service": REDEMPTION_SERVICE},
]
"""Safe to repeat: pricing changes nothing, a mutation uses up its revision, a reservation has its key."""
_ASKED = ((ENGINE_TIME, "1"),)


class PricingClient(Connection):
    """A connection to HOST:PORT; close it, or use it in a ``with``. Any thread may call it.

    A call that finds no service is repeated a few times within its ``timeout`` (seconds, in all). Carts are priced at
    the service's clock; with ``send_at`` at their own moment, which the service must allow.
    """

    def __init__(self, target: str, *, send_at: bool = False) -> None:
        super().__init__(target, _REPEATABLE)
        self._send_at = send_at
        self._price_stream = self._channel.stream_stream(
            f"/{SERVICE}/PriceStream",
            pricing_pb2.MutateCartRequest.SerializeToString,
            pricing_pb2.MutateCartResponse.FromString,
        )
        self._price_cart = self._method(SERVICE, "PriceCart", cart_pb2.Cart, quote_pb2.Quote)
        self._mutate_cart = self._method(
            SERVICE, "MutateCart", pricing_pb2.MutateCartRequest, pricing_pb2.MutateCartResponse
        )
        redemption = partial(self._method, REDEMPTION_SERVICE)
        self._reserve = redemption("Reserve", redemption_pb2.ReserveRequest, redemption_pb2.ReserveResponse)
        self._commit = redemption("Commit", redemption_pb2.CommitRequest, redemption_pb2.Reservation)
        self._release = redemption("Release", redemption_pb2.ReleaseRequest, redemption_pb2.Reservation)
        self._return = redemption("Return", returns_pb2.ReturnRequest, returns_pb2.Refund)
        self._cancel = redemption("Cancel", returns_pb2.CancelRequest, returns_pb2.Refund)

    def price(self, cart: Cart, timeout: float = 5.0) -> Priced:
        """Price a cart. Raises InvalidCart, RuleSetNotFound, NotPermitted and CallFailed."""
        message, engine_ns = self._answer(self._price_cart, cart_request(cart, self._send_at), timeout)
        return Priced(received(message), engine_ns)

    def open(self, cart: Cart, *, changes_only: bool = False, timeout: float = 5.0) -> CartSession:
        """Price a cart and let the service hold it for mutations, by its id.

        Raises as `price` does, and InvalidMutation for a cart without an id. With ``changes_only`` the service sends
        only differences of quotes, which saves bytes if carts are large; the quotes returned are always whole.
        """
        return CartSession(self._mutate, cart, send_at=self._send_at, changes_only=changes_only, timeout=timeout)

    def stream(self, *, life: float = 5.0) -> PricingStream:
        """A stream for the cart sessions of one thread: its mutations are a third faster than calls.

        Close it, or use it in a ``with``. A mutation with a timeout below ``life`` seconds is a call.
        """
        return PricingStream(self._open_stream, self._mutate, send_at=self._send_at, life=life)

    def _open_stream(
        self, requests: Iterator[pricing_pb2.MutateCartRequest], life: float
    ) -> Iterator[pricing_pb2.MutateCartResponse]:
        return iter(self._price_stream(requests, timeout=life))

    def reserve(
        self, key: str, cart: Cart, quote: Quote, *, seconds: int | None = None, timeout: float = 5.0
    ) -> Reserved:
        """Reserve what the quote of a cart redeems, for ``seconds`` (None: the service's 15 minutes).

        ``key`` names this attempt: the same call can always be repeated with the same result. Raises QuoteChanged,
        whose ``quote`` is the current one, KeyReused, LedgerClosed, CountersMoved, StoreMissing, StoreUnavailable,
        StoreFull, InvalidRequest, and what `price` raises.
        """
        sent = cart_request(cart, self._send_at)
        request = redemption_pb2.ReserveRequest(key=key, cart=sent, quote=sendable(quote))
        if seconds is not None:
            try:
                request.time_to_live.FromSeconds(seconds)
            except (TypeError, ValueError):
                raise InvalidRequest(
                    [Violation("seconds", f"must be a whole number of seconds, not {seconds!r}")]
                ) from None
        response = self._called(self._reserve, request, timeout)
        if response.HasField("changed"):
            raise QuoteChanged(received(response.changed))
        return reserved(response.reservation)

    def commit(self, key: str, rule_set: str = "", timeout: float = 5.0) -> Reserved:
        """Make a reservation final. The call can be repeated.

        Raises ReservationNotFound, ReservationExpired, ReservationReleased, ReservationReplaced, StoreMissing,
        StoreUnavailable and CallFailed.
        """
        return reserved(self._called(self._commit, redemption_pb2.CommitRequest(key=key, rule_set=rule_set), timeout))

    def release(self, key: str, rule_set: str = "", timeout: float = 5.0) -> Reserved:
        """Give a reservation back. The call can be repeated.

        Raises ReservationNotFound, ReservationCommitted, StoreMissing, StoreUnavailable and CallFailed.
        """
        return reserved(self._called(self._release, redemption_pb2.ReleaseRequest(key=key, rule_set=rule_set), timeout))

    def take_back(
        self, receipt_key: str, key: str, units: Units | None = None, rule_set: str = "", timeout: float = 5.0
    ) -> Refund:
        """Take back units of a committed reservation by line, or with None all that are left; returns what to refund.

        ``receipt_key`` is that of the reservation; ``key`` names this return, so the call can be repeated. Raises
        InvalidReturn, KeyReused, ReceiptNotFound, InvalidArtifact, InvalidReceipt, StoreMissing, StoreUnavailable,
        StoreFull and CallFailed.
        """
        keys = {"rule_set": rule_set, "receipt_key": receipt_key, "key": key}
        if units is None:
            return refund_from_message(self._called(self._cancel, returns_pb2.CancelRequest(**keys), timeout))
        try:
            lines = [returns_pb2.ReturnedUnits(line_id=id, quantity=quantity) for id, quantity in units.items()]
        except (TypeError, ValueError) as error:
            raise InvalidReturn([Violation("units", f"{units!r} cannot be sent: {error}")]) from None
        return refund_from_message(self._called(self._return, returns_pb2.ReturnRequest(**keys, lines=lines), timeout))

    def _mutate(
        self, request: pricing_pb2.MutateCartRequest, timeout: float
    ) -> tuple[pricing_pb2.MutateCartResponse, int]:
        return self._answer(self._mutate_cart, request, timeout)

    def _called(
        self, method: grpc.UnaryUnaryMultiCallable[ARequest, AResponse], request: ARequest, timeout: float
    ) -> AResponse:
        try:
            return method(request, timeout=timeout)
        except grpc.RpcError as error:
            raise error_of(error, self._target) from None

    def _answer(
        self, method: grpc.UnaryUnaryMultiCallable[ARequest, AResponse], request: ARequest, timeout: float
    ) -> tuple[AResponse, int]:
        """The response, and the nanoseconds the engine took: 0 if a proxy or another version does not tell."""
        try:
            message, call = method.with_call(request, timeout=timeout, metadata=_ASKED)
        except grpc.RpcError as error:
            raise error_of(error, self._target) from None
        return message, next((int(value) for key, value in call.trailing_metadata() if key == ENGINE_TIME), 0)
