"""The conditions of one rule set, and what its tables go by: many promotions share a text, which is resolved once."""

from __future__ import annotations

from engine.rules.environment import Environment, Scope
from engine.rules.expressions import Expression, Type
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
        expression = self._resolved.get(key) or resolve(text, scope, expected, self._environment, self._issues)
        if expression is not None:
            self._resolved[key] = expression
        return expression
