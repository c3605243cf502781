"""The rewards of checked rules: their numbers, units and segments.

Money is in minor units per currency of the rule set, percentages in ppm of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from engine.rules.expressions import Expression, PerCurrency


class RewardKind(Enum):
    PERCENT_OFF = "percent_off"
    AMOUNT_OFF = "amount_off"
    FIXED_PRICE = "fixed_price"


class Pick(Enum):
    """Which units go first (docs/pricing.md §5)."""

    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    LINE_ORDER = "line_order"


class Per(Enum):
    UNIT = "unit"
    LINE = "line"
    ORDER = "order"


CART = 0
"""Index of the segment ``cart``: as a fact it counts all lines, as the target of a reward only discountable ones."""
DISCOUNTABLE = 1
"""Index of the segment ``discountable``."""


def reached(segment: int) -> int:
    """The segment whose lines a reward of this one reaches."""
    return DISCOUNTABLE if segment == CART else segment


@dataclass(frozen=True, slots=True)
class Fixed:
    """A constant number."""

    values: PerCurrency


@dataclass(frozen=True, slots=True)
class Step:
    """Reached when the fact is >= ``threshold``."""

    threshold: PerCurrency
    value: PerCurrency


@dataclass(frozen=True, slots=True)
class StepTable:
    """The value of the highest step reached; ``by`` is INT or MONEY, thresholds rise strictly in every currency.

    ``text`` is ``by`` as written.
    """

    by: Expression
    steps: tuple[Step, ...]
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Case:
    """The value when the fact equals ``key``."""

    key: str | int | bool
    value: PerCurrency


@dataclass(frozen=True, slots=True)
class Choice:
    """The value by a STRING, INT or BOOL fact; keys are of its type and differ. ``text`` is ``by`` as written."""

    by: Expression
    cases: tuple[Case, ...]
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class ForEvery:
    """The value times the number of whole ``every`` in ``by``, at most ``up_to``; no value when there is none.

    ``by`` is INT or MONEY, ``every`` above zero. ``text`` is ``by`` as written; where the file does not cap it,
    ``up_to`` is the largest that such a number may be. 5.00 for every 50.00, up to 12.00, of 149.99 are 10.00, of
    150.00 are 12.00.
    """

    by: Expression
    every: PerCurrency
    value: PerCurrency
    up_to: PerCurrency
    text: str = field(default="", compare=False)
    capped: bool = field(default=True, compare=False)


Number: TypeAlias = Fixed | StepTable | Choice | ForEvery
"""A number in a reward: minor units for amounts and prices, ppm for percentages, a count for quantities (1 to 10^6).

Points and their multipliers: see `PointsReward`.
"""


@dataclass(frozen=True, slots=True)
class Sets:
    """The unit at ``position`` (from 1) of each whole set of ``size`` units, taken in pick order.

    With ``rows`` the units are cut into rows as long as there are sets, and row ``position`` counts.
    """

    size: int
    position: int
    rows: bool


@dataclass(frozen=True, slots=True)
class Units:
    """The first ``quantity`` units in pick order, of a segment or of all that have ``same`` in common.

    ``quantity`` is a whole number >= 1; None, only with ``sets`` or ``at_least``, is all of what these leave. Where
    there are fewer than ``at_least``, there are none. ``same``: see `BundleReward`.
    """

    quantity: Number | None
    pick: Pick
    same: str = ""
    sets: Sets | None = None
    at_least: int = 0


@dataclass(frozen=True, slots=True)
class GoodsReward:
    """``segment`` indexes ``CheckedRules.segments``; ``up_to`` caps what the promotion grants on a cart.

    With ``skip_reduced`` only lines count whose units entered the layer at the price sent. With ``shipping`` every
    chosen rate counts as one more line of one unit. With ``of_list_price`` a percentage is one of the list price, where
    a line has one.
    """

    kind: RewardKind
    segment: int
    per: Per
    number: Number
    up_to: Number | None
    units: Units | None = None
    skip_reduced: bool = False
    shipping: bool = False
    of_list_price: bool = False


ALIKE = ("sku", "brand", "category", "line")
"""What the lines of a set may have in common, besides declared attributes of items."""


@dataclass(frozen=True, slots=True)
class BuyGetReward:
    """Buy so many units of one segment, get so many of another discounted.

    ``kind``, ``number`` and ``per`` (LINE or UNIT; UNIT for amounts and prices) say what is wanted of the units got.
    ``repeat`` is the most sets, None without limit; with ``incomplete`` the last may lack some of the units got. With
    ``same`` (see `BundleReward`) sets are formed of alike lines by themselves. With ``carried_by_set`` what is wanted
    is spread over the units bought, too.
    """

    kind: RewardKind
    number: Number
    per: Per
    buy: int
    buy_quantity: Number
    get: int
    get_quantity: Number
    pick: Pick
    repeat: Number | None
    incomplete: bool = False
    same: str = ""
    carried_by_set: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A number of units of a segment."""

    segment: int
    quantity: Number


