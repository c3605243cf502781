"""The rule file as written: models of its structure. What the names and amounts in it mean, ``check`` finds out."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import ConfigDict, Discriminator, Field, Tag

from engine.money import Rounding
from engine.pricing.redemption import Period, Returns
from engine.rules.checked import SEARCH_NODES, Combine, Exclusive, LayerKind, Leftover, Percentages, Selection
from engine.rules.entries import Entry, Sound
from engine.rules.example_model import Example
from engine.rules.nodes import Mapping, Node
from engine.rules.reward_model import Reward
from engine.rules.scalars import (
    Amount,
    ConditionText,
    Hours,
    Limit,
    Moment,
    Nodes,
    OneOf,
    Percent,
    Text,
    WholeNumber,
    YesNo,
    words,
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Schedule(Entry):
    """When a promotion is open, in the rule set's time zone."""

    from_: Annotated[Moment | None, Field(alias="from")] = None
    """First moment."""
    until: Moment | None = None
    """First moment after it; a bare date counts through its last moment."""
    weekdays: Annotated[tuple[Annotated[str, OneOf(WEEKDAYS)], ...], Field(min_length=1)] = WEEKDAYS
    hours: Hours | None = None
    """Such as 17:00-23:00, or 22:00-02:00 over midnight."""


class Coupon(Entry):
    """The promotion needs one of these codes in the cart, or a unique code of the pool."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["codes"]}, {"required": ["pool"]}]})

    codes: Annotated[list[Text], Field(min_length=1)] | None = None
    pool: Text | None = None
    """Unique codes that are kept in the store under this name."""


class PeriodLimit(Entry):
    """So many in each calendar period of the rule set's time zone; weeks begin on Monday."""

    times: Limit
    per: Annotated[str, words(Period)]


def _limit_shape(node: Node) -> str:
    return _PER_PERIOD if isinstance(node, Mapping) else _EVER


_EVER, _PER_PERIOD = "<ever>", "<per period>"

TimesLimit: TypeAlias = Annotated[
    Annotated[Limit, Tag(_EVER)] | Annotated[PeriodLimit, Tag(_PER_PERIOD)], Discriminator(_limit_shape)
]
"""How many at most: ever, or in each period."""


class RedemptionLimits(Entry):
    """How often a promotion may be redeemed, and for how much money."""

    total: TimesLimit | None = None
    """By everybody together."""
    per_customer: TimesLimit | None = None
    per_code: TimesLimit | None = None
    budget: Amount | None = None
    """Money off and credit, in all."""
    partial: YesNo = False
    """Grants what the budget still holds of a reward that is larger."""


class Promotion(Entry):
    """A condition and its reward."""

    name: Text | None = None
    """Shown to shoppers; the id when left out."""
    layer: Text
    priority: WholeNumber = 0
    """High goes first; equal ones go by id."""
    when: ConditionText | None = None
    """A condition over cart, customer, segments and, in shipping layers, shipment."""
    schedule: Schedule | None = None
    reward: Sound[Reward]
    coupon: Coupon | None = None
    limits: RedemptionLimits | None = None
    group: Text | None = None
    tags: tuple[Text, ...] = ()
    """For others to exclude."""
    excludes: tuple[Text, ...] = ()
    """What it does not go together with: a promotion, group:NAME or tag:NAME."""
    exclusive: Annotated[str, words(Exclusive)] | None = None
    """Applies with nothing else in its layer, or on its cart; strict ones are tried first, each alone."""


class Layer(Entry):
    """A step of pricing: its promotions read what the layers before it left."""

    name: Text
    kind: Annotated[str, words(LayerKind)]
    combine: Annotated[str, words(Combine)] = Combine.ALL.value
    """All promotions that can be had, the first of them, the best set, or on each line the best of them."""
    percentages: Annotated[str, words(Percentages)] = Percentages.ADDITIVE.value


class Group(Entry):
    """Promotions of which one or all apply on a cart."""

    policy: Annotated[str, OneOf(["one", "all"])]


class Search(Entry):
    """How long the best set of promotions is sought."""

    nodes: Nodes = SEARCH_NODES
    """The most sets that are looked at on one cart."""


class Coupons(Entry):
    """How coupon codes are read."""

    case_sensitive: YesNo = False
    per_cart: Annotated[str, OneOf(["several", "one"])] = "several"
    """With one, only the last code sent counts."""


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
    rounding: Annotated[str, words(Rounding)] = Rounding.HALF_UP.value
    selection: Annotated[str, words(Selection)] = Selection.LAYERED.value
    """Whether the best set is sought layer by layer, or over all layers together."""
    search: Search | None = None
    leftover: Annotated[str, words(Leftover)] = Leftover.LARGEST_REMAINDER.value
    """Who gets the minor units left over when an amount is spread over lines."""
    coupons: Coupons | None = None
    returns: Annotated[str, words(Returns)] = Returns.KEEP.value
    """What comes of promotions when goods go back: they are kept, clawed back, or the rest is priced again."""
    floor: Floor | None = None
    attributes: Attributes | None = None
    amounts: dict[Text, Sound[Amount]] = Field(default_factory=dict)
    """Amounts by name, for conditions and rewards."""
    segments: dict[Text, Sound[ConditionText]] = Field(default_factory=dict)
    """Sets of lines by name, each with its filter over item."""
    layers: Annotated[list[Sound[Layer]], Field(min_length=1)] | None = None
    """item, order, shipping and points when left out."""
    groups: dict[Text, Sound[Group]] = Field(default_factory=dict)
    promotions: dict[Text, Sound[Promotion]] = Field(default_factory=dict)
    examples: list[Sound[Example]] = Field(default_factory=list)
    """Carts and what they must come to, for `cartwright test`."""
