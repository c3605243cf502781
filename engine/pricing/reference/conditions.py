"""Evaluating expressions, with CEL's error value (docs/pricing.md §4)."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

from engine.rules.expressions import (
    Amount,
    And,
    Arithmetic,
    Choose,
    Compare,
    Comparison,
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
    TestText,
    TextTest,
)

Value: TypeAlias = Any
"""By the expression's type: bool, int (also for money), str, or a tuple of str; None is the error value."""
FactReader: TypeAlias = Callable[[Fact], Value]
"""Reads a fact of the cart; None if it is absent."""

COMPARISONS: dict[Comparison, Callable[[Any, Any], bool]] = {
    Comparison.EQUAL: operator.eq,
    Comparison.NOT_EQUAL: operator.ne,
    Comparison.LESS: operator.lt,
    Comparison.LESS_OR_EQUAL: operator.le,
    Comparison.GREATER: operator.gt,
    Comparison.GREATER_OR_EQUAL: operator.ge,
}
OPERATIONS: dict[Operation, Callable[[Any, Any], int]] = {
    Operation.ADD: operator.add,
    Operation.SUBTRACT: operator.sub,
    Operation.MULTIPLY: operator.mul,
}
TEXT_TESTS: dict[TextTest, Callable[[Any, Any], bool]] = {
    TextTest.STARTS_WITH: str.startswith,
    TextTest.ENDS_WITH: str.endswith,
    TextTest.CONTAINS: operator.contains,
}


def evaluate(expression: Expression, facts: FactReader, currency: int) -> Value:
    """The expression's value, None for the error value; ``currency`` indexes the currencies of the rule set."""

    def strict(function: Callable[..., Value], *operands: Expression) -> Value:
        """The function applied to the values of the operands; an error value if one of them is."""
        values = [evaluate(operand, facts, currency) for operand in operands]
        return None if None in values else function(*values)

    match expression:
        case Constant(value=value):
            return value
        case Amount(values=values):
            return values[currency]
        case Fact():
            return facts(expression)
        case Has(fact=fact):
            return facts(fact) is not None
        case Not(operand=operand):
            return strict(operator.not_, operand)
        case And(operands=operands):
            return _decided(False, [evaluate(operand, facts, currency) for operand in operands])
        case Or(operands=operands):
            return _decided(True, [evaluate(operand, facts, currency) for operand in operands])
        case Compare(comparison=comparison, left=left, right=right):
            return strict(COMPARISONS[comparison], left, right)
        case In(needle=needle, choices=Fact() as texts):
            return strict(lambda needle, texts: needle in texts, needle, texts)
        case In(needle=needle, choices=tuple() as choices):
            return strict(lambda needle, *choices: needle in choices, needle, *choices)
        case Choose(condition=condition, then=then, otherwise=otherwise):
            chosen = evaluate(condition, facts, currency)
            return None if chosen is None else evaluate(then if chosen else otherwise, facts, currency)
        case Arithmetic(operation=operation, left=left, right=right):
            return strict(lambda left, right: int64(OPERATIONS[operation](left, right)), left, right)
        case Negate(operand=operand):
            return strict(lambda number: int64(-number), operand)
        case TestText(test=test, text=text, part=part):
            return strict(TEXT_TESTS[test], text, part)
        case Size(operand=operand):
            return strict(len, operand)


def _decided(deciding: bool, values: list[Value]) -> bool | None:
    """A false operand decides ``&&``, a true one ``||``, whatever the others are; otherwise an error value wins."""
    if deciding in values:
        return deciding
    return None if None in values else not deciding


def int64(number: int) -> int | None:
    """The result of arithmetic; the error value if it leaves int64."""
    return number if -(2**63) <= number < 2**63 else None
