"""Statements about carts: literals over variables, and alternatives of literals.

A variable is a fact, together with the layer that it enters if layers may change it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, TypeAlias

from engine.errors import CartwrightError
from engine.rules.expressions import Expression, Subject, TextTest

MOST_ALTERNATIVES = 128
_ITEM, _SHIPMENT = Subject.ITEM.value, Subject.SHIPMENT.value
_NEVER_ABSENT = frozenset(
    "subtotal merchandise quantity lines skus shipping currency pickup"
    " coupons shipping_methods shipping_countries segments".split()
)
_NEVER_ABSENT_OF = {
    _ITEM: frozenset(("sku", "quantity", "price", "tags")),
    _SHIPMENT: _NEVER_ABSENT | {"id", "price", "method"},
}


class TooComplex(CartwrightError):
    """A condition with more alternatives than lint considers."""

    code = "too_complex"


class Variable(NamedTuple):
    """A fact, hashed and compared more than anything else, hence a tuple.

    ``group`` is the index of a segment (-1: none); ``layer`` is 0 for what no layer changes. The number of a list is
    how many texts it has.
    """

    subject: str
    name: str
    group: int = -1
    layer: int = 0

    @property
    def optional(self) -> bool:
        """Whether a cart may come without it."""
        return self.name not in _NEVER_ABSENT_OF.get(self.subject, _NEVER_ABSENT)


@cache
def item_variable(name: str) -> Variable:
    return Variable(_ITEM, name)


class AtMost(NamedTuple):
    """The sum of the variables times their factors is at most ``bound``."""

    terms: tuple[tuple[Variable, int], ...]
    bound: int

    @property
    def several(self) -> bool:
        """Whether more than one number is added, or more than one subtracted."""
        return len(self.terms) > 1 and len({factor > 0 for _, factor in self.terms}) < len(self.terms)


@dataclass(frozen=True, slots=True)
class Differs:
    """A number is not this one."""

    variable: Variable
    value: int


@dataclass(frozen=True, slots=True)
class Among:
    """A text is one of these, or (``holds`` false) is there and none of them."""

    variable: Variable
    values: frozenset[str]
    holds: bool


@dataclass(frozen=True, slots=True)
class Tested:
    """A text passes a test or (``holds`` false) is there and does not."""

    variable: Variable
    test: TextTest
    part: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A list contains a text or (``holds`` false) does not."""

    variable: Variable
    text: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """A truth value is present and equals ``holds``."""

    variable: Variable
    value: bool


@dataclass(frozen=True, slots=True)
class Present:
    """A fact is there, or is not."""

    variable: Variable
    holds: bool


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something that lint does not reason about: pricing decides whether a cart meets it."""

    expression: Expression


Literal: TypeAlias = AtMost | Differs | Among | Tested | Member | Flag | Present | Opaque
Alternatives: TypeAlias = list[tuple[Literal, ...]]
"""A disjunction of conjunctions of literals; when empty, it cannot hold."""
ALWAYS: Alternatives = [()]


def every(parts: Iterable[Alternatives]) -> Alternatives:
    """The conjunction of the parts. Raises TooComplex."""
    product: Alternatives = [()]
    for part in parts:
        product = [(*one, *other) for one in product for other in part]
        if len(product) > MOST_ALTERNATIVES:
            raise TooComplex(f"more than {MOST_ALTERNATIVES} alternatives")
    return product


def either(parts: Iterable[Alternatives]) -> Alternatives:
    """The disjunction of the parts. Raises TooComplex."""
    union = list(dict.fromkeys(one for part in parts for one in part))
    if len(union) > MOST_ALTERNATIVES:
        raise TooComplex(f"more than {MOST_ALTERNATIVES} alternatives")
    return union
