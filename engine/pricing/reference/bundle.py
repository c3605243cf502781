"""Parts together at a percentage, an amount or a price per set (docs/pricing.md §5)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from engine.pricing.reference.basket import Basket
from engine.pricing.reference.rewards import Grant, Offer
from engine.pricing.reference.selection import Candidate, claim, in_pick_order, unclaimed
from engine.pricing.reference.sharing import take
from engine.rules.checked import BundleReward, Per, Percentages


def grant_bundle(reward: BundleReward, offer: Offer, basket: Basket, percentages: Percentages) -> Grant:
    """Takes the offer off set after set, and claims the units of each that it took something of."""
    units = unclaimed(basket, {part.segment for part in reward.parts}, percentages)
    grant = Grant()
    granted = 0
    for units_of_set in _sets(reward, in_pick_order(units, reward.pick)):
        if granted == reward.repeat:
            break
        taken = take(offer, Per.ORDER, units_of_set)
        if taken.amount > 0:
            grant.add(taken)
            claim(units_of_set)
            granted += 1
    return grant


def _sets(reward: BundleReward, units: list[Candidate]) -> Iterator[list[Candidate]]:
    """The units of one complete set after another: each part takes the first units of its segment not yet in a set."""
    queues = [iter([each for each in units if each.is_in(part.segment)]) for part in reward.parts]
    used: set[Candidate] = set()
    while True:
        units_of_set = []
        for part, queue in zip(reward.parts, queues, strict=True):
            units_of_part = list(islice((each for each in queue if each not in used), part.quantity))
            if len(units_of_part) < part.quantity:
                return
            used.update(units_of_part)
            units_of_set += units_of_part
        yield units_of_set
