"""Enums of quotes on the wire: each value goes there by its own name behind that of its enum."""

from __future__ import annotations

from engine.pricing.quote import Reason, Status
from engine.v1 import quote_pb2

REASON_NAMES = {each: f"REASON_{each.name}" for each in Reason}
REASONS = {quote_pb2.Reason.Value(name): reason for reason, name in REASON_NAMES.items()}
STATUS_NAMES = {each: f"STATUS_{each.name}" for each in Status}
STATUSES = {quote_pb2.CouponStatus.Status.Value(name): status for status, name in STATUS_NAMES.items()}
