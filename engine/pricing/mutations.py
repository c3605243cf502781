"""Changes to a cart, one by one or several at once (docs/sessions.md). Money is in minor units."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import TypeAlias

from engine.errors import InvalidMutation, Violation
from engine.pricing.cart import AttributeValue, Cart, CouponFact, Customer, Line, Shipment, Usage
from engine.pricing.field_checks import too_many

MAX_MUTATIONS = 10_000
"""In one call."""
MAX_VIOLATIONS = 50
"""Reported at most."""


@dataclass(frozen=True, slots=True)
class SetLine:
    """Adds the line, or replaces the one with its id."""

    line: Line


@dataclass(frozen=True, slots=True)
class RemoveLine:
    line_id: str


@dataclass(frozen=True, slots=True)
class SetQuantity:
    """A quantity of 0 removes the line."""

    line_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class SetPrice:
    """``price`` is per unit: 1999 is 19.99 in USD. With UNPRICED, the price comes from a catalogue."""

    line_id: str
    price: int


@dataclass(frozen=True, slots=True)
class AttachCoupon:
    """Appends the code. If exactly the same text is already there, nothing changes."""

    code: str


@dataclass(frozen=True, slots=True)
class DetachCoupon:
    """Removes every code that is exactly the same text."""

    code: str


@dataclass(frozen=True, slots=True)
class SetCustomer:
    """Replaces the customer; None means that no customer is known."""

    customer: Customer | None


@dataclass(frozen=True, slots=True)
class SetShipment:
    """Adds the shipment, or replaces the one with its id."""

    shipment: Shipment


@dataclass(frozen=True, slots=True)
class RemoveShipment:
    shipment_id: str


@dataclass(frozen=True, slots=True)
class ChooseRate:
    """Chooses the rate of this method; an empty text chooses none."""

    shipment_id: str
    method: str


@dataclass(frozen=True, slots=True)
class SetPaymentMethod:
    payment_method: str


@dataclass(frozen=True, slots=True)
class SetChannel:
    channel: str


@dataclass(frozen=True, slots=True)
class SetAt:
    """Sets the moment of pricing, in nanoseconds since 1970 UTC."""

    at: int


@dataclass(frozen=True, slots=True)
class SetUsage:
    """Adds the usage, or replaces the one of its promotion."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class SetCouponFact:
    """Adds a coupon fact, or replaces the one for exactly the same code."""

    fact: CouponFact


@dataclass(frozen=True, slots=True)
class SetAttribute:
    """Sets an attribute of the cart; None removes it if it is there."""

    name: str
    value: AttributeValue | None


@dataclass(frozen=True, slots=True)
class SetDeclined:
    promotion_ids: tuple[str, ...]


Mutation: TypeAlias = (
    SetLine
    | RemoveLine
    | SetQuantity
    | SetPrice
    | AttachCoupon
    | DetachCoupon
    | SetCustomer
    | SetShipment
    | RemoveShipment
    | ChooseRate
    | SetPaymentMethod
    | SetChannel
    | SetAt
    | SetUsage
    | SetCouponFact
    | SetAttribute
    | SetDeclined
)


def apply(cart: Cart, mutations: Sequence[Mutation]) -> Cart:
    """The cart after all these mutations, in their order. Raises InvalidMutation with everything wrong with them.

    Ids in the cart must be unique. Whether the new cart is valid is checked by `engine.pricing.validation`.
    """
    if len(mutations) > MAX_MUTATIONS:
        raise InvalidMutation([too_many("mutations", len(mutations), MAX_MUTATIONS)])
    draft = _Draft(cart)
    for index, mutation in enumerate(mutations):
        draft.apply(mutation, f"mutations[{index}]")
    if draft.violations:
        raise InvalidMutation(draft.violations)
    return draft.cart()


def ids_stand_once(cart: Cart) -> bool:
    """Whether the ids of lines, shipments, usage and coupon facts are unique, so that mutations can name them."""
    return all(
        len(set(ids)) == len(ids)
        for ids in (
            [line.id for line in cart.lines],
            [shipment.id for shipment in cart.shipments],
            [usage.promotion_id for usage in cart.usage],
            [fact.code for fact in cart.coupon_facts],
        )
    )


