"""Comparisons of a fact with a value, as a condition would make them."""

from __future__ import annotations

from engine.rules.expressions import Amount, Compare, Comparison, Constant, Expression, Type

_MOST_CURRENCIES = 200
"""More than ISO 4217 lists."""


def at_least(fact: Expression, value: int) -> Compare:
    return _compared(Comparison.GREATER_OR_EQUAL, fact, value)


def at_most(fact: Expression, value: int) -> Compare:
    return _compared(Comparison.LESS_OR_EQUAL, fact, value)


def equals(fact: Expression, value: str | int | bool) -> Compare:
    return _compared(Comparison.EQUAL, fact, value)


def _compared(comparison: Comparison, fact: Expression, value: str | int | bool) -> Compare:
    """Money is in minor units, the same whatever the currency."""
    if fact.type is Type.MONEY:
        assert isinstance(value, int)
        return Compare(comparison, fact, Amount((value,) * _MOST_CURRENCIES))
    return Compare(comparison, fact, Constant(fact.type, value))
