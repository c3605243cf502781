"""Reservations, for the checkout."""

from __future__ import annotations

from typing import NamedTuple

from engine.client.quotes import received
from engine.errors import CartwrightError
from engine.pricing.quote import Quote
from engine.service.messages.reservations import state_of
from engine.store.redemptions import State
from engine.v1 import redemption_pb2


class Reserved(NamedTuple):
    """What ``key`` has taken; ``expires`` is in ns since 1970 UTC, ``receipt_id`` is empty until it is committed."""

    key: str
    state: State
    expires: int
    quote: Quote
    receipt_id: str


class QuoteChanged(CartwrightError):
    """The price has changed and nothing was reserved; ``quote`` is the current one."""

    code = "quote_changed"

    def __init__(self, quote: Quote) -> None:
        super().__init__("the quote has changed and nothing was reserved: show the shopper the new one")
        self.quote = quote


def reserved(message: redemption_pb2.Reservation) -> Reserved:
    """Raises CallFailed for a state that only a newer service knows."""
    return Reserved(
        message.key,
        state_of(message),
        message.expires.ToNanoseconds(),
        received(message.quote),
        message.receipt_id,
    )
