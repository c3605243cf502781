"""What lint knows nothing about: promotions that apply on no cart that it can build, and pairs it did not look at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from engine.lint.desk import Desk
from engine.lint.literals import MOST_ALTERNATIVES
from engine.lint.trials import Trial, Trials
from engine.rules.checked import Promotion
from engine.rules.checked_rewards import PointsKind, PointsReward

_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Unseen:
    """``promotion`` is an id, empty when several are concerned; ``why`` tells a marketer what was not looked at."""

    promotion: str
    why: str


def unseen(desk: Desk, promotion: Promotion) -> Unseen | None:
    """None when a cart is found on which the promotion applies, if only after others are declined."""
    if any(_applies(desk, trials, promotion, at) for trials, at in desk.open_in(promotion)):
        return None
    if any(trials.scenarios(promotion) is None for trials in desk.priced_for(promotion)):
        return Unseen(promotion.id, f"its condition can be met in more than {MOST_ALTERNATIVES} ways")
    return Unseen(promotion.id, "it applied on none of the carts that were tried")


def _applies(desk: Desk, trials: Trials, promotion: Promotion, at: int) -> bool:
    reward, goals = promotion.reward, [trials.goal(promotion)]
    if isinstance(reward, PointsReward) and reward.kind is PointsKind.MULTIPLIER:
        same = [each for each in desk.rules.promotions if each.layer == promotion.layer and each is not promotion]
        goals += [trials.goal(promotion, each) for each in same if isinstance(each.reward, PointsReward)]

    return any(trials.find(each, at, partial(_left_alone, trials, promotion)) is not None for each in goals)


def _left_alone(trials: Trials, promotion: Promotion, trial: Trial) -> bool:
    """Whether it applies on the cart once those that apply are declined, and those that take their place."""
    found: Trial | None = trial
    for _ in range(_ROUNDS):
        if found is None or found.applies(promotion):
            break
        declined = found.cart.declined_promotions + found.quote.applied
        found = trials.price(replace(found.cart, declined_promotions=declined))
    return found is not None and found.applies(promotion)
