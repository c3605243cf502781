"""The conditions and table facts of one rule set: a text that many promotions share is resolved once."""

from __future__ import annotations

from engine.rules.conditions.environment import Environment, Scope
from engine.rules.conditions.resolve import resolve
from engine.rules.expressions import Expression, Type
from engine.rules.issues import Issues
from engine.rules.nodes import Scalar


class Conditions:
    def __init__(self, environment: Environment, issues: Issues) -> None:
        self._environment = environment
        self._issues = issues
        self._resolved: dict[tuple[str, Scope, tuple[Type, ...]], Expression] = {}

    def resolve(self, text: Scalar, scope: Scope, *expected: Type) -> Expression | None:
        """Like the function ``resolve``; a mistaken text is reported wherever it appears, until the limit of issues."""
        if self._issues.more:
            return None
        key = (text.text, scope, expected)
        expression = self._resolved.get(key) or resolve(text, scope, expected, self._environment, self._issues)
        if expression is not None:
            self._resolved[key] = expression
        return expression
