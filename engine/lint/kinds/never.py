"""Promotions that can never apply."""

from __future__ import annotations

from dataclasses import replace

from engine.lint.desk import Desk, finding
from engine.lint.findings import Finding, Kind
from engine.lint.kinds.refused import refuses_all
from engine.lint.literals import Alternatives, TooComplex
from engine.lint.needs import Goal
from engine.lint.reading import Reader
from engine.lint.reward_numbers import least, most, reward_numbers
from engine.lint.scenarios import Scenario
from engine.lint.trials import Trial, Trials
from engine.rules.checked import Promotion, RedemptionLimits
from engine.rules.checked_rewards import BundleReward, CreditReward, RewardKind


def never_applies(desk: Desk, promotion: Promotion) -> Finding | None:
    """Proven from what the condition and the reward need; shown on the most favourable cart."""
    why = _why(desk, promotion)
    if why is None:
        return None
    trials = next(desk.priced_for(promotion), desk.trials[0])
    trial = _favourable(desk, trials, promotion)
    if trial is None or trial.applies(promotion):
        return None
    reason = desk.reason(trial, promotion)
    assert reason is not None
    shows = f"all that can be met is met, but it does not apply ({reason.value})"
    return finding(Kind.NEVER_APPLIES, [promotion], f"can never apply: {why}", (shows, trial))


def _why(desk: Desk, promotion: Promotion) -> str | None:
    """What keeps it from applying on any cart; None when that is not proven."""
    if promotion.schedule is not None and desk.moments.never(promotion.schedule):
        return "its schedule is never open"
    if promotion.limits is not None and _times(promotion.limits) == 0:
        return "its limits allow no redemption"
    currencies = list(desk.priced_for(promotion))
    if not currencies:
        return "in every currency, one of its amounts has no figure"
    figures = [each.number for each in reward_numbers(promotion) if each.rising]
    if any(all(most(number, each.currency) == 0 for each in currencies) for number in figures):
        return "a number in its reward is zero"
    if all(_overdraws(promotion, each.currency) for each in currencies):
        return "its budget is less than the smallest credit that it gives"
    if all(refuses_all(each, promotion) for each in currencies):
        return "its condition refuses every code that it needs"
    if isinstance(promotion.reward, BundleReward) and all(_too_alike(each, promotion.reward) for each in currencies):
        return f"its segment has fewer different units (by {promotion.reward.different}) than a set needs"
    if isinstance(promotion.reward, BundleReward) and all(_no_dearer(each, promotion.reward) for each in currencies):
        return "no set costs more than its fixed price"
    if any(each.scenarios(promotion) != [] for each in currencies):
        return None
    trials = currencies[0]
    need = trials.needs(promotion)

    def impossible(goal: Goal) -> bool:
        return trials.possible(goal) == []

    if need.condition and impossible(Goal().and_true(*need.condition, layer=need.layer)):
        return "no cart can meet its condition"
    if need.code and impossible(Goal().and_true(*need.condition, *need.code, layer=need.layer)):
        return "its condition requires that no code is sent, but it needs one"
    if impossible(Goal(demands=need.demands).and_true(*need.reward, layer=need.layer)):
        return "no cart has anything that its reward can reduce or give"
    return "a cart that meets its condition has nothing that its reward can reduce or give"


def _times(limits: RedemptionLimits) -> int | None:
    """How often at most a promotion can be redeemed by one customer with one code; None is any number of times."""
    known = [each.times for each in (limits.total, limits.per_customer, limits.per_code) if each is not None]
    return min(known, default=None)


def _overdraws(promotion: Promotion, currency: int) -> bool:
    """Whether a credit, which no cart makes smaller, is always more than a budget that pays it whole or not at all."""
    limits, reward = promotion.limits, promotion.reward
    if limits is None or limits.budget is None or limits.partial or not isinstance(reward, CreditReward):
        return False
    budget = limits.budget[currency]
    return budget is not None and least(reward.number, currency) > budget


def _too_alike(trials: Trials, bundle: BundleReward) -> bool:
    """Whether the units of a set must differ in a text that has fewer values in its segment than the set has units."""
    texts = trials.structure.texts(bundle.parts[0].segment, bundle.different) if bundle.different else None
    return texts is not None and texts < sum(least(part.quantity, trials.currency) for part in bundle.parts)


def _no_dearer(trials: Trials, bundle: BundleReward) -> bool:
    """Whether no set costs more than the least fixed price."""
    if bundle.kind is not RewardKind.FIXED_PRICE:
        return False
    dearest = (
        most(part.quantity, trials.currency) * trials.structure.limits(part.segment, "price")[1]
        for part in bundle.parts
    )
    return least(bundle.number, trials.currency) >= sum(dearest)


def _favourable(desk: Desk, trials: Trials, promotion: Promotion) -> Trial | None:
    """A priced cart that meets everything that can be met together."""
    goal = trials.goal(promotion)
    scenario = trials.structure.complete(Scenario())
    for expression, layer in goal.expressions:
        try:
            alternatives = Reader(trials.currency, layer).true(expression)
        except TooComplex:
            continue
        scenario = _with_most(trials, scenario, alternatives)
    demands = tuple(each for each in goal.demands if trials.line_possible(each))
    at = desk.moments.common(promotion.schedule)
    if at is None:
        at = desk.moments.usual if promotion.schedule is None else promotion.schedule.starts or desk.moments.usual
    for wanted in (scenario, trials.structure.complete(Scenario())):
        for trial in trials.carts(wanted, replace(goal, demands=demands), at):
            return trial
    return None


def _with_most(trials: Trials, scenario: Scenario, alternatives: Alternatives) -> Scenario:
    for literals in alternatives:
        met = trials.structure.complete(scenario.with_literals(literals))
        if not met.impossible:
            return met
    for literal in alternatives[0] if alternatives else ():
        met = trials.structure.complete(scenario.with_literals([literal]))
        if not met.impossible:
            scenario = met
    return scenario
