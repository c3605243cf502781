"""The numbers of a reward: when they have a value, and the least and largest values."""

from __future__ import annotations

from dataclasses import dataclass

from engine.lint.comparisons import at_least, at_most, equals
from engine.rules.checked import Promotion
from engine.rules.checked_rewards import (
    BundleReward,
    BuyGetReward,
    Choice,
    CreditReward,
    Fixed,
    ForEvery,
    GiftReward,
    GoodsReward,
    MoneyReward,
    Number,
    PointsReward,
    RewardKind,
    ShippingReward,
    StepTable,
)
from engine.rules.expressions import And, Constant, Expression, In, Or, PerCurrency, Type

NOWHERE = Constant(Type.BOOL, False)


@dataclass(frozen=True, slots=True)
class RewardNumber:
    """A number of a reward; ``rising`` says that a larger one is worth more to the shopper."""

    number: Number
    rising: bool


def reward_numbers(promotion: Promotion) -> list[RewardNumber]:
    """Every number of the reward that determines how much the shopper gets."""
    reward = promotion.reward
    numbers: list[tuple[Number | None, bool]] = []
    if isinstance(reward, MoneyReward):
        numbers += [(reward.number, reward.kind is not RewardKind.FIXED_PRICE)]
    match reward:
        case GoodsReward(up_to=up_to, units=units):
            numbers += [(up_to, True), (None if units is None else units.quantity, True)]
        case ShippingReward(up_to=up_to):
            numbers += [(up_to, True)]
        case BuyGetReward(get_quantity=get, buy_quantity=buy, repeat=repeat):
            numbers += [(get, True), (buy, False), (repeat, True)]
        case BundleReward(parts=parts, repeat=repeat):
            numbers += [*((part.quantity, False) for part in parts), (repeat, True)]
        case GiftReward(quantity=quantity, for_every=part):
            numbers += [(quantity, True), (None if part is None else part.quantity, False)]
        case CreditReward(number=number) | PointsReward(number=number):
            numbers += [(number, True)]
    return [RewardNumber(number, rising) for number, rising in numbers if number is not None]


def steps_reached(table: StepTable, effective: list[bool], currency: int) -> Expression:
    """Requires a step that has an effect."""
    thresholds = [step.threshold[currency] or 0 for step in table.steps]
    ranges: list[Expression] = []
    for index, threshold in enumerate(thresholds):
        if not effective[index]:
            continue
        reached = at_least(table.by, threshold)
        if all(effective[index:]):
            ranges.append(reached)
            break
        ranges.append(And((reached, at_most(table.by, thresholds[index + 1] - 1))))
    return _either(ranges)


def value_named(choice: Choice, effective: list[bool]) -> Expression:
    """Requires a listed value that has an effect."""
    keys = [each.key for each, has_effect in zip(choice.cases, effective, strict=True) if has_effect]
    if choice.by.type is Type.BOOL:
        return _either([equals(choice.by, key) for key in keys])
    return In(choice.by, tuple(Constant(choice.by.type, key) for key in keys)) if keys else NOWHERE


def _either(parts: list[Expression]) -> Expression:
    if len(parts) > 1:
        return Or(tuple(parts))
    return parts[0] if parts else NOWHERE


def has_value(number: RewardNumber, currency: int) -> Expression | None:
    """Requires a value, not zero where zero has no effect; None when there always is one."""

    def effective(values: PerCurrency) -> bool:
        return values[currency] is not None and not (number.rising and values[currency] == 0)

    match number.number:
        case Fixed(values=values):
            return None if effective(values) else NOWHERE
        case StepTable() as table:
            return steps_reached(table, [effective(step.value) for step in table.steps], currency)
        case Choice() as choice:
            return value_named(choice, [effective(case.value) for case in choice.cases])
        case ForEvery(by=by, every=every, value=value, up_to=up_to):
            return at_least(by, every[currency] or 0) if effective(value) and effective(up_to) else NOWHERE


def at_its_most(number: Number, currency: int) -> Expression | None:
    """Requires the largest value of a table; None when the number is not a table."""
    highest = most(number, currency)
    match number:
        case StepTable(steps=steps):
            return steps_reached(number, [step.value[currency] == highest for step in steps], currency)
        case Choice(cases=cases):
            return value_named(number, [case.value[currency] == highest for case in cases])
    return None


def at_least_as_high(one: Number, other: Number) -> bool:
    """Whether, of two fixed numbers, one is at least the other in every currency."""
    if not isinstance(one, Fixed) or not isinstance(other, Fixed):
        return False
    pairs = zip(one.values, other.values, strict=True)
    return all(mine is not None and (its is None or mine >= its) for mine, its in pairs)


def least(number: Number, currency: int) -> int:
    """The least value that a number may have."""
    return min(_values(number, currency))


def most(number: Number, currency: int) -> int:
    """The largest value that a number may have."""
    return max(_values(number, currency))


def _values(number: Number, currency: int) -> list[int]:
    """The values that a number may have, the least and the largest of them; 0 where the file gives no figure."""
    match number:
        case Fixed(values=values):
            found = [values]
        case StepTable(steps=entries) | Choice(cases=entries):
            found = [each.value for each in entries]
        case ForEvery(value=value, up_to=up_to):
            highest = up_to[currency] or 0
            return [min(value[currency] or 0, highest), highest]
    return [figures[currency] or 0 for figures in found] or [0]
