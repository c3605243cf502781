"""Reservations as protobuf messages, and back."""

from __future__ import annotations

from engine.store.redemptions import Reservation, State
from engine.v1 import quote_pb2, redemption_pb2

_NAMES = {each: f"STATE_{each.name}" for each in State}


def reservation_message(key: str, reservation: Reservation) -> redemption_pb2.Reservation:
    """Its answer is the serialized quote."""
    message = redemption_pb2.Reservation(
        key=key,
        state=_NAMES[reservation.state],
        quote=quote_pb2.Quote.FromString(reservation.answer),
        receipt_id=reservation.receipt_id,
    )
    message.expires.FromNanoseconds(reservation.expires)
    return message
