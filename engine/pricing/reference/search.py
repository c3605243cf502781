"""The best set of promotions, found by trying every admissible set (docs/pricing.md §6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from engine.pricing.quote import Reason
from engine.pricing.reference.basket import Basket
from engine.pricing.reference.compatibility import Compatibility
from engine.pricing.reference.granting import Granting
from engine.pricing.reference.rewards import Grant
from engine.rules.checked import Promotion

Applied: TypeAlias = tuple[tuple[Promotion, Grant], ...]
"""Promotions and their grants, in the order granted."""
Worth: TypeAlias = tuple[int, int, int, int, int, int]
"""How sets are compared, larger is better: saving, credit, points, units of gifts, effects, fewer promotions."""


def worth(applied: Applied) -> Worth:
    grants = [grant for _, grant in applied]
    return (
        sum(grant.amount + grant.value for grant in grants),
        sum(grant.credit for grant in grants),
        sum(grant.points for grant in grants),
        sum(grant.gift.quantity for grant in grants if grant.gift is not None),
        sum(grant.effect is not None for grant in grants),
        -len(grants),
    )


class Search:
    """Includes or leaves out one promotion after the other, on copies of the basket.

    Of sets of equal worth, the better one has the first promotion in which they differ.
    """

    def __init__(self, compatibility: Compatibility, granting: Granting) -> None:
        self._compatibility = compatibility
        self._granting = granting

    def best(self, promotions: Sequence[Promotion], basket: Basket, before: Sequence[Promotion]) -> frozenset[str]:
        """The ids of the best set of these promotions, given those granted before.

        The basket has entered the layer of the first of them; promotions of later layers find it as the set left it.
        """
        layer = promotions[0].layer if promotions else 0
        best = self._best(promotions, basket, layer, tuple(before), ())
        return frozenset(promotion.id for promotion, _ in best)

    def _best(
        self,
        promotions: Sequence[Promotion],
        basket: Basket,
        layer: int,
        before: tuple[Promotion, ...],
        applied: Applied,
    ) -> Applied:
        """The best of the sets that begin with what is already applied."""
        if not promotions:
            return applied
        promotion, *others = promotions
        if promotion.layer != layer:
            basket = basket.copy()
            basket.enter_layer()
        without = self._best(others, basket, promotion.layer, before, applied)
        if not all(self._compatibility.goes_with(promotion, other) for other in before):
            return without
        trial = basket.copy()
        grant = self._granting.attempt(promotion, trial)
        if isinstance(grant, Reason):
            return without
        joined = (*applied, (promotion, grant))
        return max(self._best(others, trial, promotion.layer, (*before, promotion), joined), without, key=worth)
