"""Carts and quotes as protobuf messages (protos/engine/v1) and back; nothing is lost either way."""

from engine.service.messages.cart_json import cart_from_json, cart_json
from engine.service.messages.carts import cart_from_message, cart_to_message, parse_cart
from engine.service.messages.quotes import quote_bytes, quote_from_message, quote_json, quote_to_message

__all__ = [
    "cart_from_json",
    "cart_from_message",
    "cart_json",
    "cart_to_message",
    "parse_cart",
    "quote_bytes",
    "quote_from_message",
    "quote_json",
    "quote_to_message",
]
