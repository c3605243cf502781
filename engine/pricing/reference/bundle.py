"""Parts sold together, at a percentage or amount off, or at a fixed price, per set (docs/pricing.md §5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TypeAlias

from engine.pricing.quote import Reason
from engine.pricing.reference.basket import Basket
from engine.pricing.reference.different import different_sets
from engine.pricing.reference.rewards import Grant, Offer
from engine.pricing.reference.selection import Candidate, candidates, claim, in_pick_order
from engine.pricing.reference.sets import grant_sets
from engine.pricing.reference.sharing import take
from engine.rules.checked import Percentages
from engine.rules.checked_rewards import BundleReward, Per

_Sets: TypeAlias = Callable[[Callable[[], int | None], Sequence[Candidate]], Iterable[list[Candidate]]]
"""Yields the units of one complete set after another, given how many sets are still wanted (None: no limit)."""


def grant_bundle(
    reward: BundleReward,
    offer: Offer,
    quantities: Sequence[int],
    repeat: int | None,
    basket: Basket,
    percentages: Percentages,
) -> Grant | Reason:
    """Takes the offer off set after set, and claims the units of each set from which it took something.

    ``quantities`` are those of the parts. A cap is used up set by set. Three units of 10.00 for 25.00 is 5.00 off:
    1.67, 1.67 and 1.66.
    """
    segments = [part.segment for part in reward.parts]
    reduced = sum(quantities[: len(segments) - reward.full_price])
    units = in_pick_order(candidates(basket, set(segments), percentages), reward.pick)
    if not all(any(each.is_in(segment) for each in units) for segment in segments):
        return Reason.NOT_IN_CART
    sets: _Sets = partial(_sets, list(zip(segments, quantities, strict=True)))
    if reward.different:
        sets = partial(different_sets, reward.different, sum(quantities))
    return grant_sets(reward, offer, units, partial(_grant, sets, reduced, repeat))


def _grant(sets: _Sets, reduced: int, repeat: int | None, offer: Offer, units: list[Candidate]) -> Grant | Reason:
    """The first ``reduced`` units of a set are discounted; ``units`` are in pick order."""
    grant = Grant()
    granted = 0

    def wanted() -> int | None:
        return None if repeat is None else repeat - granted

    unclaimed = [each for each in units if not each.unit.claimed]
    if not any(sets(wanted, unclaimed)):
        return Reason.UNITS_CLAIMED if any(sets(wanted, units)) else Reason.INCOMPLETE
    for units_of_set in sets(wanted, unclaimed):
        if granted == repeat:
            break
        taken = take(offer.less(grant.amount), Per.ORDER, units_of_set[:reduced])
        if taken.amount > 0:
            grant.add(taken)
            claim(units_of_set)
            granted += 1
    return grant


def _sets(
    parts: Sequence[tuple[int, int]], _wanted: Callable[[], int | None], units: Sequence[Candidate]
) -> Iterator[list[Candidate]]:
    """Each part, a segment and a quantity, takes the first units of its segment that are not yet in a set."""
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
