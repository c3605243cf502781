"""The rule file as written: models of its structure. ``check`` works out what its names and amounts mean."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import ConfigDict, Field

from engine.money import Rounding
from engine.pricing.redemption import Period, Returns
from engine.rules.checked import SEARCH_NODES, Combine, Exclusive, LayerKind, Leftover, Percentages, Policy, Selection
from engine.rules.entries import Entry, Kinds, Sound
from engine.rules.example_model import Example
from engine.rules.nodes import Mapping
from engine.rules.reward_model import Reward
from engine.rules.scalars import (
    Amount,
    ConditionText,
    FilterText,
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
    """The first moment at which the promotion is open; a bare date means its midnight."""
    until: Moment | None = None
    """The first moment at which it is over; a bare date is included to its end."""
    weekdays: Annotated[tuple[Annotated[str, OneOf(WEEKDAYS)], ...], Field(min_length=1)] = WEEKDAYS
    hours: Hours | None = None
    """Such as 17:00-23:00, or 22:00-02:00 over midnight; the end is not included (24:00 is the end of the day)."""


class Coupon(Entry):
    """The promotion needs one of these codes in the cart, or a unique code of the pool."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["codes"]}, {"required": ["pool"]}]})

    codes: Annotated[list[Text], Field(min_length=1)] | None = None
    pool: Text | None = None
    """Accept unique codes that the store keeps under this name."""


class PeriodLimit(Entry):
    """A number of times per calendar period, in the rule set's time zone; weeks begin on Monday."""

    times: Limit
    per: Annotated[str, words(Period)]


TimesLimit: TypeAlias = Annotated[Limit | PeriodLimit, Kinds(lambda node: isinstance(node, Mapping))]
"""The largest number of times: ever, or in each period."""


class RedemptionLimits(Entry):
    """How often a promotion may be redeemed, and how much money it may spend."""

    total: TimesLimit | None = None
    """By all customers together."""
    per_customer: TimesLimit | None = None
    per_code: TimesLimit | None = None
    budget: Amount | None = None
    """Money off and credit, in all."""
    partial: YesNo = False
    """Grant the rest of the budget when it holds less than the reward."""


class Promotion(Entry):
    """A condition and its reward."""

    name: Text | None = None
    """Shown to shoppers; the id if left out."""
    layer: Sound[Text]
    priority: WholeNumber = 0
    """Higher priorities go first; equal ones go by id."""
    when: ConditionText | None = None
    """A condition over cart, customer, segments and, in shipping layers, shipment."""
    schedule: Schedule | None = None
    reward: Sound[Reward]
    coupon: Coupon | None = None
    limits: RedemptionLimits | None = None
    group: Text | None = None
    tags: tuple[Text, ...] = ()
    """Labels that other promotions can exclude."""
    excludes: tuple[Text, ...] = ()
    """What the promotion does not combine with: a promotion, group:NAME or tag:NAME."""
    exclusive: Annotated[str, words(Exclusive)] | None = None
    """Apply only when nothing else does in its layer, or on the cart; strict promotions are tried first, each alone."""


class Layer(Entry):
    """A step of pricing: its promotions see the prices that the layers before it left."""

    name: Text
    kind: Annotated[str, words(LayerKind)]
    combine: Annotated[str, words(Combine)] = Combine.ALL.value
    """Grant all promotions that apply, only the first, the best set of them, or the best one on each line."""
    percentages: Annotated[str, words(Percentages)] = Percentages.ADDITIVE.value


class Group(Entry):
    """Promotions of which at most one may apply on a cart, or all, or all together on a line, as if they were one."""

    policy: Annotated[str, words(Policy)]


class Search(Entry):
    """How long to search for the best set of promotions."""

    nodes: Nodes = SEARCH_NODES
    """The largest number of sets that are looked at on one cart."""


class Coupons(Entry):
    """How coupon codes are compared and combined."""

    case_sensitive: YesNo = False
    per_cart: Annotated[str, OneOf(["several", "one"])] = "several"
    """With `one`, only the last code sent counts."""


class Floor(Entry):
    """No unit is sold below its cost plus a markup."""

    markup_percent: Percent


AttributeTypes = dict[Text, Annotated[str, OneOf(["string", "int", "bool"])]]


class Attributes(Entry):
    """Attributes of your own that conditions may use, each with its type."""

    item: AttributeTypes = Field(default_factory=dict)
    customer: AttributeTypes = Field(default_factory=dict)
    cart: AttributeTypes = Field(default_factory=dict)


class RuleSet(Entry):
    """A Cartwright rule set."""

    ruleset: Text
    """The name by which carts ask for the rule set."""
    currencies: Annotated[list[Text], Field(min_length=1)]
    timezone: Text | None = None
    """The time zone of all schedules, such as Europe/Vienna; UTC if left out."""
    rounding: Annotated[str, words(Rounding)] = Rounding.HALF_UP.value
    selection: Annotated[str, words(Selection)] = Selection.LAYERED.value
    """Whether to search for the best set layer by layer, or over all layers together."""
    search: Search | None = None
    leftover: Annotated[str, words(Leftover)] = Leftover.LARGEST_REMAINDER.value
    """Which lines get the cents left over when an amount is spread."""
    coupons: Coupons | None = None
    returns: Annotated[str, words(Returns)] = Returns.KEEP.value
    """What happens to promotions when goods are returned: keep them, claw them back, or price the rest again."""
    floor: Floor | None = None
    attributes: Attributes | None = None
    amounts: dict[Text, Sound[Amount]] = Field(default_factory=dict)
    """Named amounts, for conditions and rewards."""
    segments: dict[Text, Sound[FilterText]] = Field(default_factory=dict)
    """Named sets of cart lines, each with a condition on `item`."""
    layers: Annotated[list[Sound[Layer]], Field(min_length=1)] | None = None
    """The layers in the order of pricing; item, order, shipping and points if left out."""
    groups: dict[Text, Sound[Group]] = Field(default_factory=dict)
    promotions: dict[Text, Sound[Promotion]] = Field(default_factory=dict)
    examples: list[Sound[Example]] = Field(default_factory=list)
    """Carts and the prices they must have, for `cartwright test`."""


def unread(entry: RuleSet | Attributes) -> set[str]:
    """The optional keys that are written, but could not be read and so count as absent."""
    return {key.text for key in entry.written if key not in entry.model_fields_set}
