"""Enums of carts and quotes on the wire, where the name of a value follows that of its enum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from engine.errors import CallFailed
from engine.pricing.cart import CouponState
from engine.pricing.quote import Reason, Status
from engine.v1 import cart_pb2, quote_pb2

REASON_NAMES = {each: f"REASON_{each.name}" for each in Reason}
STATUS_NAMES = {each: f"STATUS_{each.name}" for each in Status}
STATE_NAMES = {each: f"STATE_{each.name}" for each in CouponState}
_REASONS = {quote_pb2.Reason.Value(name): reason for reason, name in REASON_NAMES.items()}
_STATUSES = {quote_pb2.CouponStatus.Status.Value(name): status for status, name in STATUS_NAMES.items()}
_STATES = {cart_pb2.CouponFact.State.Value(name): state for state, name in STATE_NAMES.items()}

Member = TypeVar("Member")


def state_of(number: int) -> CouponState | None:
    """None for an unknown number."""
    return _STATES.get(number)


def reason_of(number: int) -> Reason:
    """Raises CallFailed for a number that only a newer service knows."""
    return member_of(_REASONS, number, "the quote has reason")


def status_of(number: int) -> Status:
    """Raises CallFailed for a number that only a newer service knows."""
    return member_of(_STATUSES, number, "the quote has a coupon code with status")


def member_of(members: Mapping[int, Member], number: int, what: str) -> Member:
    """``what`` has the number. Raises CallFailed for one that only a newer service knows."""
    if number not in members:
        raise CallFailed(f"{what} {number}, which this version does not know: the service is newer")
    return members[number]
