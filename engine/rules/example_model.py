"""Examples as written: carts and what they must come to. What the names and amounts mean, ``examples`` finds out.

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
    """Id of the shipment; may be left out when there is only one."""
    gift_of: Text | None = None
    """The promotion whose gift it is."""


class Rate(Entry):
    """A way to ship that was quoted."""

    method: PlainText
    price: Figure
    carrier: PlainText = ""
    speed: PlainText = ""


class Shipment(Entry):
    """Goods that go to one address, or to a store to be picked up there."""

    id: PlainText
    country: PlainText = ""
    region: PlainText = ""
    postal_code: PlainText = ""
    store: PlainText = ""
    method: PlainText = ""
    """The method chosen of the rates."""
    rates: tuple[Rate, ...] = ()


class Customer(Entry):
    """What is known of the customer."""

    id: PlainText = ""
    tier: PlainText = ""
    segments: tuple[PlainText, ...] = ()
    orders: WholeNumber | None = None
    lifetime_spend: Figure | None = None
    points: WholeNumber | None = None
    attributes: AttributeValues = Field(default_factory=dict)


class Usage(Entry):
    """What was redeemed of a promotion so far."""

    total: Limit = 0
    customer: Limit = 0
    """By the cart's customer."""
    codes: dict[Text, Limit] = Field(default_factory=dict)
    spent: Figure | None = None
    """Money off and credit, in all."""


class CouponFact(Entry):
    """What the store knows of a unique code."""

    pool: Text | None = None
    """The pool that has it."""
    state: Annotated[str, words(CouponState)] = CouponState.AVAILABLE.value


class Cart(Entry):
    """A cart, as a checkout would send it."""

    currency: Text | None = None
    """May be left out when the rule set has only one."""
    lines: tuple[Line, ...] = ()
    customer: Customer | None = None
    shipments: tuple[Shipment, ...] = ()
    channel: PlainText = ""
    payment_method: PlainText = ""
    coupons: tuple[PlainText, ...] = ()
    declined_promotions: tuple[PlainText, ...] = ()
    usage: dict[Text, Usage] = Field(default_factory=dict)
    """By promotion."""
    coupon_facts: dict[Text, CouponFact] = Field(default_factory=dict)
    """By code: what is known of codes that no promotion lists."""
    attributes: AttributeValues = Field(default_factory=dict)
    at: LocalTime | None = None
    """Moment of pricing in the rule set's time zone; before every schedule when left out."""


class Example(Entry):
    """A cart and what it must come to."""

    name: PlainText
    cart: Cart
    total: Figure
    subtotal: Figure | None = None
    """Goods without shipping."""
    shipping: Figure | None = None
    lines: dict[Text, Figure] = Field(default_factory=dict)
    """Subtotals by line."""
    applied: tuple[Text, ...] | None = None
    """The promotions that apply, in the order granted."""
    points: Total | None = None
    credit: Figure | None = None
    gifts: dict[Text, Count] | None = None
    """Units of each product given, without those the shopper has yet to pick."""
    coupons: dict[Text, Annotated[str, words(Status)]] = Field(default_factory=dict)
    """What becomes of the codes."""
