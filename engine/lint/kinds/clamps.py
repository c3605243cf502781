"""Two or three promotions that together would take more than the whole price of a unit.

A price that the rule file does not mention is assumed to be high enough: what counts are percentages that add up to
more than the whole, and amounts at the threshold from which they are given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.lint.comparisons import at_most
from engine.lint.desk import Desk, finding, money
from engine.lint.findings import Finding, Kind
from engine.lint.needs import Demand, Goal, target
from engine.lint.neighbours import Claim, Claims, Neighbours
from engine.lint.reading import Reader
from engine.lint.reward_numbers import at_its_most, least, most
from engine.lint.structure import group_variable
from engine.lint.trials import Trial, Trials
from engine.money import MAX_AMOUNT, WHOLE
from engine.pricing.quote import Reason
from engine.pricing.reference.basket import unit_floor
from engine.rules.checked import CheckedRules, Percentages, Promotion
from engine.rules.checked_rewards import (
    CART,
    DISCOUNTABLE,
    BundleReward,
    BuyGetReward,
    ForEvery,
    GoodsReward,
    Per,
    RewardKind,
    StepTable,
)
from engine.rules.expressions import Fact, Subject, Type


def claims(trials: Trials, promotion: Promotion) -> Claim | None:
    """The largest part of a unit's price that a promotion may want; None when it wants nothing or has a cap.

    Where the rule file does not say how much, it wants something, which is too much beside one that takes all.
    """
    segment, reward = target(promotion), promotion.reward
    if segment is None or not isinstance(reward, GoodsReward | BuyGetReward | BundleReward):
        return None
    value = most(reward.number, trials.currency)
    if isinstance(reward, GoodsReward) and reward.up_to is not None:
        return None
    if reward.kind is RewardKind.PERCENT_OFF:
        return Claim(promotion, segment, value)
    low, high = trials.structure.limits(segment, "price")
    if reward.kind is RewardKind.FIXED_PRICE and not value:
        return Claim(promotion, segment, WHOLE)
    something = Claim(promotion, segment, 1)
    if reward.kind is RewardKind.FIXED_PRICE:
        known = value < high < MAX_AMOUNT
        return Claim(promotion, segment, (high - value) * WHOLE // high) if known else something
    if isinstance(reward, GoodsReward) and reward.per is Per.ORDER:
        return _order_claim(trials, promotion, reward, segment) or something
    price = Fact(Type.MONEY, Subject.ITEM, "price")
    return Claim(promotion, segment, value * WHOLE // low, price) if low else something


def _order_claim(trials: Trials, promotion: Promotion, reward: GoodsReward, segment: int) -> Claim | None:
    """An amount once per order, at the least value at which it is given; None if it is given at any value."""
    layer = trials.needs(promotion).layer
    found: list[Claim] = []
    groups = (CART, DISCOUNTABLE) if segment == DISCOUNTABLE else (segment,)
    for scenario in trials.scenarios(promotion) or []:
        for group in groups:
            for name in ("subtotal", "merchandise"):
                variable = group_variable(group, name, layer if name == "subtotal" else 0)
                low = scenario.bound(variable)[0]
                value = _value_at(reward, low, trials.currency)
                if low > 1:
                    subject = Subject.CART if group == CART else Subject.SEGMENT
                    fact = Fact(Type.MONEY, subject, name, variable.group)
                    found.append(Claim(promotion, segment, value * WHOLE // low, fact))
    return max(found, key=lambda each: each.ppm, default=None)


def _value_at(reward: GoodsReward, low: int, currency: int) -> int:
    number = reward.number
    if isinstance(number, ForEvery):
        return least(number, currency)
    if not isinstance(number, StepTable):
        return most(number, currency)
    reached = [step.value[currency] or 0 for step in number.steps if (step.threshold[currency] or 0) <= low]
    return reached[-1] if reached else 0


def clashes(rules: CheckedRules, claims: Sequence[Claim], neighbours: Neighbours) -> Iterator[Claims]:
    """Pairs in which one may want what the other has taken: a share of what is left never does."""
    for asking, asked in _asking(rules, claims):
        yield from neighbours.pairs(asking, asked)


def clashes_of_three(rules: CheckedRules, claims: Sequence[Claim], neighbours: Neighbours) -> Iterator[Claims]:
    """Triples in which one may want what the others have taken, though no two want too much.

    What is off particular units meets what is off each unit; what is off a line, the line's other units carry.
    """
    for asking, asked in _asking(rules, claims):
        for meets in (_off_all, _off_units):
            yield from neighbours.threes(list(filter(meets, asking)), list(filter(meets, asked)), WHOLE)


def _off_all(claim: Claim) -> bool:
    return not isinstance(claim.promotion.reward, BuyGetReward)


def _off_units(claim: Claim) -> bool:
    reward = claim.promotion.reward
    return isinstance(reward, BuyGetReward) or (isinstance(reward, GoodsReward) and reward.per is Per.UNIT)


def _asking(rules: CheckedRules, claims: Sequence[Claim]) -> Iterator[tuple[list[Claim], list[Claim]]]:
    """Those that may want what is taken, and those that may have taken it."""
    for index, layer in enumerate(rules.layers):
        own = [each for each in claims if each.promotion.layer == index]
        earlier = [each for each in claims if each.promotion.layer < index]
        additive = layer.percentages is Percentages.ADDITIVE
        yield own if additive else [each for each in own if each.fact is not None], own
        if earlier:
            yield [each for each in own if each.fact is not None and each.fact.name != "subtotal"], [*earlier, *own]


def over_100(desk: Desk, trials: Trials, claims: Claims) -> Finding | None:
    """Promotions that may all apply and together want more than the whole price of a unit."""
    goal = trials.goal(*(each.promotion for each in claims))
    for each in dict.fromkeys((goal, _at_their_most(trials, goal, claims))):
        found = _over_100(desk, trials, claims, each)
        if found is not None:
            return found
    return None


def _at_their_most(trials: Trials, goal: Goal, claims: Claims) -> Goal:
    """The goal, with the highest step or value of each table."""
    for each in claims:
        reward = each.promotion.reward
        assert isinstance(reward, GoodsReward | BuyGetReward | BundleReward)
        highest = at_its_most(reward.number, trials.currency)
        if highest is not None:
            goal = goal.and_true(highest, layer=trials.needs(each.promotion).layer)
    return goal


def _over_100(desk: Desk, trials: Trials, claims: Claims, goal: Goal) -> Finding | None:
    item, possible = None, None
    for claim in claims:
        if claim.fact is None:
            continue
        if claim.fact.subject is Subject.ITEM:
            item = at_most(claim.fact, max(trials.structure.limits(each.segment, "price")[0] for each in claims))
        else:
            possible = possible or trials.possible(goal)
            if not possible:
                return None
            layer = trials.needs(claim.promotion).layer
            low = possible[0].bound(Reader(trials.currency, layer).variable(claim.fact))[0]
            goal = goal.and_true(at_most(claim.fact, low), layer=layer)
    demand = Demand(tuple(each.segment for each in claims), item)
    goal = replace(goal, demands=(demand, *goal.demands))
    return clamped(desk, trials, goal, [each.promotion for each in claims], Kind.OVER_100)


def clamped(desk: Desk, trials: Trials, goal: Goal, promotions: Sequence[Promotion], kind: Kind) -> Finding | None:
    """The finding, when a cart shows that one gets less than written only because of all the others.

    Whoever else it needs on that cart is named with them.
    """
    at = desk.moments.common(*(each.schedule for each in promotions))
    if at is None:
        return None

    def short(trial: Trial, promotion: Promotion) -> int | None:
        """What it wanted but could not take; None when nothing was left for it."""
        granted = trial.granted(promotion)
        return None if granted is None else granted.ungranted

    def needed(trial: Trial, promotion: Promotion) -> bool:
        """Whether all others get what they want without it."""
        without = trials.declining(trial, promotion)
        others = [each for each in promotions if each is not promotion]
        return without is not None and all(short(without, each) == 0 for each in others)

    def shows(trial: Trial) -> bool:
        missing = [each for each in promotions if not trial.applies(each)]
        return (
            len(missing) < 2
            and any(short(trial, each) != 0 for each in promotions)
            and _floored(desk.rules, trial) == (kind is Kind.BELOW_FLOOR)
            and all(needed(trial, each) for each in promotions)
            and all(desk.reason(trial, each) is Reason.NO_EFFECT for each in missing)
        )

    trial = trials.find(goal, at, shows)
    if trial is None:
        return None
    applied = [each for each in map(desk.promotions.__getitem__, trial.quote.applied) if target(each) is not None]
    together = [each for each in applied if each not in promotions and needed(trial, each)]
    first, *others = desk.rivals.in_order([*promotions, *together])
    loser = next(each for each in (*reversed(others), first) if each in promotions and short(trial, each) != 0)
    lost = short(trial, loser)
    what = "take a unit below its floor" if kind is Kind.BELOW_FLOOR else "take more than the whole price of a unit"
    gives = "has nothing left to take" if lost is None else "gives less than it promises"
    shown = f"{loser.id} does not apply" if lost is None else f"{loser.id} falls short by {money(lost, trial)}"
    together_with = " and ".join(each.id for each in others)
    sentence = f"together with {together_with} would {what}: {loser.id} {gives}"
    return finding(kind, [first, *others], sentence, (shown, trial))


def _floored(rules: CheckedRules, trial: Trial) -> bool:
    return any(unit_floor(line, rules.markup) > 0 for line in trial.cart.lines)