@dataclass(frozen=True, slots=True)
class BundleReward:
    """Parts sold together at a percentage, amount or price per set; ``repeat`` is the most sets, None without limit.

    The last ``full_price`` parts are not reduced. ``same`` is what all units of a set have in common,
    ``sku``, ``brand``, ``category``, ``attributes.NAME`` or the ``line``, and ``repeat`` the most sets of alike lines;
    empty: sets are formed of all. ``different``, another one of these, is what no two units of a set have in common;
    all parts are of one segment then.
    """

    kind: RewardKind
    number: Number
    parts: tuple[Part, ...]
    pick: Pick
    repeat: Number | None
    full_price: int = 0
    same: str = ""
    different: str = ""


@dataclass(frozen=True, slots=True)
class ShippingReward:
    """``methods`` empty: every method. ``free`` is read as 1,000,000 ppm off. ``up_to`` caps all shipments together.

    With ``together`` an amount is meant once and spread over them.
    """

    kind: RewardKind
    methods: tuple[str, ...]
    number: Number
    up_to: Number | None = None
    together: bool = False


class PointsKind(Enum):
    FIXED = "fixed"
    PER_UNIT_SPENT = "per_unit_spent"
    MULTIPLIER = "multiplier"


@dataclass(frozen=True, slots=True)
class GiftReward:
    """``quantity`` units of a SKU: the only one, or the one the shopper picks; ``weight`` is grams per unit.

    With ``for_every`` the quantity is multiplied by how often its segment has so many units. ``value`` (minor units per
    unit given) is what it counts for in a search, None counting 0.
    """

    skus: tuple[str, ...]
    quantity: Number
    for_every: Part | None = None
    weight: int = 0
    value: PerCurrency | None = None


@dataclass(frozen=True, slots=True)
class PointsReward:
    """``number`` is whole points when FIXED; millionths of a point per currency unit, or of a factor, otherwise.

    ``segment`` is what PER_UNIT_SPENT reads (``cart``: all lines). ``value`` is minor units per 100 points. Worked:
    1.25 points per unit, 95.74 spent: 119.675, floored 119; doubled by a multiplier, which thus grants 119 more.
    """

    kind: PointsKind
    number: Number
    segment: int = CART
    value: PerCurrency | None = None


@dataclass(frozen=True, slots=True)
class CreditReward:
    """Store credit in minor units; ``value`` is what it counts for in all."""

    number: Number
    value: PerCurrency | None = None


@dataclass(frozen=True, slots=True)
class EffectReward:
    """A named text that is handed back unread."""

    name: str
    payload: str = ""
    value: PerCurrency | None = None


MoneyReward: TypeAlias = GoodsReward | BuyGetReward | BundleReward | ShippingReward
"""The rewards that take money off."""
Reward: TypeAlias = MoneyReward | GiftReward | PointsReward | CreditReward | EffectReward