class _Draft:
    """A cart while it changes; what has an id is kept by id."""

    def __init__(self, cart: Cart) -> None:
        self.violations: list[Violation] = []
        self._cart = cart  # all of it except what is kept below
        self._lines = {line.id: line for line in cart.lines}
        self._shipments = {shipment.id: shipment for shipment in cart.shipments}
        self._usage = {usage.promotion_id: usage for usage in cart.usage}
        self._coupon_facts = {fact.code: fact for fact in cart.coupon_facts}
        self._coupons: dict[str, list[int]] = {}  # the places of each code, which may be sent twice
        for place, code in enumerate(cart.coupons):
            self._coupons.setdefault(code, []).append(place)
        self._places = count(len(cart.coupons))
        self._attributes = dict(cart.attributes)

    def cart(self) -> Cart:
        return replace(
            self._cart,
            lines=tuple(self._lines.values()),
            shipments=tuple(self._shipments.values()),
            usage=tuple(self._usage.values()),
            coupon_facts=tuple(self._coupon_facts.values()),
            coupons=tuple(code for _, code in sorted((n, code) for code, each in self._coupons.items() for n in each)),
            attributes=self._attributes,
        )

    def apply(self, mutation: Mutation, path: str) -> None:
        match mutation:
            case SetLine(line):
                self._lines[line.id] = line
            case RemoveLine(line_id):
                if self._has(self._lines, line_id, f"{path}.remove_line", "line"):
                    del self._lines[line_id]
            case SetQuantity(line_id, quantity):
                if self._has(self._lines, line_id, f"{path}.set_quantity.line_id", "line"):
                    if quantity == 0:
                        del self._lines[line_id]
                    else:
                        self._lines[line_id] = replace(self._lines[line_id], quantity=quantity)
            case SetPrice(line_id, price):
                if self._has(self._lines, line_id, f"{path}.set_price.line_id", "line"):
                    self._lines[line_id] = replace(self._lines[line_id], price=price)
            case AttachCoupon(code):
                if code not in self._coupons:
                    self._coupons[code] = [next(self._places)]
            case DetachCoupon(code):
                if self._has(self._coupons, code, f"{path}.detach_coupon", "coupon code"):
                    del self._coupons[code]
            case SetShipment(shipment):
                self._shipments[shipment.id] = shipment
            case RemoveShipment(shipment_id):
                if self._has(self._shipments, shipment_id, f"{path}.remove_shipment", "shipment"):
                    del self._shipments[shipment_id]
            case ChooseRate(shipment_id, method):
                if self._has(self._shipments, shipment_id, f"{path}.choose_rate.shipment_id", "shipment"):
                    self._shipments[shipment_id] = replace(self._shipments[shipment_id], method=method)
            case SetUsage(usage):
                self._usage[usage.promotion_id] = usage
            case SetCouponFact(fact):
                self._coupon_facts[fact.code] = fact
            case SetAttribute(name, value):
                if not name:
                    self._refuse(f"{path}.set_attribute.name", "is missing")
                elif value is None:
                    self._attributes.pop(name, None)
                else:
                    self._attributes[name] = value
            case SetCustomer(customer):
                self._cart = replace(self._cart, customer=customer)
            case SetPaymentMethod(payment_method):
                self._cart = replace(self._cart, payment_method=payment_method)
            case SetChannel(channel):
                self._cart = replace(self._cart, channel=channel)
            case SetAt(at):
                self._cart = replace(self._cart, at=at)
            case SetDeclined(promotion_ids):
                self._cart = replace(self._cart, declined_promotions=promotion_ids)
            case _:
                raise TypeError(f"{type(mutation).__name__} is not a mutation (engine.pricing.mutations)")

    def _has(self, entries: Container[str], key: str, path: str, kind: str) -> bool:
        if key in entries:
            return True
        self._refuse(path, f"{key[:100]!r} is not a {kind} of this cart")
        return False

    def _refuse(self, path: str, description: str) -> None:
        if len(self.violations) < MAX_VIOLATIONS:
            self.violations.append(Violation(path, description))
