"""Buy so many units of one segment, get so many of another (docs/pricing.md §5)."""

from __future__ import annotations

from engine.pricing.reference.basket import Basket
from engine.pricing.reference.rewards import Grant, Offer
from engine.pricing.reference.selection import Candidate, claim, in_pick_order, unclaimed
from engine.pricing.reference.sharing import take
from engine.rules.checked import BuyGetReward, Percentages, Pick


def grant_buy_get(reward: BuyGetReward, offer: Offer, basket: Basket, percentages: Percentages) -> Grant:
    """Takes the offer off the units got; they and those bought are claimed if that is anything."""
    got, bought = _sets(reward, unclaimed(basket, {reward.buy, reward.get}, percentages))
    grant = take(offer, reward.per, got)
    if grant.amount > 0:
        claim(got)
        claim(bought)
    return grant


def _sets(reward: BuyGetReward, units: list[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """The units got and the units bought in all complete sets.

    Of 4 units that can be bought as well as got, buy 2 get 1 makes one set: the first in pick order is got, the dearest
    2 of the rest are bought.
    """
    buyable = [each for each in units if each.is_in(reward.buy)]
    gettable = in_pick_order((each for each in units if each.is_in(reward.get)), reward.pick)
    count = min(
        len(buyable) // reward.buy_quantity,
        len(gettable) // reward.get_quantity,
        len(units) // (reward.buy_quantity + reward.get_quantity),
    )
    if reward.repeat is not None:
        count = min(count, reward.repeat)

    only_buyable = len(units) - len(gettable)
    either = [each for each in gettable if each.is_in(reward.buy)]
    kept = set(either[len(either) - max(0, count * reward.buy_quantity - only_buyable) :])
    got = [each for each in gettable if each not in kept][: count * reward.get_quantity]

    rest = set(buyable).difference(got)
    dearest = in_pick_order((each for each in buyable if each in rest), Pick.DEAREST)
    bought = sorted(dearest, key=lambda each: each.is_in(reward.get))[: count * reward.buy_quantity]
    return got, bought
