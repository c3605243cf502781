"""The quote: the one answer to a cart. Money is in minor units of the cart's currency.

Named tuples, because a quote has many parts, and creating a tuple takes a fraction of the time of a frozen dataclass.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Reason(Enum):
    """Why a promotion is not applied (docs/pricing.md §8): the first of these that holds, in this order."""

    EMPTY_CART = "empty_cart"
    DECLINED = "declined"
    NO_AMOUNT_IN_CURRENCY = "no_amount_in_currency"
    NOT_STARTED = "not_started"
    EXPIRED = "expired"
    OUTSIDE_SCHEDULE = "outside_schedule"
    NO_COUPON = "no_coupon"
    COUPON_REPLACED = "coupon_replaced"
    LIMIT_TOTAL = "limit_total"
    LIMIT_CUSTOMER = "limit_customer"
    LIMIT_CODE = "limit_code"
    BUDGET_SPENT = "budget_spent"
    DISPLACED = "displaced"
    MISSING_FACT = "missing_fact"
    CONDITION = "condition"
    NO_RATE = "no_rate"
    NO_VALUE = "no_value"
    NOT_IN_CART = "not_in_cart"
    INCOMPLETE = "incomplete"
    UNITS_CLAIMED = "units_claimed"
    NO_EFFECT = "no_effect"
    BUDGET_EXCEEDED = "budget_exceeded"
    NOT_BEST = "not_best"
    UNVERIFIED = "unverified"  # a reason of codes only, never of a promotion


class Outcome(NamedTuple):
    """Why one promotion is not applied. ``by`` is the promotion that displaced it, else empty."""

    promotion_id: str
    reason: Reason
    by: str = ""


class Status(Enum):
    """What became of a coupon code (docs/pricing.md §8)."""

    APPLIED = "applied"
    NOT_BEST = "not_best"
    NOT_ELIGIBLE = "not_eligible"
    EXHAUSTED = "exhausted"
    NOT_STARTED = "not_started"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class CouponStatus(NamedTuple):
    """A code as first sent; ``reason`` is that of the promotion that came furthest, None when applied or unknown.

    An unknown ``status`` or ``reason`` of a newer service is None, too.
    """

    code: str
    status: Status | None
    reason: Reason | None
    promotion_ids: tuple[str, ...]
    """Those applied with it, in the order granted; else the one that came furthest."""


class Bucket(NamedTuple):
    """``quantity`` units at ``price`` each."""

    price: int
    quantity: int


class QuotedLine(NamedTuple):
    """``merchandise`` is before any discount, ``subtotal`` after. Buckets (dearest first, one per price) sum to it."""

    id: str
    sku: str
    quantity: int
    merchandise: int
    subtotal: int
    buckets: tuple[Bucket, ...]


class QuotedRate(NamedTuple):
    """A quoted rate, and the ``charge``: what would be left to pay of its price if it were chosen."""

    method: str
    carrier: str
    speed: str
    price: int
    charge: int
    cheapest: bool
    cheapest_of_carrier: bool
    cheapest_of_speed: bool


class QuotedShipment(NamedTuple):
    """``price`` is the chosen rate's price as sent (0 when none is chosen), ``charge`` what is left of it."""

    id: str
    method: str
    price: int
    charge: int
    rates: tuple[QuotedRate, ...] = ()
    """By method; only when asked for."""


class Gift(NamedTuple):
    """``quantity`` units of a SKU at price zero.

    ``choices`` is empty if there is no choice. If there is one, ``sku`` is empty until the shopper has picked.
    """

    promotion_id: str
    sku: str
    quantity: int
    choices: tuple[str, ...] = ()


class Effect(NamedTuple):
    """A text handed back unread."""

    name: str
    payload: str


class Share(NamedTuple):
    """The part of an adjustment carried by one line or one shipment; ``amount`` > 0 is money off."""

    id: str
    amount: int


class Adjustment(NamedTuple):
    """What one promotion granted: ``amount`` is money off, the sum of its shares of both kinds.

    ``shares`` are sorted by id: of lines in a goods layer, of shipments in a shipping layer. ``shipment_shares`` are
    those of shipments in a goods layer. ``ungranted`` is what the promotion wanted beyond ``amount`` and nothing could
    take, at most MAX_AMOUNT. ``coupon`` is the code it used.
    """

    promotion_id: str
    promotion_name: str
    amount: int
    ungranted: int
    shares: tuple[Share, ...]
    points: int = 0
    credit: int = 0
    gift: Gift | None = None
    effect: Effect | None = None
    coupon: str = ""
    shipment_shares: tuple[Share, ...] = ()


