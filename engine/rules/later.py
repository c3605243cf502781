"""Parts that the rule file already names and `check` still refuses."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from engine.rules.entries import Entry
from engine.rules.numbers import AmountNumber, DecimalNumber, PercentNumber
from engine.rules.scalars import Amount, OneOf, Text, WholeNumber

Pick = Annotated[str, OneOf(["cheapest", "dearest"])]


class Group(Entry):
    """Promotions that share a policy."""

    policy: Annotated[str, OneOf(["one", "all"])]


class Coupon(Entry):
    codes: Annotated[list[Text], Field(min_length=1)]


class PromotionLimits(Entry):
    """How often a promotion may be redeemed, and for how much money."""

    total: WholeNumber | None = None
    per_customer: WholeNumber | None = None
    per_code: WholeNumber | None = None
    budget: Amount | None = None


class Units(Entry):
    """Only so many units of the segment, the cheapest or the dearest."""

    quantity: WholeNumber
    pick: Pick = "cheapest"


class Part(Entry):
    of: Text
    quantity: WholeNumber


class GivenPart(Part):
    percent_off: PercentNumber | None = None
    amount_off: AmountNumber | None = None
    fixed_price: AmountNumber | None = None


class BuyGet(Entry):
    buy: Part
    get: GivenPart
    pick: Pick = "cheapest"
    repeat: Text | None = None


class Bundle(Entry):
    parts: Annotated[list[Part], Field(min_length=1)]
    percent_off: PercentNumber | None = None
    amount_off: AmountNumber | None = None
    fixed_price: AmountNumber | None = None
    pick: Pick = "cheapest"
    repeat: Text | None = None


class Gift(Entry):
    sku: Text
    quantity: WholeNumber = 1
    value: Amount | None = None


class Points(Entry):
    fixed: DecimalNumber | None = None
    per_unit_spent: DecimalNumber | None = None
    multiplier: DecimalNumber | None = None


class Credit(Entry):
    amount: AmountNumber
    value: Amount | None = None


class Effect(Entry):
    name: Text
    payload: Any = None
    value: Amount | None = None


class Example(Entry):
    """A cart and what it must cost."""

    name: Text
    cart: Any
    total: Amount
