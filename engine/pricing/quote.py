"""The quote: the one answer to a cart. Money is in minor units of the cart's currency.

Named tuples, because a quote has many parts and a tuple is made in a fraction of the time of a frozen dataclass.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Reason(Enum):
    """Why a promotion is not applied (docs/pricing.md §8); the first that holds, in this order."""

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
    UNVERIFIED = "unverified"  # never that of a promotion, only of a code


class Outcome(NamedTuple):
    """Why one promotion is not applied; ``by`` is the promotion that displaced it, else empty."""

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
    """A code as first sent; ``reason`` is that of the promotion that came furthest, None when applied or unknown."""

    code: str
    status: Status
    reason: Reason | None
    promotion_ids: tuple[str, ...]
    """Those that applied by it, in the order granted; else the one that came furthest."""


class Bucket(NamedTuple):
    """``quantity`` units at ``price`` each."""

    price: int
    quantity: int


class QuotedLine(NamedTuple):
    """``merchandise`` is before any discount, ``subtotal`` after; buckets (dearest first, prices differ) sum to it."""

    id: str
    sku: str
    quantity: int
    merchandise: int
    subtotal: int
    buckets: tuple[Bucket, ...]


class QuotedRate(NamedTuple):
    """A quoted rate, and what of its price would be left to pay (``charge``) if it were the chosen one."""

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

    Of ``choices`` (empty: there is none) the shopper has yet to pick when ``sku`` is empty.
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

    ``shares`` are by id, of lines in a goods layer, of shipments in a shipping layer; ``shipment_shares`` those of
    shipments in a goods layer. ``ungranted`` is what the promotion wanted beyond that and nothing could take;
    MAX_AMOUNT stands for that and more. ``coupon`` is the code it used.
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
    """How the set of promotions was found: no other saves more than ``gap`` beyond it (0 when ``optimal``)."""

    optimal: bool
    nodes: int
    gap: int


class Unmet(NamedTuple):
    """One thing that a promotion needs and the cart does not have, in the words of rule files.

    ``part`` is what it is about (``cart.subtotal >= 95.00``), ``found`` the value found (``89.49``; empty when the cart
    does not have the fact), ``needed`` the one needed (``at least 95.00``).
    """

    part: str
    found: str
    needed: str


class Explanation(NamedTuple):
    """Why a promotion that touches the cart is not applied (docs/pricing.md §8).

    ``condition`` is as written. ``displaced_by_amount`` is what the cart would come to without the promotion that
    displaced this one, less what it comes to now (5.00 when the shopper is 5.00 better off as it is); None when it was
    not priced.
    """

    promotion_id: str
    promotion_name: str
    layer: str
    reason: Reason
    condition: str = ""
    unmet: tuple[Unmet, ...] = ()
    displaced_by: str = ""
    displaced_by_name: str = ""
    displaced_by_amount: int | None = None


class Addition(NamedTuple):
    """``quantity`` units more of a line, which cost ``price`` as sent, and the cart's ``total`` then.

    ``change`` is that less the total now: below zero when the shopper pays less for more.
    """

    line_id: str
    quantity: int
    price: int
    total: int
    change: int


class Suggestion(NamedTuple):
    """What stands between a cart and a promotion, or its next step.

    ``fact`` (``shoes.subtotal``) falls short by ``missing`` (minor units, units or grams), which ``text`` says for
    people. ``addition`` is None when no line of the cart was found to close the gap.
    """

    promotion_id: str
    promotion_name: str
    text: str
    fact: str
    missing: int
    addition: Addition | None = None


class Quote(NamedTuple):
    """``total`` is ``subtotal`` plus ``shipping``; ``valid_until`` is in seconds, ``at`` in nanoseconds since 1970.

    ``search`` is None when the rule set has nothing to search. ``gifts`` are those of the adjustments, in their order.
    ``explanations`` and ``suggestions`` are in the order of granting, and empty unless the cart asks for them.
    ``rule_set_revision`` is that of the store, 0 where the rule set is from a file.
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
        """Those of all layers, in the order granted."""
        return tuple(each for layer in self.layers for each in layer.adjustments)

    @property
    def applied(self) -> tuple[str, ...]:
        """Ids of the promotions that apply, in the order granted."""
        return tuple(each.promotion_id for each in self.adjustments)

    @property
    def saved(self) -> int:
        """Money off: what goods and shipping cost as sent, less the total."""
        return self.merchandise + self.shipping_price - self.total


class Priced(NamedTuple):
    """A quote and the nanoseconds the engine took: reading the cart and evaluating it, without any protobuf.

    What the cart asks for beyond its price is part of that time.
    """

    quote: Quote
    engine_ns: int


class Answer(NamedTuple):
    """A quote, and why each other promotion of the rule set is not applied, in the order of granting."""

    quote: Quote
    outcomes: tuple[Outcome, ...]
