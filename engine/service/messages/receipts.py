"""The cart and the quote of a receipt, which holds them as the bytes that were priced and answered."""

from __future__ import annotations

from google.protobuf.message import DecodeError

from engine.errors import InvalidReceipt
from engine.pricing.quote import Quote
from engine.service.messages.parsing import AMessage
from engine.service.messages.quotes import quote_from_message
from engine.store.receipts import AnyReceipt, Receipt
from engine.v1 import cart_pb2, quote_pb2


def sold_cart(receipt: Receipt) -> cart_pb2.Cart:
    """Raises InvalidReceipt."""
    return _read(cart_pb2.Cart, receipt.cart, receipt)


def paid_quote(receipt: AnyReceipt) -> Quote:
    """The quote of a sale, or of the goods kept. Raises InvalidReceipt."""
    return quote_from_message(_read(quote_pb2.Quote, receipt.quote, receipt))


def _read(kind: type[AMessage], data: bytes, receipt: AnyReceipt) -> AMessage:
    try:
        return kind.FromString(data)
    except DecodeError:
        wanted = f"no valid protobuf message {kind.DESCRIPTOR.full_name}"
        raise InvalidReceipt(f"the receipt {receipt.key[:100]!r} is damaged: it has {wanted}") from None
