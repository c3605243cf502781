"""Promotions that another one displaces, or leaves nothing for, whenever they would apply.

Proven for rewards whose effect follows from the shadowed promotion's own. Amounts so small that a percentage of them
rounds to nothing are left aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.lint.desk import Desk, finding, money
from engine.lint.findings import Finding, Kind
from engine.lint.literals import AtMost, Differs, Literal, TooComplex
from engine.lint.needs import entry_layer, target
from engine.lint.reading import Reader
from engine.lint.reward_numbers import RewardNumber, at_least_as_high, has_value
from engine.lint.scenarios import Scenario
from engine.lint.trials import Trials
from engine.money import WHOLE
from engine.rules.checked import CheckedRules, Percentages, Promotion, Selection
from engine.rules.checked_rewards import (
    CreditReward,
    EffectReward,
    Fixed,
    GiftReward,
    GoodsReward,
    Number,
    PointsKind,
    PointsReward,
    RewardKind,
    ShippingReward,
    reached,
)
from engine.rules.expressions import Expression


def shadowed(desk: Desk, first: Promotion, second: Promotion) -> Finding | None:
    """The second of two rivals never applies, because the first goes first."""
    searched = desk.rivals.searched(second)
    if searched and not _saves_as_much(desk, first, second):
        return None
    what = "saves as much" if searched else "goes first"
    return _found(
        desk, first, second, f"{first.id} {what} wherever {second.id} would apply, and the two exclude each other"
    )


def left_nothing(desk: Desk, first: Promotion, second: Promotion) -> Finding | None:
    """The second of two shipping rewards that combine never applies, because the first makes shipping free."""
    return _found(desk, first, second, f"{first.id} has made shipping free wherever {second.id} would apply")


def _frees_shipping(rules: CheckedRules, promotion: Promotion) -> bool:
    """Whether shipping is free for its shipments once it applies.

    A search of its layer leaves it out only for others that take as much, but one of all layers may for goods.
    """
    reward = promotion.reward
    return (
        isinstance(reward, ShippingReward)
        and reward.kind is RewardKind.PERCENT_OFF
        and reward.number == Fixed((WHOLE,) * len(rules.currencies))
        and reward.up_to is None
        and rules.selection is Selection.LAYERED
    )


def freed(desk: Desk) -> Iterator[tuple[Promotion, Promotion]]:
    """Pairs of shipping rewards that combine, the first of which makes shipping free."""
    shipping = [each for each in desk.rules.promotions if isinstance(each.reward, ShippingReward)]
    for index, first in enumerate(shipping):
        if _frees_shipping(desk.rules, first):
            for second in shipping[index + 1 :]:
                if not desk.rivals.rival(first, second):
                    yield first, second


def _found(desk: Desk, first: Promotion, second: Promotion, why: str) -> Finding | None:
    """The finding, when the first has an effect wherever the second would, and a cart shows both."""
    if not _always_there(desk, first, second):
        return None
    if not all(_implied(each, first, second) for each in desk.priced_for(second)):
        return None
    if not _nobody_between(desk, first, second):
        return None
    trials, at = next(desk.open_in(first, second), (None, 0))
    if trials is None:
        return None

    goal = trials.goal(second).with_codes(*trials.codes.all_of(first)[:1])
    found = trials.find_pair(goal, at, lambda trial: trials.displacement(trial, first, second))
    if found is None:
        return None
    trial, alone = found
    off = money(alone.off(second), alone)
    return finding(
        Kind.SHADOWED,
        [second, first],
        f"never applies, because {why}",
        (f"{first.id} applies and {second.id} does not", trial),
        (f"with {first.id} declined, {second.id} applies ({off} off)", alone),
    )


def _always_there(desk: Desk, first: Promotion, second: Promotion) -> bool:
    """What must hold whatever the cart: schedules, codes and limits."""
    if first.limits is not None or not desk.moments.within(second.schedule, first.schedule):
        return False
    return not first.needs_coupon or _brings_a_code(desk, first, second)


def _brings_a_code(desk: Desk, first: Promotion, second: Promotion) -> bool:
    """Whether any code by which the second applies is one of the first."""
    alike = set(first.codes) == set(second.codes) and first.pool == second.pool
    if alike or desk.rules.coupons.one_per_cart or not second.needs_coupon:
        return alike
    return set(second.codes) <= set(first.codes) and second.pool in ("", first.pool)


def _nobody_between(desk: Desk, first: Promotion, second: Promotion) -> bool:
    """Whether every promotion that may displace the first displaces the second, too."""
    return all(
        desk.rivals.rival(other, second)
        for other in desk.rules.promotions
        if other not in (first, second)
        and desk.rivals.rival(other, first)
        and (desk.rivals.searched(first) or desk.rivals.goes_first(other, first))
    )


def _saves_as_much(desk: Desk, first: Promotion, second: Promotion) -> bool:
    """Where a search decides: the same kind of reward on at least the same goods, with a value at least as high."""
    if first.layer != second.layer or desk.rules.layers[first.layer].percentages is not Percentages.ADDITIVE:
        return False
    match first.reward, second.reward:
        case GoodsReward() as one, GoodsReward() as other:
            return (
                (one.kind, one.per) == (other.kind, other.per)
                and one.kind is not RewardKind.FIXED_PRICE
                and _takes_all(one)
                and not other.of_list_price
                and one.shipping >= other.shipping
                and desk.trials[0].structure.inside(reached(other.segment), reached(one.segment))
                and at_least_as_high(one.number, other.number)
            )
        case ShippingReward() as one, ShippingReward() as other:
            return (
                one.kind is other.kind
                and one.kind is not RewardKind.FIXED_PRICE
                and one.up_to is None
                and not one.together
                and not other.together
                and _covers(one, other)
                and at_least_as_high(one.number, other.number)
            )
    return False


def _takes_all(reward: GoodsReward) -> bool:
    """Whether it takes what it promises off everything in its segment."""
    return reward.units is None and reward.up_to is None and not reward.skip_reduced and not reward.of_list_price


def _covers(one: ShippingReward, other: ShippingReward) -> bool:
    return not one.methods or (bool(other.methods) and set(other.methods) <= set(one.methods))


def _implied(trials: Trials, first: Promotion, second: Promotion) -> bool:
    """Whether the first would have an effect on every cart on which the second would."""
    if not trials.has_figures(first):
        return False
    wanted = _sufficient(trials, first, second)
    scenarios = trials.scenarios(second)
    if wanted is None or not scenarios:
        return False
    reader = Reader(trials.currency, entry_layer(first))
    try:
        return all(
            all(_contradicts(trials, scenario, refused) for refused in reader.not_true(each))
            for each in wanted
            for scenario in scenarios
        )
    except TooComplex:
        return False


def _contradicts(trials: Trials, scenario: Scenario, literals: Sequence[Literal]) -> bool:
    """A scenario that is complete needs completing again only for numbers."""
    with_both = scenario.with_literals(literals)
    if with_both.impossible or not any(isinstance(each, AtMost | Differs) for each in literals):
        return with_both.impossible
    return trials.structure.complete(with_both).impossible


def _sufficient(trials: Trials, first: Promotion, second: Promotion) -> list[Expression] | None:
    """What suffices for the first to have an effect where the second has; None when nothing is known to."""
    wanted = [] if first.condition is None else [first.condition]
    currency = trials.currency
    reward, other = first.reward, second.reward
    match reward:
        case GoodsReward(number=number):
            segment = target(second)
            if segment is None or not _takes_all(reward) or entry_layer(first) > entry_layer(second):
                return None
            if isinstance(other, GoodsReward) and other.shipping > reward.shipping:
                return None
            if not trials.structure.inside(segment, reached(reward.segment)):
                return None
            if reward.kind is RewardKind.FIXED_PRICE and not (
                isinstance(other, GoodsReward)
                and _units_priced(other) == _units_priced(reward)
                and _cheaper(number, other.number, currency)
            ):
                return None
        case ShippingReward(number=number):
            if not isinstance(other, ShippingReward) or reward.up_to is not None:
                return None
            if not _covers(reward, other) or entry_layer(first) > entry_layer(second):
                return None
            if reward.kind is RewardKind.FIXED_PRICE and not (
                other.kind is RewardKind.FIXED_PRICE and _cheaper(number, other.number, currency)
            ):
                return None
        case GiftReward(for_every=None, quantity=number) | CreditReward(number=number):
            pass
        case PointsReward(kind=PointsKind.FIXED, number=number):
            pass
        case EffectReward():
            return wanted
        case _:
            return None
    rising = not (isinstance(reward, GoodsReward | ShippingReward) and reward.kind is RewardKind.FIXED_PRICE)
    valued = has_value(RewardNumber(number, rising), currency)
    return wanted if valued is None else [*wanted, valued]


def _units_priced(reward: GoodsReward) -> tuple[object, ...]:
    return reward.kind, reward.per, reward.segment, reward.shipping


def _cheaper(one: Number, other: Number, currency: int) -> bool:
    if not isinstance(one, Fixed) or not isinstance(other, Fixed):
        return False
    mine, its = one.values[currency], other.values[currency]
    return mine is not None and its is not None and mine <= its
