"""Carts as protobuf messages, and back; what a message can express and a cart cannot is an `InvalidCart`."""

from __future__ import annotations

from collections.abc import Iterator, Sized

from engine.errors import InvalidCart
from engine.pricing.cart import Cart
from engine.pricing.field_checks import too_many
from engine.pricing.validation import CART_LIMITS
from engine.service.messages.cart_parts import (
    attributes_from_messages,
    attributes_to_messages,
    coupon_fact_from_message,
    coupon_fact_to_message,
    customer_from_message,
    customer_to_message,
    line_from_message,
    line_to_message,
    shipment_from_message,
    shipment_to_message,
    usage_from_message,
    usage_to_message,
)
from engine.service.messages.parsing import moment_from_message, parsed
from engine.v1 import cart_pb2


def parse_cart(data: bytes) -> cart_pb2.Cart:
    """Read a serialized ``engine.v1.Cart``; raises InvalidCart for other bytes."""
    return parsed(cart_pb2.Cart, data, InvalidCart, "cart")


def cart_from_message(message: cart_pb2.Cart, now: int, *, unpriced: bool = False) -> Cart:
    """The cart in a message; ``now`` (nanoseconds since 1970 UTC) is its moment if it sends none.

    ``unpriced``: its lines may leave their price to a catalogue.

    Raises InvalidCart with everything that the message expresses and a cart cannot. `engine.pricing.validation` checks
    the rest; only its limits are checked here, before four megabytes of empty lines become two million objects.
    """
    violations = [
        too_many(path, len(entries), limit) for path, entries, limit in _crowds(message) if len(entries) > limit
    ]
    if violations:
        raise InvalidCart(violations)
    cart = Cart(
        id=message.id,
        rule_set=message.rule_set,
        currency=message.currency,
        at=moment_from_message(message.at, "at", violations) if message.HasField("at") else now,
        lines=tuple(
            line_from_message(line, f"lines[{index}]", violations, unpriced=unpriced)
            for index, line in enumerate(message.lines)
        ),
        shipments=tuple(
            shipment_from_message(each, f"shipments[{index}]", violations)
            for index, each in enumerate(message.shipments)
        ),
        customer=customer_from_message(message.customer, "customer", violations)
        if message.HasField("customer")
        else None,
        channel=message.channel,
        payment_method=message.payment_method,
        coupons=tuple(message.coupons),
        declined_promotions=tuple(message.declined_promotions),
        usage=tuple(usage_from_message(each) for each in message.usage),
        coupon_facts=tuple(
            coupon_fact_from_message(each, f"coupon_facts[{index}]", violations)
            for index, each in enumerate(message.coupon_facts)
        ),
        explain=message.explain,
        compare_rates=message.compare_rates,
        attributes=attributes_from_messages(message.attributes, "attributes", violations),
    )
    if violations:
        raise InvalidCart(violations)
    return cart


def _crowds(message: cart_pb2.Cart) -> Iterator[tuple[str, Sized, int]]:
    yield "lines", message.lines, CART_LIMITS.lines
    yield "shipments", message.shipments, CART_LIMITS.shipments
    yield "usage", message.usage, CART_LIMITS.usage
    yield "coupon_facts", message.coupon_facts, CART_LIMITS.coupon_facts
    for index, shipment in enumerate(message.shipments[: CART_LIMITS.shipments]):
        yield f"shipments[{index}].rates", shipment.rates, CART_LIMITS.rates


def cart_to_message(cart: Cart) -> cart_pb2.Cart:
    """The message that `cart_from_message` reads back as the same cart."""
    message = cart_pb2.Cart(
        id=cart.id,
        rule_set=cart.rule_set,
        currency=cart.currency,
        lines=[line_to_message(line) for line in cart.lines],
        shipments=[shipment_to_message(shipment) for shipment in cart.shipments],
        customer=None if cart.customer is None else customer_to_message(cart.customer),
        channel=cart.channel,
        payment_method=cart.payment_method,
        coupons=cart.coupons,
        declined_promotions=cart.declined_promotions,
        usage=[usage_to_message(usage) for usage in cart.usage],
        coupon_facts=[coupon_fact_to_message(fact) for fact in cart.coupon_facts],
        explain=cart.explain,
        compare_rates=cart.compare_rates,
        attributes=attributes_to_messages(cart.attributes),
    )
    message.at.FromNanoseconds(cart.at)
    return message
