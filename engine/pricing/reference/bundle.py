"""Parts together at a percentage, an amount or a price per set (docs/pricing.md §5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice

from engine.pricing.quote import Reason
from engine.pricing.reference.basket import Basket
from engine.pricing.reference.rewards import Grant, Offer
from engine.pricing.reference.selection import Candidate, candidates, claim, in_pick_order
from engine.pricing.reference.sets import grant_sets
from engine.pricing.reference.sharing import take
from engine.rules.checked import Percentages
from engine.rules.checked_rewards import BundleReward, Per


def grant_bundle(
    reward: BundleReward,
    offer: Offer,
    quantities: Sequence[int],
    repeat: int | None,
    basket: Basket,
    percentages: Percentages,
) -> Grant | Reason:
    """Takes the offer off set after set, and claims the units of each that it took something of.

    ``quantities`` are those of the parts. A cap is used up set by set.
    """
    segments = [part.segment for part in reward.parts]
    reduced = len(segments) - reward.full_price
    parts = list(zip(segments, quantities, strict=True))
    units = in_pick_order(candidates(basket, set(segments), percentages), reward.pick)
    if not all(any(each.is_in(segment) for each in units) for segment in segments):
        return Reason.NOT_IN_CART
    return grant_sets(reward, offer, units, partial(_grant, parts, reduced, repeat))


def _grant(
    parts: Sequence[tuple[int, int]], reduced: int, repeat: int | None, offer: Offer, units: list[Candidate]
) -> Grant | Reason:
    """``parts`` are segments and quantities, so many of them ``reduced``; ``units`` stand in pick order."""
    unclaimed = [each for each in units if not each.unit.claimed]
    if not any(_sets(parts, unclaimed)):
        return Reason.UNITS_CLAIMED if any(_sets(parts, units)) else Reason.INCOMPLETE
    units_reduced = sum(quantity for _, quantity in parts[:reduced])
    grant = Grant()
    granted = 0
    for units_of_set in _sets(parts, unclaimed):
        if granted == repeat:
            break
        taken = take(offer.less(grant.amount), Per.ORDER, units_of_set[:units_reduced])
        if taken.amount > 0:
            grant.add(taken)
            claim(units_of_set)
            granted += 1
    return grant


def _sets(parts: Sequence[tuple[int, int]], units: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """The units of one complete set after another: each part takes the first units of its segment not yet in a set."""
    queues = [iter([each for each in units if each.is_in(segment)]) for segment, _ in parts]
    used: set[Candidate] = set()
    while True:
        units_of_set = []
        for (_, quantity), queue in zip(parts, queues, strict=True):
            units_of_part = list(islice((each for each in queue if each not in used), quantity))
            if len(units_of_part) < quantity:
                return
            used.update(units_of_part)
            units_of_set += units_of_part
        yield units_of_set
