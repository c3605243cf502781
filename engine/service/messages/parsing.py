"""Requests from their bytes; bytes, keys and moments that are not valid are refused as an error of the request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from google.protobuf.message import DecodeError, Message
from google.protobuf.timestamp_pb2 import Timestamp

from engine.errors import InvalidRequest, Violation
from engine.pricing.validation import CART_LIMITS

AMessage = TypeVar("AMessage", bound=Message)


def parsed(
    kind: type[AMessage], data: bytes, refusal: type[InvalidRequest] = InvalidRequest, field: str = "request"
) -> AMessage:
    """Raises ``refusal``, with a violation of ``field``, for bytes that are not such a message."""
    try:
        return kind.FromString(data)
    except DecodeError:
        raise refusal(
            [Violation(field, f"the bytes are not a valid protobuf message {kind.DESCRIPTOR.full_name}")]
        ) from None


def key_violations(field: str, key: str) -> Iterator[Violation]:
    """What is wrong with the key that makes a call repeatable."""
    if not 0 < len(key) <= CART_LIMITS.text:
        yield Violation(field, f"must have from 1 to {CART_LIMITS.text:,} characters")


def moment_from_message(timestamp: Timestamp, path: str, violations: list[Violation]) -> int:
    """Nanoseconds since 1970 UTC."""
    try:
        return timestamp.ToNanoseconds()
    except ValueError:
        violations.append(Violation(path, "must be in the years 1 to 9999, with nanos from 0 to 999,999,999"))
        return 0
