"""Quotes as they were received, so that the service gets back what it promised."""

from __future__ import annotations

from engine.pricing.quote import Quote
from engine.service.messages import quote_from_message, quote_to_message
from engine.v1 import quote_pb2


class ReceivedQuote(Quote):
    """A quote with its message, which may have fields of a newer service; a changed copy (`_replace`) has none."""

    message: quote_pb2.Quote | None = None


def received(message: quote_pb2.Quote) -> Quote:
    """The quote in a message, which must not change any more."""
    quote = ReceivedQuote(*quote_from_message(message))
    quote.message = message
    return quote


def sendable(quote: Quote) -> quote_pb2.Quote:
    """The message that the quote was received in; for any other quote a new one."""
    message = quote.message if isinstance(quote, ReceivedQuote) else None
    return quote_to_message(quote) if message is None else message
