"""The conditions of one rule set, and what its tables go by: many promotions share a text, which is resolved once."""

from __future__ import annotations

from engine.rules.environment import Environment, Scope
from engine.rules.expressions import Amount, Compare, Constant, Expression, Fact, Subject, Type, operands_of
from engine.rules.issues import Issues
from engine.rules.nodes import Scalar
from engine.rules.resolve import resolve


class Conditions:
    def __init__(self, environment: Environment, issues: Issues) -> None:
        self._environment = environment
        self._issues = issues
        self._resolved: dict[tuple[str, Scope, tuple[Type, ...]], Expression] = {}

    def resolve(self, text: Scalar, scope: Scope, *expected: Type) -> Expression | None:
        """As the function ``resolve``; a mistaken text is reported wherever it stands, as long as mistakes are."""
        if self._issues.more:
            return None
        key = (text.text, scope, expected)
        if key in self._resolved:
            return self._resolved[key]
        expression = resolve(text, scope, expected, self._environment, self._issues)
        if expression is not None and _compares_below_zero(expression):
            self._issues.never_negative(text.place)
        elif expression is not None:
            self._resolved[key] = expression
        return expression


def _compares_below_zero(expression: Expression) -> bool:
    """Whether a fact that is never below zero is compared with a number that is, anywhere in an expression."""
    match expression:
        case Compare(left=Fact() as fact, right=Constant() | Amount() as number):
            return _never_negative(fact) and _below_zero(number)
        case Compare(left=Constant() | Amount() as number, right=Fact() as fact):
            return _never_negative(fact) and _below_zero(number)
    return any(map(_compares_below_zero, operands_of(expression)))


def _never_negative(fact: Fact) -> bool:
    """Attributes are the shop's own, and points may be owed."""
    return not fact.name.startswith("attributes.") and (fact.subject, fact.name) != (Subject.CUSTOMER, "points")


def _below_zero(number: Constant | Amount) -> bool:
    values = number.values if isinstance(number, Amount) else (number.value,)
    return any(isinstance(value, int) and value < 0 for value in values)
