"""Rewards as written: models of their structure. ``rewards`` works out what their names and amounts mean."""

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
from engine.rules.scalars import Amount, Count, Free, Grams, OneOf, PlainText, SegmentName, Text, YesNo, words


class Sets(Entry):
    """One unit of each set: `of: 4, take: 2` is the second of every four."""

    of: Count
    take: Count
    arrange: Annotated[str, OneOf(["sets", "rows"])] = "sets"
    """With `rows`, the units of whole sets are cut into rows as long as there are sets, and `take` picks a row."""


class Units(Entry):
    """Only some units of the segment."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": [key]} for key in ("quantity", "sets", "at_least")]}
    )

    quantity: CountNumber | None = None
    pick: Annotated[str, words(Pick)] = Pick.CHEAPEST.value
    per: Text | None = None
    """Count units of the whole `segment` (if left out), of each `line`, or of all lines with the same `sku`, `brand`,
    `category` or `attributes.NAME`."""
    sets: Sets | None = None
    at_least: Count | None = None
    """No units count if there are fewer."""


class Goods(Entry):
    """A reward on the goods of a segment."""

    of: Sound[SegmentName]
    """The name of the segment."""
    up_to: AmountNumber | None = None
    """The largest amount that the promotion grants on a cart."""
    units: Units | None = None
    skip_reduced: YesNo = False
    """Leave out lines that an earlier layer has reduced."""
    shipping: YesNo = False
    """Include the chosen shipping rates, each as one more line."""


class PercentOff(Goods):
    """A percentage off a segment."""

    percent: Sound[PercentNumber]
    per: Annotated[str, words(Per)] = Per.LINE.value
    """Where to round: on each unit, on each line, or once for the whole segment (order)."""
    base: Annotated[str, OneOf(["price", "list_price"])] = "price"
    """What it is a percentage of: the price, or the list price of lines that have one."""


class AmountOff(Goods):
    """Money off a segment."""

    amount: Sound[AmountNumber]
    per: Sound[Annotated[str, words(Per)]]
    """Take the amount off each unit, off each line, or once (order)."""


class FixedPrice(Goods):
    """A fixed price for a segment."""

    price: Sound[AmountNumber]
    per: Sound[Annotated[str, words(Per)]]
    """The price of each unit, of each line, or of the whole segment (order)."""


class Reduction(Alternative):
    """A percentage or an amount off, or a price."""

    kinds: ClassVar[tuple[str, ...]] = ("percent_off", "amount_off", "fixed_price")

    percent_off: Sound[PercentNumber] = None
    amount_off: Sound[AmountNumber] = None
    fixed_price: Sound[AmountNumber] = None


class Shipping(Reduction):
    """Money off the chosen shipping rate."""

    kinds = ("free", *Reduction.kinds)

    free: Free | None = None
    methods: tuple[Text, ...] = ()
    """Only rates of these methods; all methods if left out."""
    per: Annotated[str, OneOf(["shipment", "order"])] = "shipment"
    """Take an amount off each shipment, or once off all of them together (order)."""
    up_to: AmountNumber | None = None
    """The largest amount that the promotion grants on a cart."""


class Part(Entry):
    """A number of units of a segment."""

    of: Sound[SegmentName]
    """The name of the segment."""
    quantity: Sound[CountNumber]


class Got(Part, Reduction):
    """A number of units of a segment, and the discount on them."""

    per: Annotated[str, OneOf([Per.LINE.value, Per.UNIT.value])] | None = None
    """Where to round a percentage: on each line (default) or on each unit."""


class BuyGet(Entry):
    """Buy some units, get others at a discount."""

    buy: Part
    get: Got
    pick: Annotated[str, words(Pick)] = Pick.CHEAPEST.value
    """Which units are discounted."""
    repeat: RepeatNumber = 1
    """The largest number of sets, or unlimited."""
    incomplete: YesNo = False
    """Also reward a last set that has all its units to buy but only some of those to get."""
    same: Text | None = None
    """What all units of a set must share: `sku`, `brand`, `category`, `attributes.NAME` or the `line`."""
    carried_by: Annotated[str, OneOf(["got", "set"])] = "got"
    """Take the discount off the units got, or spread it over all units of the set, bought and got."""


class BundlePart(Part):
    """A number of units of a segment that belong to the set."""

    full_price: YesNo = False
    """These units are needed for the set but stay at full price; the reward is taken off the other parts."""


class Bundle(Reduction):
    """Units sold together as a set, at a discount or a fixed price."""

    parts: Annotated[list[BundlePart], Field(min_length=1)]
    pick: Annotated[str, words(Pick)] = Pick.CHEAPEST.value
    """Which units of a segment are used first."""
    repeat: RepeatNumber = 1
    """The largest number of sets, or unlimited."""
    same: Text | None = None
    """What all units of a set must share: `sku`, `brand`, `category`, `attributes.NAME` or the `line`."""
    different: Text | None = None
    """What no two units of a set may share: `sku`, `brand`, `category`, `attributes.NAME` or the `line`."""


class Gift(Alternative):
    """Free units of a product."""

    kinds = ("sku", "choices")

    sku: PlainText | None = None
    choices: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    """Products from which the shopper chooses one."""
    quantity: CountNumber = 1
    for_every: Part | None = None
    """Give the quantity once for every so many units of a segment."""
    weight: Grams = 0
    """The weight of one unit, in grams."""
    value: Amount | None = None
    """What one unit is worth in the search for the best promotions."""


class Points(Alternative):
    """Points for the customer."""

    kinds = ("fixed", "per_unit_spent", "multiplier")

    fixed: Sound[PointsNumber] = None
    per_unit_spent: Sound[RateNumber] = None
    """Points for each currency unit spent."""
    multiplier: Sound[FactorNumber] = None
    """Multiply the points that the other promotions of the layer gave."""
    of: SegmentName | None = None
    """The segment in which spending counts; the whole cart if left out."""
    value: Amount | None = None
    """What 100 points are worth in the search for the best promotions."""


class Credit(Entry):
    """Store credit, given once the order is complete."""

    amount: Sound[AmountNumber]
    value: Amount | None = None
    """What it is worth in the search for the best promotions."""


class Effect(Entry):
    """A named effect that the checkout gets back and carries out."""

    name: PlainText
    payload: PlainText = ""
    value: Amount | None = None
    """What it is worth in the search for the best promotions."""


class Reward(Alternative):
    """What the promotion grants: exactly one kind of reward."""

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
