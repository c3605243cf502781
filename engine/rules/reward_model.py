"""Rewards as written: models of their structure. What the names and amounts in them mean, ``rewards`` finds out."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from engine.rules.checked_rewards import Per, Pick
from engine.rules.entries import Alternative, Entry, Sound
from engine.rules.numbers import (
    AmountNumber,
    CountNumber,
    FactorNumber,
    PercentNumber,
    PointsNumber,
    RateNumber,
    RepeatNumber,
)
from engine.rules.scalars import Amount, Count, Free, Grams, OneOf, PlainText, Text, YesNo, words


class Sets(Entry):
    """Of every so many units only one: with `of: 4, take: 2` the second of every four."""

    of: Count
    take: Count
    arrange: Annotated[str, OneOf(["sets", "rows"])] = "sets"
    """Rows: whole sets are cut into rows as long as there are sets, and `take` is one of the rows."""


class Units(Entry):
    """Only so many units of the segment."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": [key]} for key in ("quantity", "sets", "at_least")]}
    )

    quantity: CountNumber | None = None
    pick: Annotated[str, words(Pick)] = Pick.CHEAPEST.value
    per: Text | None = None
    """So many units of the `segment` (when left out), of each `line`, or of all lines with the same `sku`, `brand`,
    `category` or `attributes.NAME`."""
    sets: Sets | None = None
    at_least: Count | None = None
    """None where there are fewer."""


class Goods(Entry):
    """What rewards on a segment have in common."""

    of: Sound[Text]
    """The segment."""
    up_to: AmountNumber | None = None
    """The most that the promotion grants on a cart."""
    units: Units | None = None
    skip_reduced: YesNo = False
    """Leaves out lines that an earlier layer took something from."""
    shipping: YesNo = False
    """Reaches the chosen shipping rates, too: each counts as one more line."""


class PercentOff(Goods):
    """A percentage off a segment."""

    percent: Sound[PercentNumber]
    per: Annotated[str, words(Per)] = Per.LINE.value
    """Where it is rounded: on each unit, on each line, or on the segment as a whole (order)."""
    base: Annotated[str, OneOf(["price", "list_price"])] = "price"
    """What it is a percentage of: the price, or the list price of lines that have one."""


class AmountOff(Goods):
    """Money off a segment."""

    amount: Sound[AmountNumber]
    per: Annotated[str, words(Per)]
    """Whether the amount is meant for each unit, for each line, or once (order)."""


class FixedPrice(Goods):
    """A segment at a price."""

    price: Sound[AmountNumber]
    per: Annotated[str, words(Per)]
    """Whether it is the price of each unit, of each line, or of the segment as a whole (order)."""


class Reduction(Alternative):
    """A percentage or an amount off, or a price."""

    kinds: ClassVar[tuple[str, ...]] = ("percent_off", "amount_off", "fixed_price")

    percent_off: Sound[PercentNumber] = None
    amount_off: Sound[AmountNumber] = None
    fixed_price: Sound[AmountNumber] = None


class Shipping(Reduction):
    """Money off the chosen shipping rate."""

    kinds = (*Reduction.kinds, "free")

    free: Free | None = None
    methods: tuple[Text, ...] = ()
    """Only rates of these methods; every one when left out."""
    per: Annotated[str, OneOf(["shipment", "order"])] = "shipment"
    """Whether an amount off is meant for each shipment, or once for all of them together."""
    up_to: AmountNumber | None = None
    """The most that the promotion grants on a cart."""


class Part(Entry):
    """So many units of a segment."""

    of: Sound[Text]
    """The segment."""
    quantity: Sound[CountNumber]


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
    repeat: RepeatNumber = 1
    """The most sets, or unlimited."""
    incomplete: YesNo = False
    """Rewards a last set, too, that has all of its units bought and not all of those got."""
    same: Text | None = None
    """What all units of a set have in common: `sku`, `brand`, `category`, `attributes.NAME` or the `line`."""


class BundlePart(Part):
    """So many units of a set."""

    full_price: YesNo = False
    """They are needed for the set and cost what they cost: the reward is off the other parts."""


class Bundle(Reduction):
    """Some units together, at a price of their own."""

    parts: Annotated[list[BundlePart], Field(min_length=1)]
    pick: Annotated[str, words(Pick)] = Pick.CHEAPEST.value
    """Which units of a segment go first."""
    repeat: RepeatNumber = 1
    """The most sets, or unlimited."""
    same: Text | None = None
    """What all units of a set have in common: `sku`, `brand`, `category`, `attributes.NAME` or the `line`."""
    different: Text | None = None
    """What no two units of a set have in common, one of the same."""


class Gift(Alternative):
    """Units of a product at price zero."""

    kinds = ("sku", "choices")

    sku: PlainText | None = None
    choices: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    """Products of which the shopper picks one."""
    quantity: CountNumber = 1
    for_every: Part | None = None
    """The quantity is given as many times as the segment has so many units."""
    weight: Grams = 0
    """Of one unit, in grams."""
    value: Amount | None = None
    """What one unit counts for when the best promotions are sought."""


class Points(Alternative):
    """Points for the customer."""

    kinds = ("fixed", "per_unit_spent", "multiplier")

    fixed: Sound[PointsNumber] = None
    per_unit_spent: Sound[RateNumber] = None
    """Points for each currency unit of a segment."""
    multiplier: Sound[FactorNumber] = None
    """So many times the points that the other promotions of the layer gave."""
    of: Text | None = None
    """The segment whose price counts; the whole cart when left out."""
    value: Amount | None = None
    """What 100 points count for when the best promotions are sought."""


class Credit(Entry):
    """Store credit, given when the order is complete."""

    amount: Sound[AmountNumber]
    value: Amount | None = None
    """What it counts for when the best promotions are sought."""


class Effect(Entry):
    """A text that the shop gets back unread."""

    name: PlainText
    payload: PlainText = ""
    value: Amount | None = None
    """What it counts for when the best promotions are sought."""


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
