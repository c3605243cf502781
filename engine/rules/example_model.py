"""Examples as written: carts and the prices they must have. ``examples`` works out what names and amounts mean.

Money is in decimals of the cart's currency; a key that is left out is absent from the cart.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engine.pricing.cart import CouponState
from engine.pricing.quote import Status
from engine.rules.entries import Entry
from engine.rules.scalars import Count, Figure, Limit, LocalTime, PlainText, Text, Total, WholeNumber, YesNo, words

AttributeValues = dict[Text, Text]


class Line(Entry):
    """A cart line; prices and weight (in grams) are of one unit."""

    id: PlainText
    sku: PlainText
    quantity: Count = 1
    price: Figure
    list_price: Figure | None = None
    cost: Figure | None = None
    minimum_price: Figure | None = None
    weight: WholeNumber | None = None
    category: PlainText = ""
    brand: PlainText = ""
    tags: tuple[PlainText, ...] = ()
    attributes: AttributeValues = Field(default_factory=dict)
    discountable: YesNo = True
    shipment: PlainText = ""
    """The id of the line's shipment; may be left out when there is only one."""
    gift_of: Text | None = None
    """The promotion that gave this line as a gift."""


class Rate(Entry):
    """A quoted shipping rate."""

    method: PlainText
    price: Figure
    carrier: PlainText = ""
    speed: PlainText = ""


class Shipment(Entry):
    """Goods that go to one address, or to a store for pickup."""

    id: PlainText
    country: PlainText = ""
    region: PlainText = ""
    postal_code: PlainText = ""
    store: PlainText = ""
    method: PlainText = ""
    """The method of the chosen rate."""
    rates: tuple[Rate, ...] = ()


class Customer(Entry):
    """What is known about the customer."""

    id: PlainText = ""
    tier: PlainText = ""
    segments: tuple[PlainText, ...] = ()
    orders: WholeNumber | None = None
    lifetime_spend: Figure | None = None
    points: WholeNumber | None = None
    attributes: AttributeValues = Field(default_factory=dict)


class Usage(Entry):
    """How far a promotion has been redeemed so far."""

    total: Limit = 0
    customer: Limit = 0
    """By the customer of the cart."""
    codes: dict[Text, Limit] = Field(default_factory=dict)
    spent: Figure | None = None
    """Money off and credit, in total."""


class CouponFact(Entry):
    """What the store knows about a unique code."""

    pool: Text | None = None
    """The pool that the code belongs to."""
    state: Annotated[str, words(CouponState)] = CouponState.AVAILABLE.value


class Cart(Entry):
    """A cart, as a checkout would send it."""

    currency: Text | None = None
    """May be left out when the rule set has only one currency."""
    lines: tuple[Line, ...] = ()
    customer: Customer | None = None
    shipments: tuple[Shipment, ...] = ()
    channel: PlainText = ""
    payment_method: PlainText = ""
    coupons: tuple[PlainText, ...] = ()
    declined_promotions: tuple[PlainText, ...] = ()
    usage: dict[Text, Usage] = Field(default_factory=dict)
    """What was redeemed so far, by promotion."""
    coupon_facts: dict[Text, CouponFact] = Field(default_factory=dict)
    """What the store knows about codes that no promotion lists, by code."""
    attributes: AttributeValues = Field(default_factory=dict)
    at: LocalTime | None = None
    """The moment of pricing, in the rule set's time zone; before every schedule if left out."""


class Example(Entry):
    """A cart and the prices it must have."""

    name: PlainText
    cart: Cart
    total: Figure
    subtotal: Figure | None = None
    """The goods, without shipping."""
    shipping: Figure | None = None
    lines: dict[Text, Figure] = Field(default_factory=dict)
    """The subtotal of each line, by its id."""
    applied: tuple[Text, ...] | None = None
    """The promotions that must apply, in the order granted."""
    points: Total | None = None
    credit: Figure | None = None
    gifts: dict[Text, Count] | None = None
    """The gifts, as units by SKU, without those that the shopper has yet to choose."""
    coupons: dict[Text, Annotated[str, words(Status)]] = Field(default_factory=dict)
    """The status of each code."""
