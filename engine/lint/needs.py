"""What a promotion needs of a cart to have an effect: its condition, and what its reward reaches for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from engine.rules.checked import CheckedRules, Exclusive, Promotion
from engine.rules.checked_rewards import (
    CART,
    DISCOUNTABLE,
    BundleReward,
    BuyGetReward,
    Choice,
    CreditReward,
    Fixed,
    ForEvery,
    GiftReward,
    GoodsReward,
    Number,
    Per,
    PointsKind,
    PointsReward,
    RewardKind,
    ShippingReward,
    StepTable,
)
from engine.rules.expressions import (
    Amount,
    And,
    Compare,
    Comparison,
    Constant,
    Expression,
    Fact,
    In,
    Or,
    PerCurrency,
    Subject,
    Type,
)

NOWHERE = Constant(Type.BOOL, False)
_MOST_CURRENCIES = 200
"""More than ISO 4217 lists."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A line must be in all of some segments, and meet a condition over ``item`` too when there is one."""

    segments: tuple[int, ...]
    item: Expression | None = None


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be true as ``layer`` begins; 0 stands for a cart that nothing has reduced.

    ``numbers`` are what the numbers of the reward need to have a value, ``reach`` that there is what it reaches for.
    """

    layer: int
    condition: tuple[Expression, ...]
    numbers: tuple[Expression, ...]
    reach: tuple[Expression, ...]
    demands: tuple[Demand, ...]

    @property
    def reward(self) -> tuple[Expression, ...]:
        return self.numbers + self.reach

    @property
    def expressions(self) -> tuple[Expression, ...]:
        return self.condition + self.reward


@dataclass(frozen=True, slots=True)
class RewardNumber:
    """A number of a reward; ``rising`` says that a larger one is worth more to the shopper."""

    number: Number
    rising: bool


def entry_layer(promotion: Promotion) -> int:
    """The layer whose entering figures a promotion reads; a strict one reads those of an untouched cart."""
    return 0 if promotion.exclusive is Exclusive.STRICT else promotion.layer


def target(promotion: Promotion) -> int | None:
    """The segment of whose units a goods reward of a promotion takes; of a bundle the first part's."""
    reward = promotion.reward
    match reward:
        case GoodsReward(segment=segment) | BuyGetReward(get=segment):
            return max(segment, DISCOUNTABLE)
        case BundleReward(parts=parts):
            return max(parts[0].segment, DISCOUNTABLE)
    return None


def figure(type: Type, values: PerCurrency, currency: int) -> Expression:
    return Amount(values) if type is Type.MONEY else Constant(type, values[currency] or 0)


def amount(value: int) -> Amount:
    """The same minor units whatever the currency."""
    return Amount((value,) * _MOST_CURRENCIES)


def at_least(fact: Expression, values: PerCurrency, currency: int) -> Expression:
    return Compare(Comparison.GREATER_OR_EQUAL, fact, figure(fact.type, values, currency))


def below(fact: Expression, values: PerCurrency, currency: int) -> Expression:
    return Compare(Comparison.LESS, fact, figure(fact.type, values, currency))


def group_fact(segment: int, name: str) -> Fact:
    type = Type.MONEY if name in ("subtotal", "merchandise") else Type.INT
    return Fact(type, Subject.SEGMENT, name, max(segment, DISCOUNTABLE))


def reward_numbers(promotion: Promotion) -> Iterator[RewardNumber]:
    """Every number of the reward on which the size of what the shopper gets hangs."""
    reward = promotion.reward
    if isinstance(reward, GoodsReward | BuyGetReward | BundleReward | ShippingReward):
        yield RewardNumber(reward.number, reward.kind is not RewardKind.FIXED_PRICE)
    match reward:
        case GoodsReward(up_to=up_to, units=units):
            if up_to is not None:
                yield RewardNumber(up_to, True)
            if units is not None and units.quantity is not None:
                yield RewardNumber(units.quantity, True)
        case ShippingReward(up_to=up_to) if up_to is not None:
            yield RewardNumber(up_to, True)
        case BuyGetReward(get_quantity=get, buy_quantity=buy, repeat=repeat):
            yield RewardNumber(get, True)
            yield RewardNumber(buy, False)
            if repeat is not None:
                yield RewardNumber(repeat, True)
        case BundleReward(parts=parts, repeat=repeat):
            yield from (RewardNumber(part.quantity, False) for part in parts)
            if repeat is not None:
                yield RewardNumber(repeat, True)
        case GiftReward(quantity=quantity, for_every=part):
            yield RewardNumber(quantity, True)
            if part is not None:
                yield RewardNumber(part.quantity, False)
        case CreditReward(number=number) | PointsReward(number=number):
            yield RewardNumber(number, True)


