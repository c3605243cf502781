"""Enums of quotes on the wire: each value goes there by its own name behind that of its enum."""

from __future__ import annotations

from engine.errors import CallFailed
from engine.pricing.quote import Reason, Status
from engine.v1 import quote_pb2

REASON_NAMES = {each: f"REASON_{each.name}" for each in Reason}
STATUS_NAMES = {each: f"STATUS_{each.name}" for each in Status}
_REASONS = {quote_pb2.Reason.Value(name): reason for reason, name in REASON_NAMES.items()}
_STATUSES = {quote_pb2.CouponStatus.Status.Value(name): status for status, name in STATUS_NAMES.items()}


def reason_of(number: int) -> Reason:
    """Raises CallFailed for a number that only a newer service knows."""
    if number not in _REASONS:
        raise CallFailed(f"the quote gives reason {number}, which this version does not know: the service is newer")
    return _REASONS[number]


def status_of(number: int) -> Status:
    """Raises CallFailed for a number that only a newer service knows."""
    if number not in _STATUSES:
        raise CallFailed(
            f"the quote has a code of status {number}, which this version does not know: the service is newer"
        )
    return _STATUSES[number]
