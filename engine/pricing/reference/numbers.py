"""Numbers in rewards (docs/pricing.md §5), and which amounts have no figure in a currency (§2)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.pricing.reference.conditions import FactReader, evaluate
from engine.rules.checked import Choice, Fixed, GoodsReward, Number, Promotion, StepTable
from engine.rules.expressions import (
    Amount,
    And,
    Arithmetic,
    Choose,
    Compare,
    Expression,
    In,
    Negate,
    Not,
    Or,
    PerCurrency,
    Size,
    TestText,
)


def evaluate_number(number: Number, facts: FactReader, currency: int) -> int | None:
    """Minor units or ppm; None when no step is reached, no value is named, or the fact is missing."""
    if isinstance(number, Fixed):
        return number.values[currency]
    fact = evaluate(number.by, facts, currency)
    if fact is None:
        return None
    if isinstance(number, Choice):
        return next((case.value[currency] for case in number.cases if case.key == fact), None)
    reached = [step for step in number.steps if fact >= step.threshold[currency]]
    return reached[-1].value[currency] if reached else None


def has_figures(promotion: Promotion, currency: int) -> bool:
    """Whether every amount of the promotion's condition and reward has a figure in the currency."""
    return all(values[currency] is not None for values in _amounts_of_promotion(promotion))


def _amounts_of_promotion(promotion: Promotion) -> Iterator[PerCurrency]:
    if promotion.condition is not None:
        yield from _amounts(promotion.condition)
    yield from _amounts_of_number(promotion.reward.number)
    if isinstance(promotion.reward, GoodsReward) and promotion.reward.up_to is not None:
        yield from _amounts_of_number(promotion.reward.up_to)


def _amounts_of_number(number: Number) -> Iterator[PerCurrency]:
    match number:
        case Fixed(values=values):
            yield values
        case StepTable(by=by, steps=steps):
            yield from _amounts(by)
            for step in steps:
                yield step.threshold
                yield step.value
        case Choice(by=by, cases=cases):
            yield from _amounts(by)
            for each in cases:
                yield each.value


def _amounts(expression: Expression) -> Iterator[PerCurrency]:
    if isinstance(expression, Amount):
        yield expression.values
    for operand in _operands(expression):
        yield from _amounts(operand)


def _operands(expression: Expression) -> tuple[Expression, ...]:
    match expression:
        case Not(operand=operand) | Negate(operand=operand) | Size(operand=operand):
            return (operand,)
        case And(operands=operands) | Or(operands=operands):
            return operands
        case Compare(left=left, right=right) | Arithmetic(left=left, right=right):
            return (left, right)
        case In(needle=needle, choices=tuple() as choices):
            return (needle, *choices)
        case In(needle=needle):
            return (needle,)
        case Choose(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case TestText(text=text, part=part):
            return (text, part)
    return ()
