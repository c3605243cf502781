"""Reservations as protobuf messages."""

from __future__ import annotations

from engine.errors import CallFailed
from engine.store.redemptions import Reservation, State
from engine.v1 import quote_pb2, redemption_pb2

_NAMES = {each: f"STATE_{each.name}" for each in State}
_STATES = {redemption_pb2.Reservation.State.Value(name): state for state, name in _NAMES.items()}


def reservation_to_message(key: str, reservation: Reservation) -> redemption_pb2.Reservation:
    """``reservation.answer`` is the serialized quote."""
    message = redemption_pb2.Reservation(
        key=key,
        state=_NAMES[reservation.state],
        quote=quote_pb2.Quote.FromString(reservation.answer),
        receipt_id=reservation.receipt_id,
    )
    message.expires.FromNanoseconds(reservation.expires)
    return message


def state_of(message: redemption_pb2.Reservation) -> State:
    """Raises CallFailed for a state that only a newer service knows, since what is taken then is not known."""
    if message.state not in _STATES:
        raise CallFailed(f"the reservation is in state {message.state}, which this version does not know")
    return _STATES[message.state]
