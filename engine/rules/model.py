"""The rule file as written: models of its structure. What the names and amounts in it mean, ``check`` finds out."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from pydantic import Field

from engine.money import Rounding
from engine.rules.checked import LayerKind, Per, Percentages
from engine.rules.entries import Alternative, Entry, Sound
from engine.rules.later import (
    Bundle,
    BuyGet,
    Coupon,
    Credit,
    Effect,
    Example,
    Gift,
    Group,
    Points,
    PromotionLimits,
    Units,
)
from engine.rules.numbers import AmountNumber, PercentNumber
from engine.rules.scalars import Amount, Free, Hours, Moment, OneOf, Percent, Text, WholeNumber

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _words(enum: type[Enum]) -> OneOf:
    return OneOf([member.value for member in enum])


class PercentOff(Entry):
    """A percentage off a segment."""

    of: Text
    """The segment."""
    percent: PercentNumber
    per: Annotated[str, _words(Per)] = Per.LINE.value
    """Where it is rounded: on each unit, on each line, or on the segment as a whole (order)."""
    up_to: AmountNumber | None = None
    """The most that the promotion grants on a cart."""
    units: Units | None = None


class AmountOff(Entry):
    """Money off a segment."""

    of: Text
    """The segment."""
    amount: AmountNumber
    per: Annotated[str, _words(Per)]
    """Whether the amount is meant for each unit, for each line, or once (order)."""
    up_to: AmountNumber | None = None
    """The most that the promotion grants on a cart."""
    units: Units | None = None


class FixedPrice(Entry):
    """A segment at a price."""

    of: Text
    """The segment."""
    price: AmountNumber
    per: Annotated[str, _words(Per)]
    """Whether it is the price of each unit, of each line, or of the segment as a whole (order)."""
    up_to: AmountNumber | None = None
    """The most that the promotion grants on a cart."""
    units: Units | None = None


class Shipping(Alternative):
    """Money off the chosen shipping rate."""

    kinds = ("percent_off", "amount_off", "fixed_price", "free")

    percent_off: PercentNumber | None = None
    amount_off: AmountNumber | None = None
    fixed_price: AmountNumber | None = None
    free: Free | None = None
    methods: tuple[Text, ...] = ()
    """Only rates of these methods; every one when left out."""


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


class Schedule(Entry):
    """When a promotion is open, in the rule set's time zone."""

    from_: Annotated[Moment | None, Field(alias="from")] = None
    """First moment."""
    until: Moment | None = None
    """First moment after it; a bare date counts through its last moment."""
    weekdays: Annotated[tuple[Annotated[str, OneOf(WEEKDAYS)], ...], Field(min_length=1)] = WEEKDAYS
    hours: Hours | None = None
    """Such as 17:00-23:00, or 22:00-02:00 over midnight."""


class Promotion(Entry):
    """A condition and its reward."""

    name: Text | None = None
    """Shown to shoppers; the id when left out."""
    layer: Text
    priority: WholeNumber = 0
    """High goes first; equal ones go by id."""
    when: Text | None = None
    """A condition over cart, customer, segments and, in shipping layers, shipment."""
    schedule: Schedule | None = None
    reward: Sound[Reward]
    group: Text | None = None
    coupon: Coupon | None = None
    limits: PromotionLimits | None = None
    excludes: list[Text] | None = None
    exclusive: Annotated[str, OneOf(["layer", "cart", "strict"])] | None = None


class Layer(Entry):
    """A step of pricing: its promotions read what the layers before it left."""

    name: Text
    kind: Annotated[str, _words(LayerKind)]
    combine: Annotated[str, OneOf(["all", "first", "best"])] = "all"
    percentages: Annotated[str, _words(Percentages)] = Percentages.ADDITIVE.value


class Floor(Entry):
    """No unit is sold under its cost and a markup."""

    markup_percent: Percent


AttributeTypes = dict[Text, Annotated[str, OneOf(["string", "int", "bool"])]]


class Attributes(Entry):
    """Free attributes that conditions may read, each with its type."""

    item: AttributeTypes = Field(default_factory=dict)
    customer: AttributeTypes = Field(default_factory=dict)
    cart: AttributeTypes = Field(default_factory=dict)


class RuleSet(Entry):
    """A rule set of Cartwright."""

    ruleset: Text
    """Its name, by which carts ask for it."""
    currencies: Annotated[list[Text], Field(min_length=1)]
    timezone: Text | None = None
    """Time zone of the schedules, such as Europe/Vienna; UTC when left out."""
    rounding: Annotated[str, _words(Rounding)] = Rounding.HALF_UP.value
    selection: Annotated[str, OneOf(["layered", "global"])] = "layered"
    floor: Floor | None = None
    attributes: Attributes | None = None
    amounts: dict[Text, Sound[Amount]] = Field(default_factory=dict)
    """Amounts by name, for conditions and rewards."""
    segments: dict[Text, Sound[Text]] = Field(default_factory=dict)
    """Sets of lines by name, each with its filter over item."""
    layers: Annotated[list[Sound[Layer]], Field(min_length=1)] | None = None
    """item, order, shipping and points when left out."""
    groups: dict[Text, Sound[Group]] | None = None
    promotions: dict[Text, Sound[Promotion]] = Field(default_factory=dict)
    examples: list[Sound[Example]] | None = None
