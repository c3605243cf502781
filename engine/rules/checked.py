"""Checked rules: a rule set in which every name is resolved, every type checked and every amount exact.

``check`` makes them; ``plan`` compiles them; the reference implementation prices straight from them.
Money is in minor units per currency of the rule set, percentages in ppm of the whole, moments in seconds since 1970.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from engine.money import Rounding
from engine.pricing.cart import Cart
from engine.pricing.quote import Status
from engine.pricing.redemption import Limit, Returns
from engine.pricing.validation import Declaration
from engine.rules.expressions import Expression, PerCurrency, Subject, Type


class LayerKind(Enum):
    GOODS = "goods"
    SHIPPING = "shipping"
    POINTS = "points"


class Combine(Enum):
    ALL = "all"
    FIRST = "first"
    BEST = "best"
    BEST_PER_LINE = "best_per_line"


class Selection(Enum):
    """Whether the best set is sought layer by layer or over all layers together."""

    LAYERED = "layered"
    GLOBAL = "global"


class Leftover(Enum):
    """Who gets the minor units left over when an amount is spread over lines (docs/pricing.md §7)."""

    LARGEST_REMAINDER = "largest_remainder"
    FIRST_LINES = "first_lines"
    LAST_LINE = "last_line"
    CARRIED = "carried"


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
    LINE_ORDER = "line_order"


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
    """A named set of lines; ``filter`` is a BOOL expression over ``item``, None for ``cart`` and ``discountable``.

    ``text`` is the filter as written.
    """

    name: str
    filter: Expression | None
    text: str = field(default="", compare=False)


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
    """The value, as many times as ``by`` holds ``every``, at most ``up_to``; no value when it holds it not once.

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
    """Of all units in pick order, as whole sets of ``size``, the unit at ``position`` (from 1) of each.

    With ``rows`` they are cut into rows as long as there are sets, and row ``position`` is meant.
    """

    size: int
    position: int
    rows: bool


@dataclass(frozen=True, slots=True)
class Units:
    """So many units of a segment, or of each of its lines, those that come first in pick order.

    ``quantity`` is a whole number >= 1; None, only with ``sets``, is all of what these leave.
    """

    quantity: Number | None
    pick: Pick
    per_line: bool = False
    sets: Sets | None = None


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


@dataclass(frozen=True, slots=True)
class BuyGetReward:
    """Buy so many units of one segment, get so many of another discounted.

    ``kind``, ``number`` and ``per`` (LINE or UNIT; UNIT for amounts and prices) say what comes off the units got.
    ``repeat`` is the most sets, None without limit; with ``incomplete`` the last may lack some of the units got.
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


@dataclass(frozen=True, slots=True)
class Part:
    """So many units of a segment."""

    segment: int
    quantity: Number


@dataclass(frozen=True, slots=True)
class BundleReward:
    """Parts together at a percentage, an amount or a price per set; ``repeat`` is the most sets, None without limit.

    The last ``full_price`` parts cost what they cost.
    """

    kind: RewardKind
    number: Number
    parts: tuple[Part, ...]
    pick: Pick
    repeat: Number | None
    full_price: int = 0


@dataclass(frozen=True, slots=True)
class ShippingReward:
    """``methods`` empty: every method. ``free`` is read as 1,000,000 ppm off. ``up_to`` caps all shipments together."""

    kind: RewardKind
    methods: tuple[str, ...]
    number: Number
    up_to: Number | None = None


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
    """A named text handed back unread."""

    name: str
    payload: str = ""
    value: PerCurrency | None = None


MoneyReward: TypeAlias = GoodsReward | BuyGetReward | BundleReward | ShippingReward
"""Those that take money off."""
Reward: TypeAlias = MoneyReward | GiftReward | PointsReward | CreditReward | EffectReward


@dataclass(frozen=True, slots=True)
class RedemptionLimits:
    """How often, in all or per calendar period, and for how much money off and credit a promotion may be redeemed.

    None is without limit.

    With ``partial`` what the budget still holds is granted of a reward that is larger.
    """

    total: Limit | None = None
    per_customer: Limit | None = None
    per_code: Limit | None = None
    budget: PerCurrency | None = None
    partial: bool = False


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

    ``group`` is a group's name, empty when there is none. It needs one of ``codes`` (shared coupon codes as written) or
    a unique one of ``pool``; both empty: none.
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
    codes: tuple[str, ...] = ()
    pool: str = ""
    limits: RedemptionLimits | None = None

    @property
    def needs_coupon(self) -> bool:
        return bool(self.codes or self.pool)


@dataclass(frozen=True, slots=True)
class Coupons:
    """How codes are compared, and whether only the last one sent counts."""

    case_sensitive: bool = False
    one_per_cart: bool = False


SEARCH_NODES = 1_500
"""How many nodes a search visits at most, unless the rule set says otherwise."""


@dataclass(frozen=True, slots=True)
class Example:
    """A cart and what it must come to, in minor units of its currency; None where the file says nothing.

    ``lines`` are pairs of a line's id and its subtotal; ``applied`` are ids of promotions in the order granted;
    ``gifts`` are pairs of a SKU and its units, ``coupons`` of a code and its status.
    """

    name: str
    cart: Cart
    total: int
    subtotal: int | None = None
    shipping: int | None = None
    lines: tuple[tuple[str, int], ...] = ()
    applied: tuple[str, ...] | None = None
    points: int | None = None
    credit: int | None = None
    gifts: tuple[tuple[str, int], ...] | None = None
    coupons: tuple[tuple[str, Status], ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedRules:
    """A rule set in which nothing is left to be found out.

    ``promotions`` are in the order they are granted: by layer, multipliers of points behind the others, priority high
    first, then id. ``amounts`` are those with a name. ``examples`` play no part in pricing and are not compiled.

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
    selection: Selection = Selection.LAYERED
    search_nodes: int = SEARCH_NODES
    leftover: Leftover = Leftover.LARGEST_REMAINDER
    coupons: Coupons = Coupons()
    returns: Returns = Returns.KEEP
    amounts: tuple[tuple[str, PerCurrency], ...] = ()

    @property
    def gift_weights(self) -> dict[str, int]:
        """Grams of a unit of each gift, by promotion."""
        return {each.id: each.reward.weight for each in self.promotions if isinstance(each.reward, GiftReward)}
