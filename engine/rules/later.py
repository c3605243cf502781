"""Parts that the rule file already names and `check` still refuses."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from engine.rules.entries import Entry
from engine.rules.numbers import AmountNumber, DecimalNumber
from engine.rules.scalars import Amount, Text, WholeNumber


class Coupon(Entry):
    codes: Annotated[list[Text], Field(min_length=1)]


class PromotionLimits(Entry):
    """How often a promotion may be redeemed, and for how much money."""

    total: WholeNumber | None = None
    per_customer: WholeNumber | None = None
    per_code: WholeNumber | None = None
    budget: Amount | None = None


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
