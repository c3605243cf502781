"""Percentages that may be meant as fractions: 0.1 is a tenth of one percent."""

from __future__ import annotations

from dataclasses import replace

from engine.lint.desk import Desk, finding, money
from engine.lint.findings import Finding, Kind
from engine.lint.reward_numbers import most
from engine.money import WHOLE
from engine.rules.checked import Promotion
from engine.rules.checked_rewards import ForEvery, MoneyReward, RewardKind
from engine.rules.figures import percent

_MOST = WHOLE // 200
"""Half a percent: 0.5 may mean 50 %, and more than half off is seldom meant."""


def tiny_percentage(desk: Desk, promotion: Promotion) -> Finding | None:
    """A percentage that is never more than 0.5; a percentage *for every* so much is small on purpose."""
    reward = promotion.reward
    if not isinstance(reward, MoneyReward):
        return None
    if reward.kind is not RewardKind.PERCENT_OFF or isinstance(reward.number, ForEvery):
        return None
    ppm = most(reward.number, 0)  # a percentage is the same in every currency
    if not 0 < ppm <= _MOST:
        return None
    for trials, at in desk.open_in(promotion):
        goal = replace(trials.goal(promotion), price=100 * WHOLE // ppm)
        trial = trials.find(goal, at, lambda trial: trial.off(promotion) > 0)
        if trial is not None:
            shows = f"it takes {money(trial.off(promotion), trial)}"
            meant = percent(100 * ppm)
            sentence = f"takes at most {percent(ppm)} %: if {meant} % is meant, write {meant}"
            return finding(Kind.TINY_PERCENTAGE, [promotion], sentence, (shows, trial))
    return None
