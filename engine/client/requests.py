"""Carts and mutations as messages; values that a message cannot hold, such as half a unit, are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias

from engine.errors import InvalidCart, InvalidMutation, Violation
from engine.pricing.cart import Cart
from engine.pricing.mutations import Mutation
from engine.service.messages import cart_to_message, mutation_to_message
from engine.service.messages.cart_parts import (
    customer_to_message,
    line_to_message,
    shipment_to_message,
    usage_to_message,
)
from engine.v1 import cart_pb2, mutation_pb2

_Part: TypeAlias = tuple[str, Callable[[], object]]
"""A path, and a function that makes the message."""


def cart_request(cart: Cart, send_at: bool) -> cart_pb2.Cart:
    """The cart, with its moment if ``send_at``. Raises InvalidCart."""
    try:
        message = cart_to_message(cart)
    except (TypeError, ValueError) as error:
        raise InvalidCart(list(_unsendable(cart)) or [_violation("cart", error)]) from None
    if not send_at:
        message.ClearField("at")
    return message


def mutation_request(index: int, mutation: Mutation) -> mutation_pb2.Mutation:
    """Raises InvalidMutation."""
    try:
        return mutation_to_message(mutation)
    except (TypeError, ValueError) as error:
        raise InvalidMutation([Violation(f"mutations[{index}]", f"{mutation!r} cannot be sent: {error}")]) from None


def _unsendable(cart: Cart) -> Iterator[Violation]:
    """Finds the parts with such values, because protobuf does not say where they are."""
    for path, make in _parts(cart):
        try:
            make()
        except (TypeError, ValueError) as error:
            yield _violation(path, error)


def _parts(cart: Cart) -> Iterator[_Part]:
    for index, line in enumerate(cart.lines):
        yield f"lines[{index}]", partial(line_to_message, line)
    for index, shipment in enumerate(cart.shipments):
        yield f"shipments[{index}]", partial(shipment_to_message, shipment)
    for index, usage in enumerate(cart.usage):
        yield f"usage[{index}]", partial(usage_to_message, usage)
    if cart.customer is not None:
        yield "customer", partial(customer_to_message, cart.customer)


def _violation(path: str, error: Exception) -> Violation:
    return Violation(path, f"cannot be sent: {error}")
