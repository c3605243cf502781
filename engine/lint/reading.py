"""Conditions read as alternatives of literals: each is one way in which a cart gives the condition a wanted value."""

from __future__ import annotations

from math import gcd

from engine.lint.literals import (
    ALWAYS,
    Alternatives,
    Among,
    AtMost,
    Differs,
    Flag,
    Member,
    Opaque,
    Present,
    Tested,
    Variable,
    either,
    every,
)
from engine.pricing.reference.conditions import COMPARISONS
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
    Subject,
    TestText,
    Type,
    facts_of,
)

_LAYERED = frozenset({"subtotal", "shipping", "price", "weight"})
"""Facts of carts, segments and shipments that a layer may change for later ones."""


class Reader:
    """Reads expressions in one currency (its index) as evaluated in one layer (its index)."""

    def __init__(self, currency: int, layer: int) -> None:
        self._currency = currency
        self._layer = layer

    def true(self, expression: Expression) -> Alternatives:
        """The ways in which it is true. Raises TooComplex."""
        return self._read(expression, True, strictly=True)

    def not_true(self, expression: Expression) -> Alternatives:
        """The ways in which it is false or an error value. Raises TooComplex."""
        return self._read(expression, False, strictly=False)

    def variable(self, fact: Fact) -> Variable:
        layered = fact.name in _LAYERED and fact.subject is not Subject.ITEM
        return Variable(fact.subject.value, fact.name, fact.segment, self._layer if layered else 0)

    def _read(self, expression: Expression, value: bool, strictly: bool) -> Alternatives:
        """The ways in which it equals ``value`` or, unless ``strictly``, is an error value."""
        match expression:
            case Constant(value=bool() as constant):
                return ALWAYS if constant is value else []
            case Not(operand=operand):
                return self._read(operand, not value, strictly)
            case And(operands=operands) | Or(operands=operands):
                parts = [self._read(each, value, strictly) for each in operands]
                return every(parts) if value is isinstance(expression, And) else either(parts)
            case Choose(condition=condition, then=then, otherwise=otherwise):
                branches = [
                    every([self._read(condition, True, True), self._read(then, value, strictly)]),
                    every([self._read(condition, False, True), self._read(otherwise, value, strictly)]),
                ]
                if not strictly:
                    branches.append(every([self._read(condition, each, False) for each in (True, False)]))
                return either(branches)
            case Compare() if (truth := _held_against_truth(expression)) is not None:
                operand, holds = truth
                return self._read(operand, value is holds, strictly)
            case Has(fact=fact):
                variable = self.variable(fact)
                return [(Present(variable, value),)] if variable.optional else (ALWAYS if value else [])
        found = self._literals(expression, value)
        if found is None:
            return [(Opaque(expression if value and strictly else Not(expression)),)]
        if not strictly:
            variables = dict.fromkeys(map(self.variable, facts_of(expression)))
            absent: Alternatives = [(Present(each, False),) for each in variables if each.optional]
            return either([found, absent])
        return found

    def _literals(self, expression: Expression, value: bool) -> Alternatives | None:
        """The alternatives of an expression without truth values in it; None when lint does not reason about it."""
        match expression:
            case Fact(type=Type.BOOL):
                return [(Flag(self.variable(expression), value),)]
            case Compare(comparison=comparison, left=left, right=right):
                return self._compared(comparison if value else comparison.opposite, left, right)
            case In(needle=Constant(value=str() as text), choices=Fact() as texts):
                return [(Member(self.variable(texts), text, value),)]
            case In(needle=Fact(type=Type.STRING) as fact, choices=tuple() as choices):
                named = frozenset(str(each.value) for each in choices if isinstance(each, Constant))
                return [(Among(self.variable(fact), named, value),)]
            case In(needle=needle, choices=tuple() as choices) if needle.type in (Type.INT, Type.MONEY):
                equal = [
                    self._compared(Comparison.EQUAL if value else Comparison.NOT_EQUAL, needle, each)
                    for each in choices
                ]
                known = [each for each in equal if each is not None]
                if len(known) < len(equal):
                    return None
                return either(known) if value else every(known)
            case TestText(test=test, text=Fact() as fact, part=Constant(value=str() as part)):
                return [(Tested(self.variable(fact), test, part, value),)]
        return None

    def _compared(self, comparison: Comparison, left: Expression, right: Expression) -> Alternatives | None:
        if left.type is Type.STRING or left.type is Type.BOOL:
            return self._compared_words(comparison, left, right)
        one, other = self._sum(left), self._sum(right)
        if one is None or other is None:
            return None
        terms, constant = _add(one, other, -1)
        return _at_most(comparison, terms, -constant)

    def _compared_words(self, comparison: Comparison, left: Expression, right: Expression) -> Alternatives | None:
        if isinstance(left, Constant):
            left, right = right, left
        if comparison not in (Comparison.EQUAL, Comparison.NOT_EQUAL):
            return None
        equal = comparison is Comparison.EQUAL
        match left, right:
            case Constant(value=one), Constant(value=other):
                return ALWAYS if (one == other) is equal else []
            case Fact(), Constant(value=str() as text):
                return [(Among(self.variable(left), frozenset({text}), equal),)]
        return None

    def _sum(self, expression: Expression) -> tuple[dict[Variable, int], int] | None:
        """The factors by variable and the constant of a linear sum; None when it is not one."""
        match expression:
            case Constant(value=int() as constant):
                return {}, constant
            case Amount(values=values):
                figure = values[self._currency]
                return None if figure is None else ({}, figure)
            case Fact(type=Type.INT | Type.MONEY):
                return {self.variable(expression): 1}, 0
            case Size(operand=Fact(type=Type.STRINGS) as texts):
                return {self.variable(texts): 1}, 0
            case Negate(operand=operand):
                inner = self._sum(operand)
                return None if inner is None else _add(({}, 0), inner, -1)
            case Arithmetic(operation=operation, left=left, right=right):
                one, other = self._sum(left), self._sum(right)
                if one is None or other is None:
                    return None
                if operation is not Operation.MULTIPLY:
                    return _add(one, other, 1 if operation is Operation.ADD else -1)
                if one[0] and other[0]:
                    return None
                return _add(({}, 0), one, other[1]) if one[0] else _add(({}, 0), other, one[1])
        return None


