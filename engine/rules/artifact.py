"""The records of an artifact; `layout` says how they lie in bytes, engine/_native/artifact.pxd is the same in C.

Records refer to each other by index, -1 means none; a first index and a count name a slice of another section.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from engine.rules.expressions import GROUP_FACTS, Subject

UNBOUNDED_PAST, UNBOUNDED_FUTURE = -(2**63), 2**63 - 1
"""``starts`` and ``ends`` of a schedule that has none."""


class Op(IntEnum):
    """What a node computes; truth values are the numbers 0 and 1.

    A number or text may be absent, which is CEL's error value. A list never is, at most empty.
    """

    # Numbers.
    CONSTANT = 0  # a: row of figures
    FACT = 1  # subject, a: slot
    HAS_NUMBER = 2  # subject, a: slot
    HAS_TEXT = 3  # subject, a: slot
    NOT = 4  # a
    AND = 5  # a: first operand, b: count
    OR = 6  # a: first operand, b: count
    CHOOSE = 7  # a: condition, b: then, c: otherwise
    EQUAL = 8  # a, b
    NOT_EQUAL = 9
    LESS = 10
    LESS_OR_EQUAL = 11
    GREATER = 12
    GREATER_OR_EQUAL = 13
    ADD = 14
    SUBTRACT = 15
    MULTIPLY = 16
    NEGATE = 17  # a
    IN_NUMBERS = 18  # a, b: first operand, c: count; operands are rows of figures
    TEXT_EQUAL = 19  # a, b: texts
    TEXT_NOT_EQUAL = 20
    TEXT_LESS = 21
    TEXT_LESS_OR_EQUAL = 22
    TEXT_GREATER = 23
    TEXT_GREATER_OR_EQUAL = 24
    STARTS_WITH = 25
    ENDS_WITH = 26
    CONTAINS = 27
    IN_TEXTS = 28  # a, b: first operand, c: count; operands are texts of the artifact
    IN_LIST = 29  # a, subject, b: slot
    TEXT_SIZE = 30  # a
    LIST_SIZE = 31  # subject, a: slot
    # Texts.
    TEXT_CONSTANT = 32  # a: text of the artifact
    TEXT_FACT = 33  # subject, a: slot
    TEXT_CHOOSE = 34  # a: condition, b: then, c: otherwise


class NumberKind(IntEnum):
    """How a reward's number is found."""

    FIXED = 0  # first: row of figures
    STEPS = 1  # entries: row of the threshold, row of the value; thresholds rise
    CASES_BY_NUMBER = 2  # entries: row of the key, row of the value
    CASES_BY_TEXT = 3  # entries: text of the key, row of the value
    FOR_EVERY = 4  # two entries, both with the row of what it is for every: row of the value, row of the most it may be


class Selection(IntEnum):
    """How a goods reward chooses the units it reaches."""

    UNITS = 0  # one part: its first units in pick order, or all of them
    BUY_GET = 1  # two parts: bought, got
    BUNDLE = 2  # the parts of a set, in the order in which they are filled
    BUY_GET_SET = 3  # as BUY_GET; what is wanted of the units got is spread over the units bought, too


class Same(IntEnum):
    """What the units must have in common that a quantity, or sets, are counted for separately."""

    NOTHING = 0
    SKU = 1
    LINE = 2
    BRAND = 3
    CATEGORY = 4
    ATTRIBUTE = 5  # the first one declared; the others follow


class Slots(NamedTuple):
    """Names of a subject's facts by slot; declared attributes follow in the order declared."""

    numbers: tuple[str, ...]
    texts: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


SLOTS = {
    Subject.ITEM: Slots(
        ("quantity", "weight", "price", "list_price", "cost", "minimum_price"), ("sku", "category", "brand"), ("tags",)
    ),
    Subject.CUSTOMER: Slots(("orders", "points", "lifetime_spend"), ("id", "tier"), ("segments",)),
    Subject.CART: Slots(
        ("shipping",), ("channel", "currency", "payment_method"), ("coupons", "shipping_methods", "shipping_countries")
    ),
    Subject.SHIPMENT: Slots(
        (*GROUP_FACTS, "price", "pickup"),
        ("id", "method", "carrier", "speed", "country", "region", "postal_code", "store"),
    ),
    Subject.SEGMENT: Slots(GROUP_FACTS),
}
"""Those of the lines of ``cart`` are the facts of segment 0, so the subject CART has only its own."""


class RuleSet(NamedTuple):
    name: int
    rounding: int
    leftover: int
    selects_globally: int  # 1: the best set is sought over all layers together
    case_sensitive: int  # 1: coupon codes are as written; else they are folded, those of a cart have to be
    one_coupon: int  # 1: only the last code sent counts
    returns: int
    reserved: int
    search_nodes: int
    markup: int  # ppm over cost, -1 when cost sets no floor


