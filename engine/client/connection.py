"""A channel to the service: which calls are repeated, and how large a response may be."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Self, TypeVar

import grpc
from google.protobuf.message import Message

ARequest = TypeVar("ARequest", bound=Message)
AResponse = TypeVar("AResponse", bound=Message)

# gRPC repeats a call with jitter, within its deadline, and less often the more calls fail. A server that shuts down
# ends calls that it has accepted and not begun with CANCELLED.
_RETRIES = {
    "maxAttempts": 5,
    "initialBackoff": "0.1s",
    "maxBackoff": "1s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"],
}
_THROTTLING = {"maxTokens": 100, "tokenRatio": 0.1}


def service_config(repeatable: Iterable[Mapping[str, str]]) -> dict[str, object]:
    """As gRPC reads it, of any language."""
    return {
        "methodConfig": [{"name": list(repeatable), "retryPolicy": _RETRIES}],
        "retryThrottling": _THROTTLING,
    }


class Connection:
    """The base of clients: a channel to HOST:PORT, closed with the client."""

    def __init__(self, target: str, repeatable: Iterable[Mapping[str, str]]) -> None:
        """``repeatable`` are the services, and methods of services, whose calls are safe to repeat."""
        options = [
            ("grpc.service_config", json.dumps(service_config(repeatable))),
            # A service that restarts is found within the retries.
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 1000),
            # Quotes may be large: 2,000 lines under 60 promotions of the whole cart take 5 MB.
            ("grpc.max_receive_message_length", -1),
        ]
        self._target = target
        self._channel = grpc.insecure_channel(target, options=options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._channel.close()

    def _method(
        self, service: str, method: str, request: type[ARequest], response: type[AResponse]
    ) -> grpc.UnaryUnaryMultiCallable[ARequest, AResponse]:
        return self._channel.unary_unary(f"/{service}/{method}", request.SerializeToString, response.FromString)
