"""What conditions may refer to: the facts of every subject, the declared names, and where they are allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Protocol

from engine.rules.checked import Attribute
from engine.rules.checked_rewards import DISCOUNTABLE
from engine.rules.conditions.syntax import KEYWORDS, RESERVED_WORDS
from engine.rules.expressions import PerCurrency, Subject, Type
from engine.rules.found import Position


@dataclass(frozen=True, slots=True)
class FactDeclaration:
    type: Type
    description: str


def _table(*rows: tuple[str, Type, str]) -> dict[str, FactDeclaration]:
    return {name: FactDeclaration(type, description) for name, type, description in rows}


_LINES = _table(
    ("subtotal", Type.MONEY, "price of its goods, as earlier layers left it"),
    ("merchandise", Type.MONEY, "price of its goods before any discount"),
    ("quantity", Type.INT, "units"),
    ("lines", Type.INT, "cart lines"),
    ("skus", Type.INT, "different products"),
    ("weight", Type.INT, "grams; absent when one of its lines has none"),
)
"""The facts of every group of lines."""

FACTS: Mapping[Subject, Mapping[str, FactDeclaration]] = {
    Subject.ITEM: _table(
        ("sku", Type.STRING, "the product"),
        ("category", Type.STRING, "path of the category, such as `shoes/running`"),
        ("brand", Type.STRING, "brand"),
        ("tags", Type.STRINGS, "tags of the product"),
        ("quantity", Type.INT, "units on the line"),
        ("weight", Type.INT, "grams of one unit"),
        ("price", Type.MONEY, "price of one unit, as sent"),
        ("list_price", Type.MONEY, "price of one unit before any reduction of the shop's own"),
        ("cost", Type.MONEY, "what one unit costs the shop"),
        ("minimum_price", Type.MONEY, "price below which no promotion takes a unit"),
    ),
    Subject.CART: _LINES
    | _table(
        ("shipping", Type.MONEY, "price of the chosen rates, as earlier layers left it"),
        ("coupons", Type.STRINGS, "coupon codes entered"),
        ("shipping_methods", Type.STRINGS, "chosen methods of the shipments"),
        ("shipping_countries", Type.STRINGS, "countries that the shipments go to"),
        ("channel", Type.STRING, "sales channel, such as `web`"),
        ("currency", Type.STRING, "currency code"),
        ("payment_method", Type.STRING, "payment method, such as `card`"),
    ),
    Subject.SEGMENT: _LINES,
    Subject.CUSTOMER: _table(
        ("id", Type.STRING, "the shop's own id of the customer"),
        ("tier", Type.STRING, "loyalty tier, such as `gold`"),
        ("segments", Type.STRINGS, "segments the customer belongs to"),
        ("orders", Type.INT, "orders placed so far"),
        ("points", Type.INT, "points held"),
        ("lifetime_spend", Type.MONEY, "spent so far"),
    ),
    Subject.SHIPMENT: _LINES
    | _table(
        ("id", Type.STRING, "the shop's own id of the shipment"),
        ("method", Type.STRING, "chosen method"),
        ("carrier", Type.STRING, "carrier of the chosen rate"),
        ("speed", Type.STRING, "speed of the chosen rate"),
        ("price", Type.MONEY, "price of the chosen rate, as earlier layers left it"),
        ("country", Type.STRING, "country of the address"),
        ("region", Type.STRING, "region of the address"),
        ("postal_code", Type.STRING, "postal code of the address"),
        ("store", Type.STRING, "store it is picked up at"),
        ("pickup", Type.BOOL, "whether it is picked up"),
    ),
}
"""Every fact there is, by subject and name (docs/pricing.md §4), but for attributes, which a rule set declares."""


class Scope(Enum):
    """Where an expression is written."""

    ITEM = "a segment's filter"
    GOODS = "a goods or points layer"
    SHIPPING = "a shipping layer"


_CART_FACTS = frozenset({Subject.CART, Subject.SEGMENT, Subject.CUSTOMER})
VISIBLE: Mapping[Scope, frozenset[Subject]] = {
    Scope.ITEM: frozenset({Subject.ITEM}),
    Scope.GOODS: _CART_FACTS,
    Scope.SHIPPING: _CART_FACTS | {Subject.SHIPMENT},
}
"""The subjects whose facts can be used, by scope."""

RESERVED_NAMES = KEYWORDS | RESERVED_WORDS | {"item", "cart", "customer", "shipment", "discountable"}
"""Names that no segment and no amount of a rule set may have."""


@dataclass(frozen=True)
class Environment:
    """The names a rule set declares.

    ``segments`` is in the order of ``CheckedRules.segments``: ``cart`` first, then ``discountable``. ``amounts`` are in
    minor units, one figure per currency in the order of ``currencies``. Subjects that are ``unread`` may have further
    attributes, or there may be further segments, whose declarations are mistaken.
    """

    currencies: tuple[str, ...]
    amounts: Mapping[str, PerCurrency]
    segments: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    unread: frozenset[Subject] = frozenset()

    @cached_property
    def subjects(self) -> Mapping[str, tuple[Subject, int]]:
        """What a name before a dot means: the subject and, for a segment, its index (else -1).

        A segment that takes the name of a subject is one mistake and must not cause others wherever the name is used.
        """
        own = {subject.value: (subject, -1) for subject in Subject if subject is not Subject.SEGMENT}
        return {name: (Subject.SEGMENT, i) for i, name in enumerate(self.segments) if i >= DISCOUNTABLE} | own

    def subject_of(self, owner: str) -> str:
        """The subject that a key of ``facts`` is about; a segment may have a dot in its name, which is reported."""
        return owner if owner in self.subjects else owner.partition(".")[0]

    @cached_property
    def facts(self) -> Mapping[str, Mapping[str, Type]]:
        """Types of the facts, by the part before the last dot (``cart``, ``cart.attributes``) and the part after it."""
        types = {
            name: {fact: declaration.type for fact, declaration in FACTS[subject].items()}
            for name, (subject, _) in self.subjects.items()
        }
        types |= {f"{subject.value}.attributes": {} for subject in (Subject.ITEM, Subject.CUSTOMER, Subject.CART)}
        for attribute in self.attributes:
            types[f"{attribute.subject.value}.attributes"][attribute.name] = attribute.type
        return types

    @cached_property
    def visible_facts(self) -> Mapping[Scope, Mapping[str, Mapping[str, Type]]]:
        """Those of ``facts`` that can be used, by scope."""
        return {
            scope: {
                owner: facts
                for owner, facts in self.facts.items()
                if self.subjects[self.subject_of(owner)][0] in subjects
            }
            for scope, subjects in VISIBLE.items()
        }


class ScalarText(Protocol):
    """A text of a rule file that knows the positions of its characters in the file."""

    @property
    def text(self) -> str: ...

    def position(self, offset: int, length: int) -> Position:
        """The position of ``length`` characters from ``offset``, which may be len(text) for the place after the end."""
