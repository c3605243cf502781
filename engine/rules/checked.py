"""Checked rules: a rule set in which every name is resolved, every type checked and every amount exact.

``check`` makes them; ``plan`` compiles them; the reference implementation prices straight from them.
Money is in minor units per currency of the rule set, percentages in ppm of the whole, moments in seconds since 1970.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from engine.money import Rounding
from engine.pricing.cart import Cart
from engine.pricing.validation import Declaration
from engine.rules.expressions import Expression, PerCurrency, Subject, Type


class LayerKind(Enum):
    GOODS = "goods"
    SHIPPING = "shipping"
    POINTS = "points"


class Combine(Enum):
    ALL = "all"
    FIRST = "first"


class Percentages(Enum):
    ADDITIVE = "additive"
    COMPOUNDING = "compounding"


class RewardKind(Enum):
    PERCENT_OFF = "percent_off"
    AMOUNT_OFF = "amount_off"
    FIXED_PRICE = "fixed_price"


class Pick(Enum):
    """Which units go first (docs/pricing.md §5)."""

    CHEAPEST = "cheapest"
    DEAREST = "dearest"


class Exclusive(Enum):
    LAYER = "layer"
    CART = "cart"
    STRICT = "strict"


class Per(Enum):
    UNIT = "unit"
    LINE = "line"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Attribute:
    """A declared free attribute; ``type`` is STRING, INT or BOOL, ``subject`` ITEM, CUSTOMER or CART."""

    subject: Subject
    name: str
    type: Type


_ATTRIBUTE_VALUES = {Type.STRING: str, Type.INT: int, Type.BOOL: bool}


def declaration(currencies: tuple[str, ...], attributes: tuple[Attribute, ...]) -> Declaration:
    """What a cart must be like where these attributes are declared."""
    types = {(each.subject.value, each.name): _ATTRIBUTE_VALUES[each.type] for each in attributes}
    return Declaration(currencies, types)


CART = 0
"""Index of the segment ``cart``: as a fact it counts all lines, as the target of a reward only discountable ones."""
DISCOUNTABLE = 1
"""Index of the segment ``discountable``."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A named set of lines; ``filter`` is a BOOL expression over ``item``, None for ``cart`` and ``discountable``."""

    name: str
    filter: Expression | None


@dataclass(frozen=True, slots=True)
class Layer:
    name: str
    kind: LayerKind
    combine: Combine
    percentages: Percentages


@dataclass(frozen=True, slots=True)
class Zone:
    """Wall clock of a time zone: from ``starts[i]`` (seconds, ascending) local time is UTC + ``offsets[i]`` seconds.

    Before ``starts[0]`` ``offsets[0]`` holds. Both tuples have the same length, at least 1.
    """

    name: str
    starts: tuple[int, ...]
    offsets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """Minutes of the local day, ``start`` inclusive, ``end`` exclusive (0 to 1440); over midnight when end <= start."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """Open at second t when starts <= t < ends and, by the wall clock, the weekday and a window hold.

    ``weekdays`` is a bit set, bit 0 Monday (127: every day); ``windows`` is never empty (one 0–1440 window: all day).
    A window over midnight belongs to the weekday on which it starts.
    """

    starts: int | None
    ends: int | None
    weekdays: int
    windows: tuple[Window, ...]


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
    """The value of the highest step reached; ``by`` is INT or MONEY, thresholds rise strictly in every currency."""

    by: Expression
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """The value when the fact equals ``key``."""

    key: str | int | bool
    value: PerCurrency


@dataclass(frozen=True, slots=True)
class Choice:
    """The value by a STRING, INT or BOOL fact; keys are of its type and differ."""

    by: Expression
    cases: tuple[Case, ...]


Number: TypeAlias = Fixed | StepTable | Choice
"""A number in a reward: minor units for amounts and prices, ppm for percentages."""


@dataclass(frozen=True, slots=True)
class Units:
    """So many units of a segment, those that come first in pick order; ``quantity`` >= 1."""

    quantity: int
    pick: Pick


@dataclass(frozen=True, slots=True)
class GoodsReward:
    """``segment`` indexes ``CheckedRules.segments``; ``up_to`` caps what the promotion grants on a cart."""

    kind: RewardKind
    segment: int
    per: Per
    number: Number
    up_to: Number | None
    units: Units | None = None


@dataclass(frozen=True, slots=True)
class BuyGetReward:
    """Buy so many units of one segment, get so many of another discounted.

    ``kind``, ``number`` and ``per`` (LINE or UNIT; UNIT for amounts and prices) say what comes off the units got.
    Quantities are >= 1; ``repeat`` is the most sets, None without limit.
    """

    kind: RewardKind
    number: Number
    per: Per
    buy: int
    buy_quantity: int
    get: int
    get_quantity: int
    pick: Pick
    repeat: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """So many units of a segment in each set of a bundle; ``quantity`` >= 1."""

    segment: int
    quantity: int


@dataclass(frozen=True, slots=True)
class BundleReward:
    """Parts together at a percentage, an amount or a price per set; ``repeat`` is the most sets, None without limit."""

    kind: RewardKind
    number: Number
    parts: tuple[Part, ...]
    pick: Pick
    repeat: int | None


@dataclass(frozen=True, slots=True)
class ShippingReward:
    """``methods`` empty: every method. ``free`` is read as 1,000,000 ppm off."""

    kind: RewardKind
    methods: tuple[str, ...]
    number: Number


Reward: TypeAlias = GoodsReward | BuyGetReward | BundleReward | ShippingReward


@dataclass(frozen=True, slots=True)
class Group:
    """A named group of promotions; ``one``: at most one of them applies on a cart."""

    name: str
    one: bool


class ExclusionKind(Enum):
    PROMOTION = "promotion"
    GROUP = "group"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What a promotion does not go together with: one by its id, all of a group, or all with a tag (itself aside)."""

    kind: ExclusionKind
    name: str


@dataclass(frozen=True, slots=True)
class Promotion:
    """``layer`` indexes ``CheckedRules.layers``; ``condition`` is a BOOL expression, None when there is no ``when``.

    ``group`` is a group's name, empty when there is none.
    """

    id: str
    name: str
    layer: int
    priority: int
    schedule: Schedule | None
    condition: Expression | None
    condition_text: str
    reward: Reward
    group: str = ""
    tags: tuple[str, ...] = ()
    excludes: tuple[Exclusion, ...] = ()
    exclusive: Exclusive | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A cart and what it must come to, in minor units of its currency; None where the file says nothing.

    ``lines`` are pairs of a line's id and its subtotal; ``applied`` are ids of promotions in the order granted.
    """

    name: str
    cart: Cart
    total: int
    subtotal: int | None = None
    shipping: int | None = None
    lines: tuple[tuple[str, int], ...] = ()
    applied: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class CheckedRules:
    """``promotions`` are in the order they are granted: by layer, priority high first, then id.

    ``examples`` play no part in pricing and are not compiled.

    ``markup`` is the floor's markup over cost in ppm, None when cost sets no floor. ``segments`` starts with ``cart``
    and ``discountable``.
    """

    name: str
    currencies: tuple[str, ...]
    zone: Zone
    rounding: Rounding
    markup: int | None
    attributes: tuple[Attribute, ...]
    segments: tuple[Segment, ...]
    layers: tuple[Layer, ...]
    promotions: tuple[Promotion, ...]
    groups: tuple[Group, ...] = ()
    examples: tuple[Example, ...] = ()
