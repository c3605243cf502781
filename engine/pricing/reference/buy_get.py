"""Buy units of one segment, get units of another at a discount (docs/pricing.md §5)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from engine.pricing.quote import Reason
from engine.pricing.reference.basket import Basket
from engine.pricing.reference.rewards import Grant, Offer
from engine.pricing.reference.selection import Candidate, candidates, claim, in_pick_order
from engine.pricing.reference.sets import grant_sets
from engine.pricing.reference.sharing import take, take_from_sets
from engine.rules.checked import Percentages
from engine.rules.checked_rewards import BuyGetReward, Pick


@dataclass(frozen=True, slots=True)
class Quantities:
    """Units to buy and to get per set, and the largest number of sets, None without limit."""

    buy: int
    get: int
    repeat: int | None


def grant_buy_get(
    reward: BuyGetReward, offer: Offer, quantities: Quantities, basket: Basket, percentages: Percentages
) -> Grant | Reason:
    """Takes the offer off the units got, or off all units of the sets. If anything is taken, all these are claimed."""
    units = candidates(basket, {reward.buy, reward.get}, percentages)
    if not all(any(each.is_in(segment) for each in units) for segment in (reward.buy, reward.get)):
        return Reason.NOT_IN_CART
    return grant_sets(reward, offer, units, partial(_grant, reward, quantities))


def _grant(reward: BuyGetReward, quantities: Quantities, offer: Offer, units: list[Candidate]) -> Grant | Reason:
    got, bought = _sets(reward, quantities, [each for each in units if not each.unit.claimed])
    if not got:
        return Reason.UNITS_CLAIMED if _counts(reward, quantities, units)[0] else Reason.INCOMPLETE
    grant = take_from_sets(offer, reward.per, got, bought) if reward.carried_by_set else take(offer, reward.per, got)
    if grant.amount > 0:
        claim(got)
        claim(bought)
    return grant


def _counts(reward: BuyGetReward, quantities: Quantities, units: list[Candidate]) -> tuple[int, int]:
    """How many units are got and how many are bought, in all sets.

    Of 8 units that can be either bought or got, buy 2 get 3 makes one set: 3 got, 2 bought. If an incomplete set
    counts, the other three make 1 got and 2 bought: 4 and 4 in total.
    """
    buyable, gettable = (sum(each.is_in(segment) for each in units) for segment in (reward.buy, reward.get))
    buy, get = quantities.buy, quantities.get
    sets = min(buyable // buy, gettable // get, len(units) // (buy + get))
    if quantities.repeat is not None:
        sets = min(sets, quantities.repeat)
    if reward.incomplete and sets != quantities.repeat and buyable >= (sets + 1) * buy:
        rest = min(gettable, len(units) - (sets + 1) * buy) - sets * get
        if rest > 0:
            return sets * get + rest, (sets + 1) * buy
    return sets * get, sets * buy


def _sets(
    reward: BuyGetReward, quantities: Quantities, units: list[Candidate]
) -> tuple[list[Candidate], list[Candidate]]:
    """The units got and the units bought, in all sets.

    Of 4 units that can be either bought or got, buy 2 get 1 makes one set: the first in pick order is got, the dearest
    2 of the rest are bought.
    """
    to_get, to_buy = _counts(reward, quantities, units)
    buyable = [each for each in units if each.is_in(reward.buy)]
    gettable = in_pick_order((each for each in units if each.is_in(reward.get)), reward.pick)

    only_buyable = len(units) - len(gettable)
    either = [each for each in gettable if each.is_in(reward.buy)]
    kept = set(either[len(either) - max(0, to_buy - only_buyable) :])
    got = [each for each in gettable if each not in kept][:to_get]

    rest = set(buyable).difference(got)
    dearest = in_pick_order((each for each in buyable if each in rest), Pick.DEAREST)
    bought = sorted(dearest, key=lambda each: each.is_in(reward.get))[:to_buy]
    return got, bought
