"""What shoppers do to their carts, as serialized requests. The same seed gives the same requests.

A session is the mutations of one shopper, one after the other. Each changes the cart, so an earlier answer is never
the answer again; the cart stays about the same size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TypeAlias

from bench import carts
from engine.pricing.cart import Cart, Line, Shipment
from engine.pricing.mutations import (
    AttachCoupon,
    ChooseRate,
    DetachCoupon,
    Mutation,
    RemoveLine,
    SetAt,
    SetCustomer,
    SetLine,
    SetPaymentMethod,
    SetPrice,
    SetQuantity,
    SetShipment,
    apply,
)
from engine.pricing.quote import Quote
from engine.pricing.validation import CART_LIMITS, MAX_QUANTITY
from engine.service.messages import mutation_to_message
from engine.v1 import pricing_pb2

KINDS = {
    "set quantity": 8,
    "add line": 3,
    "remove line": 3,
    "set price": 2,
    "attach coupon": 1,
    "detach coupon": 1,
    "set customer": 1,
    "set address": 1,
    "choose rate": 1,
    "set payment method": 1,
    "move clock": 1,
    "three at once": 1,
}
"""The relative frequency of each."""
COUNTRIES = ("United Kingdom", "Germany", "France", "Ireland", "Spain", "Netherlands")
METHODS = tuple(rate.method for rate in carts.RATES)
PAYMENT_METHODS = ("card", "invoice", "transfer")
HOUR = 3600 * 10**9
"""Nanoseconds."""

Shopper: TypeAlias = Callable[[Random, str, Cart, Cart], list[Mutation]]
"""The mutations of a kind, given the cart as it was opened and as it is; none if they are not possible."""


@dataclass(frozen=True, slots=True)
class Step:
    """One request with a mutation, and the cart that results."""

    kind: str
    sent: bytes
    cart: Cart


def synthetic(random: Random, kind: str, opened: Cart, cart: Cart) -> list[Mutation]:
    """For the carts of ``bench.carts``; a `Shopper`."""
    line = random.choice(cart.lines)
    match kind:
        case "set quantity":
            return [SetQuantity(line.id, carts.quantity(random, line.price))]
        case "add line" if len(cart.lines) <= len(opened.lines):
            new = f"{random.randrange(10_000, 100_000)}"
            return [SetLine(carts.line(random, new, carts.product(random)))]
        case "remove line" if len(cart.lines) > max(1, len(opened.lines) - 1):
            return [RemoveLine(line.id)]
        case "set price":
            return [SetPrice(line.id, max(1, line.price * random.choice(carts.REDUCTIONS) // 100))]
        case "attach coupon" if carts.COUPON not in cart.coupons:
            return [AttachCoupon(carts.COUPON)]
        case "detach coupon" if carts.COUPON in cart.coupons:
            return [DetachCoupon(carts.COUPON)]
        case "set customer":
            return [SetCustomer(carts.customer(random))]
        case "set address":
            return [SetShipment(_shipment(random, cart.shipments[0]))]
        case "choose rate":
            return [ChooseRate(cart.shipments[0].id, random.choice(METHODS))]
        case "set payment method":
            return [SetPaymentMethod(random.choice(PAYMENT_METHODS))]
        case "move clock":
            return [SetAt(cart.at + random.randrange(1, 48) * HOUR)]
        case "three at once":
            return [
                SetQuantity(line.id, carts.quantity(random, line.price)),
                SetPrice(random.choice(cart.lines).id, random.choice(carts.PRICES)),
                SetCustomer(carts.customer(random)),
            ]
    return []


def shopper_with(codes: Sequence[str]) -> Shopper:
    """For any cart: its shopper uses only what was in it when it was opened, and these coupon codes."""

    def mutations(random: Random, kind: str, opened: Cart, cart: Cart) -> list[Mutation]:
        match kind:
            case "set quantity":
                return [_one_more_or_less(random, random.choice(cart.lines))]
            case "three at once":
                return [_one_more_or_less(random, line) for line in random.sample(cart.lines, min(3, len(cart.lines)))]
            case "remove line" if len(cart.lines) > max(1, len(opened.lines) - 1):
                return [RemoveLine(random.choice(cart.lines).id)]
            case "add line" if len(cart.lines) < len(opened.lines):
                held = {line.id for line in cart.lines}
                return [SetLine(random.choice([line for line in opened.lines if line.id not in held]))]
            case "attach coupon" if known := (*opened.coupons, *codes):
                room = len(cart.coupons) <= len(opened.coupons) < CART_LIMITS.coupons
                return [AttachCoupon(random.choice(known))] if room else []
            case "detach coupon" if cart.coupons:
                return [DetachCoupon(random.choice(cart.coupons))]
            case "set customer":
                return [SetCustomer(None if cart.customer else opened.customer)]
            case "choose rate" if shipments := [each for each in cart.shipments if each.rates]:
                shipment = random.choice(shipments)
                return [ChooseRate(shipment.id, random.choice(shipment.rates).method)]
        return []

    return mutations


def session(cart: Cart, seed: object, length: int, shopper: Shopper = synthetic) -> list[Step]:
    """Several mutations of a cart, one after the other; none of a cart without lines."""
    random = Random(f"session {seed} {cart.id}")
    steps: list[Step] = []
    opened = cart
    while len(steps) < length and opened.lines:
        kind = random.choices(tuple(KINDS), tuple(KINDS.values()))[0]
        mutations = shopper(random, kind, opened, cart)
        after = apply(cart, mutations) if mutations else cart
        if after != cart:
            steps.append(Step(kind, request(cart.id, mutations), after))
            cart = after
    return steps


def _one_more_or_less(random: Random, line: Line) -> Mutation:
    near = (line.quantity - 1, line.quantity + 1)
    return SetQuantity(line.id, random.choice([each for each in near if 1 <= each <= MAX_QUANTITY]))


def _shipment(random: Random, shipment: Shipment) -> Shipment:
    return replace(shipment, country=random.choice(COUNTRIES), postal_code=f"{random.randrange(100_000):05}")


def request(cart_id: str, mutations: list[Mutation]) -> bytes:
    """The serialized request."""
    return pricing_pb2.MutateCartRequest(
        cart_id=cart_id, mutations=[mutation_to_message(mutation) for mutation in mutations]
    ).SerializeToString()


def moves_spread(before: Quote, after: Quote) -> bool:
    """Whether an order-level promotion gives the lines other shares than before."""
    return _order_level(before) != _order_level(after)


def crosses_threshold(before: Quote, after: Quote) -> bool:
    """Whether a different set of promotions applies, or a different step of the spend-based amount."""
    return _applied(before) != _applied(after)


def _order_level(quote: Quote) -> object:
    return [
        (adjustment.promotion_id, adjustment.shares)
        for layer in quote.layers
        if layer.name == "order"
        for adjustment in layer.adjustments
    ]


def _applied(quote: Quote) -> object:
    return [
        (adjustment.promotion_id, adjustment.amount if adjustment.promotion_id == "spend-and-save" else None)
        for adjustment in quote.adjustments
    ]
