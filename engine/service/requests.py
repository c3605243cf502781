"""What the service reads of a request before anything is priced."""

from __future__ import annotations

from typing import NamedTuple

import grpc

from engine._native.wire.requests import peek_cart, peek_mutation
from engine.errors import InvalidMutation, NotPermitted, Violation
from engine.pricing.validation import MAX_COUNT
from engine.service import CLIENT
from engine.service.messages import parse_cart
from engine.service.messages.parsing import key_violations, parsed
from engine.v1 import pricing_pb2


class CartHead(NamedTuple):
    """Of a serialized ``engine.v1.Cart``: its rule set, whether it sends ``at``, and whether it asks for advice."""

    rule_set: str
    at: bool
    advised: bool


class MutationHead(NamedTuple):
    """Of a serialized ``engine.v1.MutateCartRequest``; ``at`` and ``facts``: whether a mutation sets these."""

    cart_id: str
    rule_set: str
    revision: int
    cart: bytes | None
    changes_only: bool
    mutations: int
    at: bool
    facts: bool


def cart_head(data: bytes) -> CartHead:
    """Raises InvalidCart for bytes that are not a cart."""
    peeked = peek_cart(data)
    if peeked is not None:
        return CartHead(*peeked)
    message = parse_cart(data)
    return CartHead(message.rule_set, message.HasField("at"), message.explain or message.compare_rates)


def mutation_head(data: bytes) -> MutationHead:
    """Raises InvalidMutation for bytes that are not a request, and for a cart id or a chosen revision out of range."""
    peeked = peek_mutation(data)
    head = _parsed_head(data) if peeked is None else MutationHead(*peeked)
    violations = list(key_violations("cart_id", head.cart_id))
    if head.cart is not None and not 0 <= head.revision <= MAX_COUNT:
        violations.append(Violation("revision", f"must be from 0 to {MAX_COUNT:,}, not {head.revision:,}"))
    if violations:
        raise InvalidMutation(violations)
    return head


def _parsed_head(data: bytes) -> MutationHead:
    message = parse_request(data)
    return MutationHead(
        message.cart_id,
        message.rule_set,
        message.revision,
        message.cart.SerializeToString() if message.HasField("cart") else None,
        message.changes_only,
        len(message.mutations),
        any(each.HasField("set_at") for each in message.mutations),
        any(each.HasField("set_usage") or each.HasField("set_coupon_fact") for each in message.mutations),
    )


def permit_moment(at: bool, allowed: bool) -> None:
    """Raises NotPermitted if a request chooses the moment of pricing (``at``) and that is not allowed."""
    if at and not allowed:
        raise NotPermitted(
            "this service prices at its own clock: do not send `at` or `set_at`, or start the service with --allow-at"
        )


def client_of(context: grpc.ServicerContext) -> str:
    """Who unknown codes are counted against: the client that the caller names, else its address without the port."""
    for key, value in context.invocation_metadata():
        if key == CLIENT:
            return value if isinstance(value, str) else value.decode(errors="replace")
    return str(context.peer()).rpartition(":")[0]


def parse_request(data: bytes) -> pricing_pb2.MutateCartRequest:
    """Read a serialized ``engine.v1.MutateCartRequest``; raises InvalidMutation for other bytes."""
    return parsed(pricing_pb2.MutateCartRequest, data, InvalidMutation)
