"""Expressions as Python functions, with CEL's error value (docs/pricing.md §4).

The functions are built once per rule set and currency. An answer evaluates hundreds of them, and walking the tree each
time, as the reference does, would take most of its time. Tests check that both give the same values.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import not_
from typing import Any, TypeAlias, TypeVar

from engine.pricing.reference.conditions import COMPARISONS, OPERATIONS, TEXT_TESTS, Value, int64
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
    Or,
    Size,
    TestText,
)

Facts = TypeVar("Facts")
"""Where facts are read from: a line, or a cart as it enters a layer."""
Evaluate: TypeAlias = Callable[[Facts], Value]


def compiled(expression: Expression, currency: int, reader: Callable[[Fact], Evaluate[Facts]]) -> Evaluate[Facts]:
    """The function that evaluates an expression.

    ``currency`` is the index of the cart's currency in the rule set; ``reader`` makes the function that reads a fact.
    """

    def of(operand: Expression) -> Evaluate[Facts]:
        return compiled(operand, currency, reader)

    match expression:
        case Constant(value=value):
            return lambda _: value
        case Amount(values=values):
            figure = values[currency]
            return lambda _: figure
        case Fact():
            return reader(expression)
        case Has(fact=fact):
            read = reader(fact)
            return lambda facts: read(facts) is not None
        case Not(operand=operand):
            return _unary(not_, of(operand))
        case And(operands=operands):
            return _decided(False, [of(operand) for operand in operands])
        case Or(operands=operands):
            return _decided(True, [of(operand) for operand in operands])
        case Compare(comparison=comparison, left=left, right=right):
            return _binary(COMPARISONS[comparison], of(left), of(right))
        case In(needle=needle, choices=choices):
            if isinstance(choices, Fact):
                return _binary(lambda needle, texts: needle in texts, of(needle), of(choices))
            listed = [each.value if isinstance(each, Constant) else each.values[currency] for each in choices]
            # An amount without a figure among the choices is an error, whatever the needle.
            return _unary(lambda value: None if None in listed else value in listed, of(needle))
        case Choose(condition=condition, then=then, otherwise=otherwise):
            return _choose(of(condition), of(then), of(otherwise))
        case Arithmetic(operation=operation, left=left, right=right):
            operate = OPERATIONS[operation]
            return _binary(lambda left, right: int64(operate(left, right)), of(left), of(right))
        case Negate(operand=operand):
            return _unary(lambda number: int64(-number), of(operand))
        case TestText(test=test, text=text, part=part):
            return _binary(TEXT_TESTS[test], of(text), of(part))
        case Size(operand=operand):
            return _unary(len, of(operand))


def _unary(function: Callable[[Any], Value], operand: Evaluate[Facts]) -> Evaluate[Facts]:
    def evaluate(facts: Facts) -> Value:
        value = operand(facts)
        return None if value is None else function(value)

    return evaluate


def _binary(function: Callable[[Any, Any], Value], left: Evaluate[Facts], right: Evaluate[Facts]) -> Evaluate[Facts]:
    def evaluate(facts: Facts) -> Value:
        one, other = left(facts), right(facts)
        return None if one is None or other is None else function(one, other)

    return evaluate


def _decided(deciding: bool, operands: list[Evaluate[Facts]]) -> Evaluate[Facts]:
    """A false operand decides ``&&``, a true one ``||``, whatever the others are; otherwise an error value wins."""

    def evaluate(facts: Facts) -> Value:
        decision: bool | None = not deciding
        for operand in operands:
            value = operand(facts)
            if value is deciding:
                return deciding
            if value is None:
                decision = None
        return decision

    return evaluate


def _choose(condition: Evaluate[Facts], then: Evaluate[Facts], otherwise: Evaluate[Facts]) -> Evaluate[Facts]:
    def evaluate(facts: Facts) -> Value:
        chosen = condition(facts)
        return None if chosen is None else then(facts) if chosen else otherwise(facts)

    return evaluate
