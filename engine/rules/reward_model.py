"""Rewards as written: models of their structure. What the names and amounts in them mean, ``rewards`` finds out."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from engine.rules.checked import Per, Pick
from engine.rules.entries import Alternative, Entry
from engine.rules.later import Credit, Effect, Gift, Points
from engine.rules.numbers import AmountNumber, PercentNumber
from engine.rules.scalars import Count, Free, OneOf, Repeat, Text, words


class Units(Entry):
    """Only so many units of the segment."""

    quantity: Count
    pick: Annotated[str, words(Pick)] = Pick.CHEAPEST.value


class PercentOff(Entry):
    """A percentage off a segment."""

    of: Text
    """The segment."""
    percent: PercentNumber
    per: Annotated[str, words(Per)] = Per.LINE.value
    """Where it is rounded: on each unit, on each line, or on the segment as a whole (order)."""
    up_to: AmountNumber | None = None
    """The most that the promotion grants on a cart."""
    units: Units | None = None


class AmountOff(Entry):
    """Money off a segment."""

    of: Text
    """The segment."""
    amount: AmountNumber
    per: Annotated[str, words(Per)]
    """Whether the amount is meant for each unit, for each line, or once (order)."""
    up_to: AmountNumber | None = None
    """The most that the promotion grants on a cart."""
    units: Units | None = None


class FixedPrice(Entry):
    """A segment at a price."""

    of: Text
    """The segment."""
    price: AmountNumber
    per: Annotated[str, words(Per)]
    """Whether it is the price of each unit, of each line, or of the segment as a whole (order)."""
    up_to: AmountNumber | None = None
    """The most that the promotion grants on a cart."""
    units: Units | None = None


class Reduction(Alternative):
    """A percentage or an amount off, or a price."""

    kinds: ClassVar[tuple[str, ...]] = ("percent_off", "amount_off", "fixed_price")

    percent_off: PercentNumber | None = None
    amount_off: AmountNumber | None = None
    fixed_price: AmountNumber | None = None


class Shipping(Reduction):
    """Money off the chosen shipping rate."""

    kinds = (*Reduction.kinds, "free")

    free: Free | None = None
    methods: tuple[Text, ...] = ()
    """Only rates of these methods; every one when left out."""


class Part(Entry):
    """So many units of a segment."""

    of: Text
    """The segment."""
    quantity: Count


class Got(Part, Reduction):
    """So many units of a segment, and what comes off them."""

    per: Annotated[str, OneOf([Per.LINE.value, Per.UNIT.value])] | None = None
    """Where a percentage is rounded: on each line (default) or on each unit."""


class BuyGet(Entry):
    """Buy some units, get others reduced."""

    buy: Part
    get: Got
    pick: Annotated[str, words(Pick)] = Pick.CHEAPEST.value
    """Which units are got."""
    repeat: Repeat = 1
    """The most sets, or unlimited."""


class Bundle(Reduction):
    """Some units together, at a price of their own."""

    parts: Annotated[list[Part], Field(min_length=1)]
    pick: Annotated[str, words(Pick)] = Pick.CHEAPEST.value
    """Which units of a segment go first."""
    repeat: Repeat = 1
    """The most sets, or unlimited."""


class Reward(Alternative):
    """What a promotion grants: one kind."""

    percent_off: PercentOff | None = None
    amount_off: AmountOff | None = None
    fixed_price: FixedPrice | None = None
    shipping: Shipping | None = None
    buy_get: BuyGet | None = None
    bundle: Bundle | None = None
    gift: Gift | None = None
    points: Points | None = None
    credit: Credit | None = None
    effect: Effect | None = None

    kinds = tuple(__annotations__)
