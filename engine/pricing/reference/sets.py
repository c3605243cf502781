"""Sets of all units that a reward reaches, or separately of alike lines (docs/pricing.md §5)."""

from __future__ import annotations

from collections.abc import Callable

from engine.pricing.quote import Reason
from engine.pricing.reference.rewards import Grant, Offer
from engine.pricing.reference.selection import Candidate, alike
from engine.rules.checked_rewards import BundleReward, BuyGetReward


def grant_sets(
    reward: BuyGetReward | BundleReward,
    offer: Offer,
    units: list[Candidate],
    grant: Callable[[Offer, list[Candidate]], Grant | Reason],
) -> Grant | Reason:
    """Grants sets of the units; with ``same``, separately for each group of alike units, in order of their first line.

    The groups use up a cap one after the other. If no group fills a set, the reason is UNITS_CLAIMED if it is that of
    any group.
    """
    if not reward.same:
        return grant(offer, units)
    total = Grant()
    reasons = {Reason.INCOMPLETE}
    for group in alike(units, reward.same):
        granted = grant(offer.less(total.amount), group)
        if isinstance(granted, Reason):
            reasons.add(granted)
        elif granted.amount > 0:
            total.add(granted)
        else:
            reasons.add(Reason.NO_EFFECT)
    if total.amount > 0:
        return total
    return next(each for each in (Reason.NO_EFFECT, Reason.UNITS_CLAIMED, Reason.INCOMPLETE) if each in reasons)
