"""Percentages that may be meant as fractions: 0.1 is a tenth of one percent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.lint.desk import Desk, money, witness
from engine.lint.findings import Finding, Kind
from engine.lint.reward_numbers import most
from engine.money import WHOLE
from engine.rules.checked import Promotion
from engine.rules.checked_rewards import BundleReward, BuyGetReward, ForEvery, GoodsReward, RewardKind, ShippingReward
from engine.rules.figures import percent

_MOST = WHOLE // 200
"""Half a percent: 0.5 may mean 50 %, and more than half off is seldom meant."""


def tiny_percentage(desk: Desk, promotion: Promotion) -> Iterator[Finding]:
    """A percentage that is never more than 0.5; a percentage *for every* so much is small on purpose."""
    reward = promotion.reward
    if not isinstance(reward, GoodsReward | BuyGetReward | BundleReward | ShippingReward):
        return
    if reward.kind is not RewardKind.PERCENT_OFF or isinstance(reward.number, ForEvery):
        return
    ppm = most(reward.number, 0)  # a percentage is the same in every currency
    at = desk.moments.common(promotion.schedule)
    if at is None or not 0 < ppm <= _MOST:
        return
    for trials in desk.priced_for(promotion):
        goal = replace(trials.goal(promotion), price=100 * WHOLE // ppm)
        trial = trials.find(goal, at, lambda trial: trial.off(promotion) > 0)
        if trial is not None:
            shows = witness(f"it takes {money(trial.off(promotion), trial)}", trial)
            meant = percent(100 * ppm)
            sentence = f"takes at most {percent(ppm)} %: if {meant} % is meant, write {meant}"
            yield Finding(Kind.TINY_PERCENTAGE, (promotion.id,), sentence, (shows,))
            return