def steps_reached(table: StepTable, effective: list[bool], currency: int) -> Expression:
    """That a step is reached which has an effect."""
    ranges: list[Expression] = []
    for index, step in enumerate(table.steps):
        if not effective[index]:
            continue
        reached = at_least(table.by, step.threshold, currency)
        if all(effective[index:]):
            ranges.append(reached)
            break
        after = next((each for each in table.steps[index + 1 :]), None)
        ranges.append(reached if after is None else And((reached, below(table.by, after.threshold, currency))))
    return _either(ranges)


def held_once(number: ForEvery, has_effect: bool, currency: int) -> Expression:
    """That the fact holds what the number is for every of, where one time of it has an effect."""
    return at_least(number.by, number.every, currency) if has_effect else NOWHERE


def value_named(choice: Choice, effective: list[bool]) -> Expression:
    """That a value is named which has an effect."""
    keys = [each.key for each, has_effect in zip(choice.cases, effective, strict=True) if has_effect]
    if choice.by.type is Type.BOOL:
        return _either([Compare(Comparison.EQUAL, choice.by, Constant(Type.BOOL, key)) for key in keys])
    return In(choice.by, tuple(Constant(choice.by.type, key) for key in keys)) if keys else NOWHERE


def _either(parts: list[Expression]) -> Expression:
    if len(parts) > 1:
        return Or(tuple(parts))
    return parts[0] if parts else NOWHERE


def _number(number: Number, currency: int, zero_is_none: bool) -> Expression | None:
    """That the number has a value, not zero where that would have no effect; None when it always has."""

    def effective(values: PerCurrency) -> bool:
        return values[currency] is not None and not (zero_is_none and values[currency] == 0)

    match number:
        case Fixed(values=values):
            return None if effective(values) else NOWHERE
        case StepTable(steps=steps):
            return steps_reached(number, [effective(step.value) for step in steps], currency)
        case Choice(cases=cases):
            return value_named(number, [effective(case.value) for case in cases])
        case ForEvery(value=value, up_to=up_to):
            return held_once(number, effective(value) and effective(up_to), currency)


def least(number: Number, currency: int) -> int:
    """The least value that a number may have."""
    match number:
        case Fixed(values=values):
            return values[currency] or 0
        case StepTable(steps=entries) | Choice(cases=entries):
            return min((each.value[currency] or 0 for each in entries), default=0)
        case ForEvery(value=value, up_to=up_to):
            return min(value[currency] or 0, up_to[currency] or 0)


def most(number: Number, currency: int) -> int:
    """The largest value that a number may have."""
    match number:
        case Fixed(values=values):
            return values[currency] or 0
        case StepTable(steps=entries) | Choice(cases=entries):
            return max((each.value[currency] or 0 for each in entries), default=0)
        case ForEvery(up_to=up_to):
            return up_to[currency] or 0


def needs(rules: CheckedRules, promotion: Promotion, currency: int) -> Needs:
    """What must be true, in a currency (its index), for the promotion to have an effect. None of it is too much."""
    numbers: list[Expression] = []
    for each in reward_numbers(promotion):
        condition = _number(each.number, currency, zero_is_none=each.rising)
        if condition is not None:
            numbers.append(condition)
    return Needs(
        layer=entry_layer(promotion),
        condition=() if promotion.condition is None else (promotion.condition,),
        numbers=tuple(dict.fromkeys(numbers)),
        reach=tuple(dict.fromkeys(_reach(rules, promotion, currency))),
        demands=tuple(_demands(promotion, currency)),
    )


