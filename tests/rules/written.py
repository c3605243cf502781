"""Conditions for tests: a text that knows its positions, and one environment to resolve it in."""

from __future__ import annotations

from dataclasses import dataclass

from engine.rules.checked import Attribute
from engine.rules.conditions.environment import Environment, Scope
from engine.rules.conditions.resolve import resolve
from engine.rules.expressions import Expression, Subject, Type
from engine.rules.found import Issue, Position
from engine.rules.issues import Issues

DOLLARS = Environment(
    currencies=("USD",),
    amounts={"fifty": (5000,)},
    segments=("cart", "discountable", "shoes"),
    attributes=(Attribute(Subject.ITEM, "color", Type.STRING), Attribute(Subject.CUSTOMER, "children", Type.INT)),
)
DOLLARS_AND_EUROS = Environment(("USD", "EUR"), {"fifty": (5000, 4500)}, ("cart", "discountable"), ())
ANY = tuple(Type)


@dataclass(frozen=True)
class Written:
    """The text as line 1 of a file."""

    text: str

    def position(self, offset: int, length: int) -> Position:
        return Position("test", 1, offset + 1, length)


def read(
    text: str,
    scope: Scope = Scope.SHIPPING,
    environment: Environment = DOLLARS,
    expected: tuple[Type, ...] = ANY,
) -> tuple[Expression | None, tuple[Issue, ...]]:
    """The expression that a text means, or what is wrong with it: always exactly one of the two."""
    issues = Issues()
    expression = resolve(Written(text), scope, expected, environment, issues)
    assert (expression is None) == bool(issues)
    return expression, issues.found


def mistakes(text: str, scope: Scope = Scope.SHIPPING, environment: Environment = DOLLARS) -> list[tuple[str, str]]:
    """What is wrong with a condition: each code with the part of the text it points at."""
    _, found = read(text, scope, environment, (Type.BOOL,))
    return [(issue.code, text[issue.position.column - 1 :][: issue.position.length]) for issue in found]
