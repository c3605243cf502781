"""A cart as the engine prices it. Money is in minor units of the cart's currency; an empty text means absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

AttributeValue: TypeAlias = str | int | bool

UNPRICED = -(2**63) - 1
"""The price of a line that takes it from a catalogue: not an amount, and not an int64 either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """``price``, ``list_price``, ``cost``, ``minimum_price`` are per unit; ``weight`` is grams per unit.

    ``gift_of`` names the promotion whose gift this line is. Pricing ignores it, but its SKU picks from a choice.
    """

    id: str
    sku: str
    quantity: int
    price: int
    list_price: int | None = None
    cost: int | None = None
    minimum_price: int | None = None
    weight: int | None = None
    category: str = ""
    brand: str = ""
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    shipment_id: str = ""
    discountable: bool = True
    gift_of: str = ""

    def value_of(self, name: str) -> AttributeValue | None:
        """The value of ``sku``, ``brand``, ``category`` or ``attributes.NAME``; ``line`` is the id. None if absent."""
        texts = {"sku": self.sku, "brand": self.brand, "category": self.category, "line": self.id}
        value = texts[name] if name in texts else self.attributes.get(name.removeprefix("attributes."))
        return None if value == "" else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A quoted way to ship; ``method`` is unique within its shipment."""

    method: str
    price: int
    carrier: str = ""
    speed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """To an address, or picked up at ``store``. ``method`` names the chosen rate; it is empty if none is chosen."""

    id: str
    country: str = ""
    region: str = ""
    postal_code: str = ""
    store: str = ""
    pickup: bool = False
    method: str = ""
    rates: tuple[Rate, ...] = ()

    @property
    def chosen_rate(self) -> Rate | None:
        return next((rate for rate in self.rates if rate.method == self.method), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    id: str = ""
    tier: str = ""
    segments: tuple[str, ...] = ()
    orders: int | None = None
    lifetime_spend: int | None = None
    points: int | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How often a promotion has been redeemed: in total, by the cart's customer, by code; ``spent`` is money."""

    promotion_id: str
    total: int = 0
    customer: int = 0
    codes: Mapping[str, int] = field(default_factory=dict)
    spent: int = 0


class CouponState(Enum):
    """What the store says about a unique code; UNVERIFIED if it could not be asked."""

    AVAILABLE = "available"
    SPENT = "spent"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponFact:
    """What is known about a code that the rule set does not list. ``pool`` has no effect on an unverified code."""

    code: str
    state: CouponState = CouponState.AVAILABLE
    pool: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """``at`` is the moment of pricing in nanoseconds since 1970 UTC.

    ``explain`` and ``compare_rates`` ask for more in the answer; they do not affect any price.
    """

    id: str
    currency: str
    at: int
    rule_set: str = ""
    lines: tuple[Line, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    customer: Customer | None = None
    channel: str = ""
    payment_method: str = ""
    coupons: tuple[str, ...] = ()
    declined_promotions: tuple[str, ...] = ()
    usage: tuple[Usage, ...] = ()
    coupon_facts: tuple[CouponFact, ...] = ()
    explain: bool = False
    compare_rates: bool = False
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
