"""A small client of the service: a cart in, a quote with the engine's time out, errors as the exceptions they were."""

from __future__ import annotations

from types import TracebackType
from typing import cast

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from grpc_status import rpc_status

from engine.errors import CallFailed, CartwrightError, InvalidCart, NotPermitted, RuleSetNotFound, Violation
from engine.pricing.cart import Cart
from engine.service.messages import cart_to_message, quote_from_message
from engine.service.pricer import Priced
from engine.service.pricing import ENGINE_TIME, SERVICE
from engine.v1 import cart_pb2, quote_pb2


class PricingClient:
    """A connection to HOST:PORT; close it, or use it in a ``with``."""

    def __init__(self, target: str) -> None:
        self._channel = grpc.insecure_channel(target)
        self._price_cart = self._channel.unary_unary(
            f"/{SERVICE}/PriceCart", cart_pb2.Cart.SerializeToString, quote_pb2.Quote.FromString
        )

    def __enter__(self) -> PricingClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._channel.close()

    def price(self, cart: Cart, timeout: float = 5.0) -> Priced:
        """Price a cart at its moment. Raises InvalidCart, RuleSetNotFound, NotPermitted and CallFailed.

        A cart that no message can hold, such as one with a number beyond int64, raises ValueError.
        """
        try:
            message, call = self._price_cart.with_call(cart_to_message(cart), timeout=timeout)
        except grpc.RpcError as error:
            raise error_of(cast(grpc.Call, error)) from None  # what a call raises is the call itself
        times = [int(value) for key, value in call.trailing_metadata() if key == ENGINE_TIME]
        if not times:
            raise CallFailed(f"the answer lacks the trailing metadata {ENGINE_TIME}")
        return Priced(quote_from_message(message), times[0])


def error_of(call: grpc.Call) -> CartwrightError:
    """The exception that a failed call's google.rpc.Status stands for."""
    info, request = ErrorInfo(), BadRequest()
    status = rpc_status.from_call(call)
    for detail in status.details if status else ():
        detail.Unpack(info)
        detail.Unpack(request)
    match info.reason.lower():
        case InvalidCart.code:
            return InvalidCart(Violation(each.field, each.description) for each in request.field_violations)
        case RuleSetNotFound.code:
            return RuleSetNotFound(call.details())
        case NotPermitted.code:
            return NotPermitted(call.details())
    return CallFailed(f"{call.code().name}: {call.details()}")
