"""Reading the numbers of rewards (docs/pricing.md §5), and finding amounts without a figure in a currency (§2)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.pricing.reference.conditions import FactReader, Value, evaluate
from engine.rules.checked import Promotion
from engine.rules.checked_rewards import (
    BundleReward,
    BuyGetReward,
    Choice,
    CreditReward,
    EffectReward,
    Fixed,
    ForEvery,
    GiftReward,
    GoodsReward,
    Number,
    PointsReward,
    Reward,
    ShippingReward,
    StepTable,
)
from engine.rules.expressions import Amount, Expression, PerCurrency, operands_of


class NoValue(Exception):
    """A number has no value: no step is reached, no value is listed, less than one ``every``, or the fact is absent."""


class Numbers:
    """Reads the numbers of a reward as they are when the layer begins."""

    def __init__(self, facts: FactReader, currency: int) -> None:
        self._facts = facts
        self._currency = currency

    def read(self, number: Number) -> int:
        """The number in minor units, in ppm or as a count. Raises NoValue."""
        value = self._value(number)
        if value is None:
            raise NoValue
        return value

    def read_if_any(self, number: Number | None) -> int | None:
        """None if there is no number. Raises NoValue."""
        return None if number is None else self.read(number)

    def _value(self, number: Number) -> int | None:
        if isinstance(number, Fixed):
            return number.values[self._currency]
        return value_at(number, evaluate(number.by, self._facts, self._currency), self._currency)


def value_at(number: StepTable | Choice | ForEvery, fact: Value, currency: int) -> int | None:
    """The number where the fact that it reads has this value; None if it has none."""
    if fact is None:
        return None
    match number:
        case StepTable(steps=steps):
            reached = [step for step in steps if fact >= step.threshold[currency]]
            return reached[-1].value[currency] if reached else None
        case Choice(cases=cases):
            return next((case.value[currency] for case in cases if case.key == fact), None)
        case ForEvery():
            every, value, up_to = (figures[currency] for figures in (number.every, number.value, number.up_to))
            if every is None or value is None or up_to is None or fact < every:
                return None
            times: int = fact // every
            return min(times * value, up_to)


def has_figures(promotion: Promotion, currency: int) -> bool:
    """Whether every amount of the promotion has a figure in the currency."""
    return all(values[currency] is not None for values in _amounts_of_promotion(promotion))


def _amounts_of_promotion(promotion: Promotion) -> Iterator[PerCurrency]:
    reward = promotion.reward
    if promotion.condition is not None:
        yield from _amounts(promotion.condition)
    for number in numbers_of(reward):
        yield from _amounts_of_number(number)
    if isinstance(reward, GiftReward | PointsReward | CreditReward | EffectReward) and reward.value is not None:
        yield reward.value
    if promotion.limits is not None and promotion.limits.budget is not None:
        yield promotion.limits.budget


def numbers_of(reward: Reward) -> list[Number]:
    """All numbers that the reward reads."""
    numbers: tuple[Number | None, ...]
    match reward:
        case GoodsReward():
            numbers = (reward.number, reward.up_to, reward.units.quantity if reward.units is not None else None)
        case BuyGetReward():
            numbers = (reward.number, reward.buy_quantity, reward.get_quantity, reward.repeat)
        case BundleReward():
            numbers = (reward.number, reward.repeat, *(part.quantity for part in reward.parts))
        case ShippingReward():
            numbers = (reward.number, reward.up_to)
        case GiftReward():
            numbers = (reward.quantity, reward.for_every.quantity if reward.for_every is not None else None)
        case PointsReward() | CreditReward():
            numbers = (reward.number,)
        case EffectReward():
            numbers = ()
    return [number for number in numbers if number is not None]


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
        case ForEvery(by=by, every=every, value=value, up_to=up_to):
            yield from _amounts(by)
            yield from (every, value, up_to)


def _amounts(expression: Expression) -> Iterator[PerCurrency]:
    if isinstance(expression, Amount):
        yield expression.values
    for operand in operands_of(expression):
        yield from _amounts(operand)
