"""Sets of all units that a reward reaches, or of those of each SKU by themselves (docs/pricing.md §5)."""

from __future__ import annotations

from collections.abc import Callable

from engine.pricing.quote import Reason
from engine.pricing.reference.rewards import Grant, Offer
from engine.pricing.reference.selection import Candidate
from engine.rules.checked_rewards import BundleReward, BuyGetReward


def grant_sets(
    reward: BuyGetReward | BundleReward,
    offer: Offer,
    units: list[Candidate],
    grant: Callable[[Offer, list[Candidate]], Grant | Reason],
) -> Grant | Reason:
    """Grants sets of the units; with ``same_sku`` of one SKU after the other, by the first of its lines.

    A cap is used up SKU by SKU. When no SKU fills a set, the reason is that units are claimed where that is so of one.
    """
    if not reward.same_sku:
        return grant(offer, units)
    total = Grant()
    reasons = set()
    for sku in _skus(units):
        of_sku = grant(offer.less(total.amount), [each for each in units if each.line.line.sku == sku])
        if isinstance(of_sku, Reason):
            reasons.add(of_sku)
        elif of_sku.amount > 0:
            total.add(of_sku)
        else:
            reasons.add(Reason.NO_EFFECT)
    if total.amount > 0:
        return total
    return next(each for each in (Reason.NO_EFFECT, Reason.UNITS_CLAIMED, Reason.INCOMPLETE) if each in reasons)


def _skus(units: list[Candidate]) -> list[str]:
    in_order = sorted(units, key=lambda each: each.line.line.id)
    return list(dict.fromkeys(each.line.line.sku for each in in_order))
