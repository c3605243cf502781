"""Enums of carts and quotes on the wire, where the name of a value follows that of its enum.

A number that only a newer service knows is in none of them, like that of an unspecified value.
"""

from __future__ import annotations

from engine.pricing.cart import CouponState
from engine.pricing.quote import Reason, Status
from engine.v1 import cart_pb2, quote_pb2

REASON_NAMES = {each: f"REASON_{each.name}" for each in Reason}
STATUS_NAMES = {each: f"STATUS_{each.name}" for each in Status}
STATE_NAMES = {each: f"STATE_{each.name}" for each in CouponState}
REASONS = {quote_pb2.Reason.Value(name): reason for reason, name in REASON_NAMES.items()}
STATUSES = {quote_pb2.CouponStatus.Status.Value(name): status for status, name in STATUS_NAMES.items()}
STATES = {cart_pb2.CouponFact.State.Value(name): state for state, name in STATE_NAMES.items()}
