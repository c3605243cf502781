"""Expressions and values in the words of rule files, amounts in one currency."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from engine.money import format_amount
from engine.pricing.reference.conditions import Value
from engine.rules.checked import CheckedRules
from engine.rules.expressions import (
    Amount,
    And,
    Arithmetic,
    Choose,
    Compare,
    Constant,
    Expression,
    Fact,
    Has,
    In,
    Negate,
    Not,
    Operation,
    Or,
    Size,
    Subject,
    TestText,
    Type,
)

_formatted = lru_cache(1024)(format_amount)
"""Cached, because an answer gives the total of the cart next to every threshold that it misses."""
_CHOICE, _OR, _AND, _RELATION, _SUM, _PRODUCT, _PREFIX, _LEAF = range(8)
"""How firmly an operation binds its operands, loosest first."""


@dataclass(frozen=True, slots=True)
class Wording:
    """``currency`` is the index of the cart's currency in the rule set."""

    rules: CheckedRules
    currency: int

    def amount(self, minor_units: int) -> str:
        """1550 in USD is ``15.50``."""
        return _formatted(minor_units, self.rules.currencies[self.currency])

    def value(self, type: Type, value: Value) -> str:
        """A value as people read it; empty for the error value and for an empty list."""
        match value:
            case None:
                return ""
            case bool():
                return "yes" if value else "no"
            case int():
                return self.amount(value) if type is Type.MONEY else str(value)
            case tuple():
                return ", ".join(value)
        return str(value)

    def group(self, segment: int) -> str:
        return self.rules.segments[segment].name

    def fact(self, fact: Fact) -> str:
        subject = self.group(fact.segment) if fact.subject is Subject.SEGMENT else fact.subject.value
        return f"{subject}.{fact.name}"

    def expression(self, expression: Expression) -> str:
        """As a rule file might write it: ``cart.subtotal >= 95.00 && customer.tier in ["gold", "platinum"]``."""
        return self._at(_CHOICE, expression)

    def _at(self, level: int, expression: Expression) -> str:
        """In brackets if the surrounding operation binds more firmly."""
        binding, text = self._text(expression)
        return text if binding >= level else f"({text})"

    def _text(self, expression: Expression) -> tuple[int, str]:
        match expression:
            case Constant(value=value):
                return _LEAF, str(value) if type(value) is int else json.dumps(value, ensure_ascii=False)
            case Amount(values=values):
                figure = values[self.currency]
                return _LEAF, "?" if figure is None else self.amount(figure)
            case Fact():
                return _LEAF, self.fact(expression)
            case Has(fact=fact):
                return _LEAF, f"has({self.fact(fact)})"
            case Size(operand=operand):
                return _LEAF, f"size({self.expression(operand)})"
            case TestText(test=test, text=text, part=part):
                return _LEAF, f"{self._at(_LEAF, text)}.{test.value}({self.expression(part)})"
            case Not(operand=operand):
                return _PREFIX, f"!{self._at(_PREFIX, operand)}"
            case Negate(operand=operand):
                negated = self._at(_PREFIX, operand)
                # A minus and its literal are one literal, because -9223372036854775808 has no positive counterpart.
                return _PREFIX, f"-({negated})" if negated.startswith("-") else f"-{negated}"
            case And(operands=operands):
                return _AND, self._joined(" && ", _AND + 1, operands)
            case Or(operands=operands):
                return _OR, self._joined(" || ", _OR + 1, operands)
            case Compare(comparison=comparison, left=left, right=right):
                return _RELATION, self._joined(f" {comparison.value} ", _SUM, (left, right))
            case In(needle=needle, choices=choices):
                texts = self.fact(choices) if isinstance(choices, Fact) else f"[{self._joined(', ', _CHOICE, choices)}]"
                return _RELATION, f"{self._at(_SUM, needle)} in {texts}"
            case Arithmetic(operation=operation, left=left, right=right):
                level = _PRODUCT if operation is Operation.MULTIPLY else _SUM
                return level, f"{self._at(level, left)} {operation.value} {self._at(level + 1, right)}"
            case Choose(condition=condition, then=then, otherwise=otherwise):
                return _CHOICE, f"{self._at(_OR, condition)} ? {self._at(_OR, then)} : {self._at(_CHOICE, otherwise)}"

    def _joined(self, separator: str, level: int, operands: Sequence[Expression]) -> str:
        return separator.join(self._at(level, operand) for operand in operands)