def _held_against_truth(compare: Compare) -> tuple[Expression, bool] | None:
    """``x == false`` means that x does not hold."""
    if compare.comparison not in (Comparison.EQUAL, Comparison.NOT_EQUAL):
        return None
    for operand, other in ((compare.left, compare.right), (compare.right, compare.left)):
        if isinstance(other, Constant) and isinstance(other.value, bool):
            return operand, other.value is (compare.comparison is Comparison.EQUAL)
    return None


def _add(
    one: tuple[dict[Variable, int], int], other: tuple[dict[Variable, int], int], factor: int
) -> tuple[dict[Variable, int], int]:
    factors = dict(one[0])
    for variable, each in other[0].items():
        factors[variable] = factors.get(variable, 0) + factor * each
    return {variable: each for variable, each in factors.items() if each}, one[1] + factor * other[1]


def _at_most(comparison: Comparison, factors: dict[Variable, int], bound: int) -> Alternatives:
    """The sum compared with the bound."""
    if not factors:
        return ALWAYS if COMPARISONS[comparison](0, bound) else []
    terms = tuple(sorted(factors.items()))
    match comparison:
        case Comparison.LESS_OR_EQUAL:
            return [(_least_factors(terms, bound),)]
        case Comparison.LESS:
            return [(_least_factors(terms, bound - 1),)]
        case Comparison.GREATER_OR_EQUAL:
            return [(_least_factors(terms, -bound, -1),)]
        case Comparison.GREATER:
            return [(_least_factors(terms, -bound - 1, -1),)]
        case Comparison.EQUAL:
            return [(_least_factors(terms, bound), _least_factors(terms, -bound, -1))]
        case Comparison.NOT_EQUAL:
            if len(terms) == 1 and abs(terms[0][1]) == 1:
                return [(Differs(terms[0][0], bound * terms[0][1]),)]
            return [(_least_factors(terms, bound - 1),), (_least_factors(terms, -bound - 1, -1),)]


def _least_factors(terms: tuple[tuple[Variable, int], ...], bound: int, sign: int = 1) -> AtMost:
    """For whole numbers, 2a - 4b is at most 5 exactly when a - 2b is at most 2."""
    divisor = gcd(*(factor for _, factor in terms))
    return AtMost(tuple((variable, sign * factor // divisor) for variable, factor in terms), bound // divisor)
