"""Random mutations of a cart, with the texts of ``random_carts``."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from engine.pricing.cart import Cart
from engine.pricing.mutations import (
    AttachCoupon,
    ChooseRate,
    DetachCoupon,
    Mutation,
    RemoveLine,
    RemoveShipment,
    SetAt,
    SetAttribute,
    SetChannel,
    SetCouponFact,
    SetCustomer,
    SetDeclined,
    SetLine,
    SetPaymentMethod,
    SetPrice,
    SetQuantity,
    SetShipment,
    SetUsage,
    apply,
)
from engine.rules.checked import CheckedRules
from tests.random_carts import random_cart


def random_mutations(random: Random, rules: CheckedRules, cart: Cart, count: int, stale: float = 0.0) -> list[Mutation]:
    """Mutations in sequence; a ``stale`` share ignores what earlier ones changed, so that some do not fit."""
    mutations: list[Mutation] = []
    for _ in range(count):
        mutations.append(random_mutation(random, rules, cart))
        if random.random() >= stale:
            cart = apply(cart, mutations[-1:])
    return mutations


def random_mutation(random: Random, rules: CheckedRules, cart: Cart) -> Mutation:
    """A mutation that can be applied to the cart; most of the resulting carts are valid."""
    while True:
        # What a mutation brings is taken from another random cart, so it is just as odd.
        other = random_cart(random, rules)
        kind = random.choice(KINDS)
        found = _of_kind(random, kind, cart, other)
        if found is not None:
            return found


KINDS = (
    *[SetLine, RemoveLine, SetPrice, AttachCoupon, DetachCoupon, ChooseRate] * 2,
    *[SetQuantity] * 4,
    *[
        SetCustomer,
        SetShipment,
        RemoveShipment,
        SetPaymentMethod,
        SetChannel,
        SetAt,
        SetUsage,
        SetCouponFact,
        SetAttribute,
        SetDeclined,
    ],
)


def _of_kind(random: Random, kind: type, cart: Cart, other: Cart) -> Mutation | None:
    """None if this cart has nothing to change, or the other one nothing to bring."""
    if kind is SetCustomer:
        return SetCustomer(other.customer)
    if kind is SetPaymentMethod:
        return SetPaymentMethod(other.payment_method)
    if kind is SetChannel:
        return SetChannel(other.channel)
    if kind is SetAt:
        return SetAt(other.at)
    if kind is SetDeclined:
        return SetDeclined(other.declined_promotions)
    if kind is SetUsage and other.usage:
        return SetUsage(random.choice(other.usage))
    if kind is SetCouponFact and other.coupon_facts:
        return SetCouponFact(random.choice(other.coupon_facts))
    if kind is SetAttribute:
        name = random.choice(("gift_wrap", "visits"))
        return SetAttribute(name, other.attributes.get(name))
    if kind is AttachCoupon and other.coupons:
        return AttachCoupon(random.choice(other.coupons))
    if kind is DetachCoupon and cart.coupons:
        return DetachCoupon(random.choice(cart.coupons))
    return _of_line(random, kind, cart, other) or _of_shipment(random, kind, cart, other)


def _of_line(random: Random, kind: type, cart: Cart, other: Cart) -> Mutation | None:
    if kind is SetLine and other.lines:
        line = random.choice(other.lines)
        return SetLine(replace(line, shipment_id=random.choice(("", *(each.id for each in cart.shipments)))))
    if not cart.lines:
        return None
    line = random.choice(cart.lines)
    if kind is RemoveLine:
        return RemoveLine(line.id)
    if kind is SetQuantity:
        return SetQuantity(line.id, random.choice((0, 1, 2, line.quantity + 1, line.quantity - 1, 30)))
    if kind is SetPrice:
        return SetPrice(line.id, random.choice((0, line.price + 1, line.price // 2, 999, 12_345)))
    return None


def _of_shipment(random: Random, kind: type, cart: Cart, other: Cart) -> Mutation | None:
    if kind is SetShipment and other.shipments:
        return SetShipment(random.choice(other.shipments))
    if not cart.shipments:
        return None
    shipment = random.choice(cart.shipments)
    if kind is RemoveShipment and all(line.shipment_id != shipment.id for line in cart.lines):
        return RemoveShipment(shipment.id)
    if kind is ChooseRate:
        return ChooseRate(shipment.id, random.choice(("", *(rate.method for rate in shipment.rates))))
    return None
