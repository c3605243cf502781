"""Reservations as the checkout sees them."""

from __future__ import annotations

from typing import NamedTuple

from engine.errors import CallFailed, CartwrightError
from engine.pricing.quote import Quote
from engine.service.messages import quote_from_message
from engine.store.redemptions import State
from engine.v1 import redemption_pb2

_STATES = {redemption_pb2.Reservation.State.Value(f"STATE_{each.name}"): each for each in State}


class Reserved(NamedTuple):
    """What is taken by ``key``; ``expires`` is ns since 1970 UTC, ``receipt_id`` empty until it is committed."""

    key: str
    state: State
    expires: int
    quote: Quote
    receipt_id: str


class QuoteChanged(CartwrightError):
    """The quote seen holds no longer, and nothing was reserved; ``quote`` is the one that does."""

    code = "quote_changed"

    def __init__(self, quote: Quote) -> None:
        super().__init__("the quote has changed since it was shown: nothing was reserved")
        self.quote = quote


def reserved(message: redemption_pb2.Reservation) -> Reserved:
    """Raises CallFailed for a state that only a newer service knows."""
    if message.state not in _STATES:
        raise CallFailed(
            f"a reservation is in state {message.state}, which this version does not know: the service is newer"
        )
    expires = message.expires.ToNanoseconds()
    return Reserved(message.key, _STATES[message.state], expires, quote_from_message(message.quote), message.receipt_id)