def _reach(rules: CheckedRules, promotion: Promotion, currency: int) -> Iterator[Expression]:
    """That there is what the reward reaches for."""
    reward = promotion.reward
    match reward:
        case GoodsReward():
            sets = None if reward.units is None else reward.units.sets
            yield _units(reward.segment, 1 if sets is None else sets.size)
            if not reward.shipping:
                yield _worth(reward.segment, reward.kind, reward.number, currency)
        case BuyGetReward():
            buy = least(reward.buy_quantity, currency)
            get = 1 if reward.incomplete else least(reward.get_quantity, currency)
            same = max(reward.buy, DISCOUNTABLE) == max(reward.get, DISCOUNTABLE)
            yield _units(reward.buy, buy + get if same else buy)
            yield _units(reward.get, get)
            yield _units(CART, buy + get)
            yield _worth(reward.get, reward.kind, reward.number, currency)
        case BundleReward():
            counts: Counter[int] = Counter()
            for part in reward.parts:
                counts[max(part.segment, DISCOUNTABLE)] += least(part.quantity, currency)
            for segment, quantity in counts.items():
                yield _units(segment, quantity)
            yield _units(CART, counts.total())
            yield _worth(CART, reward.kind, reward.number, currency)
        case ShippingReward():
            method = Fact(Type.STRING, Subject.SHIPMENT, "method")
            if reward.methods:
                yield In(method, tuple(Constant(Type.STRING, each) for each in reward.methods))
            price = Fact(Type.MONEY, Subject.SHIPMENT, "price")
            floor = least(reward.number, currency) if reward.kind is RewardKind.FIXED_PRICE else 0
            yield Compare(Comparison.GREATER_OR_EQUAL, price, amount(floor + 1))
        case GiftReward(for_every=part) if part is not None:
            yield _units(part.segment, least(part.quantity, currency))
        case PointsReward(kind=PointsKind.PER_UNIT_SPENT, segment=segment):
            fact = Fact(Type.MONEY, Subject.CART, "subtotal") if segment == CART else group_fact(segment, "subtotal")
            yield Compare(Comparison.GREATER_OR_EQUAL, fact, amount(1))
        case PointsReward(kind=PointsKind.MULTIPLIER):
            if not _gives_points_before(rules, promotion):
                yield NOWHERE


def _gives_points_before(rules: CheckedRules, promotion: Promotion) -> bool:
    before = rules.promotions[: rules.promotions.index(promotion)]
    return promotion.exclusive is not Exclusive.STRICT and any(
        each.layer == promotion.layer and isinstance(each.reward, PointsReward) for each in before
    )


def _units(segment: int, quantity: int) -> Expression:
    return Compare(Comparison.GREATER_OR_EQUAL, group_fact(segment, "quantity"), Constant(Type.INT, quantity))


def _worth(segment: int, kind: RewardKind, number: Number, currency: int) -> Expression:
    """That there is something to take: more than a fixed price leaves."""
    floor = least(number, currency) if kind is RewardKind.FIXED_PRICE else 0
    return Compare(
        Comparison.GREATER_OR_EQUAL,
        group_fact(segment, "subtotal"),
        amount(floor + 1),
    )


def _demands(promotion: Promotion, currency: int) -> Iterator[Demand]:
    """Lines that must be there."""
    reward = promotion.reward
    match reward:
        case GoodsReward(kind=RewardKind.FIXED_PRICE, per=Per.UNIT):
            yield Demand((reward.segment,), _price_above(least(reward.number, currency)))
        case BuyGetReward(kind=RewardKind.FIXED_PRICE):
            yield Demand((reward.get,), _price_above(least(reward.number, currency)))


def _price_above(price: int) -> Expression:
    return Compare(
        Comparison.GREATER,
        Fact(Type.MONEY, Subject.ITEM, "price"),
        amount(price),
    )
