"""Checked rules: a rule set in which every name is resolved, every type checked and every amount exact.

``check`` makes them; ``plan`` compiles them; the reference implementation prices straight from them.
Money is in minor units per currency of the rule set, percentages in ppm of the whole, moments in seconds since 1970.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from engine.money import Rounding
from engine.pricing.cart import Cart
from engine.pricing.quote import Status
from engine.pricing.redemption import Limit, Returns
from engine.pricing.validation import Declaration
from engine.rules.checked_rewards import GiftReward, Reward
from engine.rules.checked_schedules import Schedule, Zone
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


class Policy(Enum):
    """Which promotions of a group may apply: one on a cart, any, or all those of a layer together on a line."""

    ONE = "one"
    ALL = "all"
    TOGETHER = "together"


class Selection(Enum):
    """Whether to search for the best set layer by layer or over all layers together."""

    LAYERED = "layered"
    GLOBAL = "global"


class Leftover(Enum):
    """Who gets the minor units left over when an amount is spread over lines (docs/pricing.md §7)."""

    LARGEST_REMAINDER = "largest_remainder"
    FIRST_LINES = "first_lines"
    LAST_LINE = "last_line"
    CARRIED = "carried"
    ROUNDED = "rounded"


class Percentages(Enum):
    ADDITIVE = "additive"
    COMPOUNDING = "compounding"


class Exclusive(Enum):
    LAYER = "layer"
    CART = "cart"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Attribute:
    """A declared free attribute; ``type`` is STRING, INT or BOOL, ``subject`` ITEM, CUSTOMER or CART."""

    subject: Subject
    name: str
    type: Type


_ATTRIBUTE_VALUES = {Type.STRING: str, Type.INT: int, Type.BOOL: bool}


def declaration(currencies: tuple[str, ...], attributes: tuple[Attribute, ...]) -> Declaration:
    """What a cart must satisfy where these attributes are declared."""
    types = {(each.subject.value, each.name): _ATTRIBUTE_VALUES[each.type] for each in attributes}
    return Declaration(currencies, types)


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
class RedemptionLimits:
    """How often, in all or per calendar period, and for how much money off and credit a promotion may be redeemed.

    None is without limit. With ``partial`` what the budget still holds is granted of a reward that is larger.
    """

    total: Limit | None = None
    per_customer: Limit | None = None
    per_code: Limit | None = None
    budget: PerCurrency | None = None
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A named group of promotions."""

    name: str
    policy: Policy


class ExclusionKind(Enum):
    PROMOTION = "promotion"
    GROUP = "group"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What a promotion excludes: one promotion by its id, all of a group, or all with a tag (except itself)."""

    kind: ExclusionKind
    name: str

    def __str__(self) -> str:
        """As rule files write it: ``gold-15``, ``group:seasonal``."""
        return self.name if self.kind is ExclusionKind.PROMOTION else f"{self.kind.value}:{self.name}"


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
    """A cart and its expected prices, in minor units of its currency; None where the file has none.

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
    """A rule set with every name, type and amount resolved.

    ``promotions`` are in the order they are granted: by layer, multipliers of points behind the others, priority high
    first, then id; those granted together follow the first of them. ``amounts`` are those with a name. ``examples``
    play no part in pricing and are not compiled.

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
    def strict(self) -> list[Promotion]:
        """The strict promotions in the order in which they are tried."""
        strict = [each for each in self.promotions if each.exclusive is Exclusive.STRICT]
        return sorted(strict, key=lambda each: (-each.priority, each.id))

    def grouped(self, policy: Policy) -> frozenset[str]:
        """The names of the groups with this policy."""
        return frozenset(group.name for group in self.groups if group.policy is policy)

    @property
    def gift_weights(self) -> dict[str, int]:
        """Grams of a unit of each gift, by promotion."""
        return {each.id: each.reward.weight for each in self.promotions if isinstance(each.reward, GiftReward)}
