"""The gRPC servicer over the pricer."""

from __future__ import annotations

import time

import grpc

from engine.errors import NotPermitted
from engine.service.messages import cart_from_message, parse_cart, quote_bytes
from engine.service.pricer import Pricer

SERVICE = "engine.v1.PricingService"
ENGINE_TIME = "cartwright-engine-ns"
"""Trailing metadata: nanoseconds the engine took."""


class PricingService:
    """engine.v1.PricingService on raw bytes, so that what is no protobuf is refused like any other bad cart."""

    def __init__(self, pricer: Pricer, allow_at: bool) -> None:
        self._pricer = pricer
        self._allow_at = allow_at

    def handler(self) -> grpc.GenericRpcHandler[bytes, bytes]:
        """What a gRPC server is given."""
        return grpc.method_handlers_generic_handler(
            SERVICE, {"PriceCart": grpc.unary_unary_rpc_method_handler(self.price_cart)}
        )

    def price_cart(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        """``engine.v1.Cart`` in, ``engine.v1.Quote`` out. Raises InvalidCart, RuleSetNotFound and NotPermitted."""
        message = parse_cart(request)
        if message.HasField("at") and not self._allow_at:
            raise NotPermitted("this service takes no `at`: it prices at its own clock")
        priced = self._pricer.price(cart_from_message(message, now=time.time_ns()))
        context.set_trailing_metadata(((ENGINE_TIME, str(priced.engine_ns)),))
        return quote_bytes(priced.quote)