class Text(NamedTuple):
    offset: int
    length: int


class Currency(NamedTuple):
    code: int
    unit: int  # minor units of a currency unit: JPY 1, USD 100, KWD 1,000


class Figure(NamedTuple):
    """A number in one currency: minor units, ppm or a whole number. A row of figures has one per currency."""

    amount: int
    present: int


class Attribute(NamedTuple):
    subject: int
    name: int
    type: int
    slot: int


class Node(NamedTuple):
    """Operand nodes come before the node that uses them."""

    op: int
    subject: int = 0
    a: int = 0
    b: int = 0
    c: int = 0


class Segment(NamedTuple):
    name: int
    filter: int
    read: int  # 1 when an expression reads a fact of the segment


class Layer(NamedTuple):
    name: int
    kind: int
    combine: int
    percentages: int
    first_promotion: int
    promotion_count: int


class Promotion(NamedTuple):
    """What it grants is the record at ``reward`` of the section ``family``.

    A row of the section CURRENCY_SETS says, by currency, whether every amount it uses has a figure. What exclusions
    name, be it a promotion, a group or a tag, is a label. A promotion is passed over when one that applied excludes a
    label that it carries, or carries one that it excludes. The section STRICT lists the strict promotions in the order
    in which they are tried.
    """

    id: int
    name: int
    condition: int
    schedule: int
    currency_set: int
    exclusive: int
    first_label: int
    label_count: int
    first_exclusion: int  # labels too
    exclusion_count: int
    family: int  # a section, GOODS_REWARDS to EFFECT_REWARDS
    reward: int
    value: int  # row of what a unit of the gift, 100 points, the credit or the effect counts for in a search; -1: none
    first_code: int  # text lists
    code_count: int  # 0: no shared ones
    pool: int  # text; -1: no unique codes. Without codes and pool it needs no coupon
    limits: int  # -1: none
    together: int  # those of one layer with the same number are granted together on a line; -1: alone


class GoodsReward(NamedTuple):
    """``at_least``, ``skip_reduced``, sets, ``shipping`` and ``of_list_price`` are for UNITS only."""

    kind: int
    number: int
    per: int
    up_to: int  # number; -1: no cap
    selection: int
    first_part: int
    part_count: int
    pick: int
    repeat: int = -1  # number of sets; -1: without limit
    skip_reduced: int = 0
    at_least: int = 0  # units; no fewer are any
    set_size: int = 0  # 0: every unit counts
    set_position: int = 0  # from 1
    set_rows: int = 0  # 1: rows as long as there are sets
    incomplete: int = 0  # BUY_GET, BUY_GET_SET only; 1: the last set may lack some of the units got
    shipping: int = 0  # 1: every chosen rate counts as one more line
    of_list_price: int = 0  # percentages only; 1: of the list price of lines that have one
    full_price_parts: int = 0  # BUNDLE only: so many of the last parts are claimed at what they cost
    same: int = 0  # so many units, or sets, of what has it in common; `Same`, or that of a declared attribute of items
    different: int = 0  # BUNDLE of one segment only: what no two units of a set have in common; the same


class ShippingReward(NamedTuple):
    kind: int
    number: int
    up_to: int
    first_method: int  # text lists
    method_count: int  # 0: every method
    together: int = 0  # AMOUNT_OFF only; 1: the amount once, spread over the shipments


class GiftReward(NamedTuple):
    first_sku: int  # text lists
    sku_count: int
    quantity: int  # number
    part: int  # it is given for every such part; -1: once
    weight: int  # grams of a unit


class PointsReward(NamedTuple):
    kind: int
    number: int
    segment: int  # ``cart`` is all lines


class CreditReward(NamedTuple):
    number: int


class EffectReward(NamedTuple):
    name: int
    payload: int


class Limits(NamedTuple):
    """-1: without limit, and of periods: ever."""

    total: int
    per_customer: int
    per_code: int
    total_period: int
    customer_period: int
    code_period: int
    budget: int  # row of figures
    partial: int
    reserved: int = 0


class Part(NamedTuple):
    segment: int  # never ``cart``: a reward reaches discountable lines
    quantity: int  # number; -1: all its units


class Number(NamedTuple):
    kind: int
    by: int
    first: int
    length: int


class Entry(NamedTuple):
    key: int
    value: int


class Schedule(NamedTuple):
    starts: int
    ends: int
    weekdays: int
    first_window: int
    window_count: int
    reserved: int = 0


class Window(NamedTuple):
    start: int
    end: int


class Transition(NamedTuple):
    start: int
    offset: int
