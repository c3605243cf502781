"""Carts, mutations, quotes and rule sets as protobuf messages (protos/engine/v1) and back; nothing is lost."""

from engine.service.messages.cart_json import cart_from_json, cart_json
from engine.service.messages.cart_parts import product_to_message
from engine.service.messages.carts import cart_from_message, cart_to_message, parse_cart
from engine.service.messages.changes import patched
from engine.service.messages.mutations import mutation_to_message, mutations_from_messages
from engine.service.messages.quotes import (
    quote_bytes,
    quote_from_message,
    quote_json,
    quote_to_message,
    revision_field,
)
from engine.service.messages.rule_sets import mistakes_to_message

__all__ = [
    "cart_from_json",
    "cart_from_message",
    "cart_json",
    "cart_to_message",
    "mistakes_to_message",
    "mutation_to_message",
    "mutations_from_messages",
    "parse_cart",
    "patched",
    "product_to_message",
    "quote_bytes",
    "quote_from_message",
    "quote_json",
    "quote_to_message",
    "revision_field",
]