class QuotedLayer(NamedTuple):
    """Adjustments in the order granted; ``subtotal`` (goods) and ``shipping`` are what the layer left."""

    name: str
    kind: str
    adjustments: tuple[Adjustment, ...]
    subtotal: int
    shipping: int


class Search(NamedTuple):
    """How the set of promotions was found: no set saves more than ``gap`` beyond it (0 if ``optimal``)."""

    optimal: bool
    nodes: int
    gap: int


class Unmet(NamedTuple):
    """One thing that a promotion needs and the cart does not have, in the words of rule files.

    ``part`` is the failing part of the condition (``cart.subtotal >= 95.00``), ``found`` the value found (``89.49``;
    empty if the cart does not have the fact), ``needed`` the value needed (``at least 95.00``).
    """

    part: str
    found: str
    needed: str


class Explanation(NamedTuple):
    """Why a promotion that touches the cart is not applied (docs/pricing.md §8).

    ``condition`` is as written. ``displaced_by_amount`` is the total of the cart without the promotion that displaced
    this one, less the total now (5.00 if the shopper is 5.00 better off now); None if that cart was not priced. An
    unknown ``reason`` of a newer service is None.
    """

    promotion_id: str
    promotion_name: str
    layer: str
    reason: Reason | None
    condition: str = ""
    unmet: tuple[Unmet, ...] = ()
    displaced_by: str = ""
    displaced_by_name: str = ""
    displaced_by_amount: int | None = None


class Addition(NamedTuple):
    """``quantity`` more units of a line, which cost ``price`` as sent, and the ``total`` of the cart with them.

    ``change`` is that total less the total now: below zero if the shopper pays less for more.
    """

    line_id: str
    quantity: int
    price: int
    total: int
    change: int


class Suggestion(NamedTuple):
    """What a cart lacks for a promotion, or for its next step.

    ``fact`` (``shoes.subtotal``) falls short by ``missing`` (minor units, units or grams); ``text`` says so for people.
    ``addition`` is None if no line of the cart was found to close the gap.
    """

    promotion_id: str
    promotion_name: str
    text: str
    fact: str
    missing: int
    addition: Addition | None = None


class Quote(NamedTuple):
    """``total`` is ``subtotal`` plus ``shipping``; ``valid_until`` is in seconds, ``at`` in nanoseconds since 1970.

    ``search`` is None if the rule set has nothing to search. ``gifts`` are those of the adjustments, in their order.
    ``explanations`` and ``suggestions`` are in the order of granting, and empty unless the cart asks for them.
    ``rule_set_revision`` is the revision in the store, 0 if the rule set is from a file.
    """

    cart_id: str
    rule_set: str
    rule_set_version: str
    currency: str
    at: int
    valid_until: int | None
    lines: tuple[QuotedLine, ...]
    shipments: tuple[QuotedShipment, ...]
    layers: tuple[QuotedLayer, ...]
    merchandise: int
    subtotal: int
    shipping_price: int
    shipping: int
    total: int
    points: int = 0
    credit: int = 0
    gifts: tuple[Gift, ...] = ()
    coupons: tuple[CouponStatus, ...] = ()
    search: Search | None = None
    explanations: tuple[Explanation, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    rule_set_revision: int = 0

    @property
    def adjustments(self) -> tuple[Adjustment, ...]:
        """The adjustments of all layers, in the order granted."""
        return tuple(each for layer in self.layers for each in layer.adjustments)

    @property
    def applied(self) -> tuple[str, ...]:
        """Ids of the promotions that apply, in the order granted."""
        return tuple(each.promotion_id for each in self.adjustments)

    @property
    def saved(self) -> int:
        """Money off: the price of goods and shipping as sent, less the total."""
        return self.merchandise + self.shipping_price - self.total


class Priced(NamedTuple):
    """A quote and the nanoseconds the engine took to read and evaluate the cart, without any protobuf.

    The time includes explanations and compared rates, if the cart asks for them.
    """

    quote: Quote
    engine_ns: int


class Answer(NamedTuple):
    """A quote, and why each other promotion of the rule set is not applied, in the order of granting."""

    quote: Quote
    outcomes: tuple[Outcome, ...]
