"""The best set of promotions, by looking at every admissible one (docs/pricing.md §6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from engine.pricing.reference.basket import Basket
from engine.pricing.reference.compatibility import Compatibility
from engine.pricing.reference.granting import Granting
from engine.pricing.reference.rewards import Grant
from engine.rules.checked import Promotion

Applied: TypeAlias = tuple[tuple[Promotion, Grant], ...]
"""What promotions granted, in the order granted."""
Worth: TypeAlias = tuple[int, int, int, int, int, int]
"""What sets are compared by, largest first: saving, credit, points, units of gifts, effects, fewer promotions."""


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


@dataclass(slots=True)
class _Best:
    worth: Worth
    promotions: tuple[Promotion, ...]


class Search:
    """Includes or leaves out one promotion after the other, on copies of the basket.

    Including comes first, so of sets of equal worth the one that has the first promotion in which they differ is met
    first, and stays.
    """

    def __init__(self, compatibility: Compatibility, granting: Granting) -> None:
        self._compatibility = compatibility
        self._granting = granting

    def best(self, promotions: Sequence[Promotion], basket: Basket, before: Sequence[Promotion]) -> frozenset[str]:
        """Ids of the best set of these promotions, given those that were granted before.

        The basket has entered the layer of the first of them; those of later layers find it as the set left it.
        """
        best = _Best(worth(()), ())
        layer = promotions[0].layer if promotions else 0
        self._explore(promotions, basket, layer, tuple(before), (), best)
        return frozenset(promotion.id for promotion in best.promotions)

    def _explore(
        self,
        promotions: Sequence[Promotion],
        basket: Basket,
        layer: int,
        before: tuple[Promotion, ...],
        applied: Applied,
        best: _Best,
    ) -> None:
        if not promotions:
            if worth(applied) > best.worth:
                best.worth, best.promotions = worth(applied), tuple(promotion for promotion, _ in applied)
            return
        promotion, *others = promotions
        if promotion.layer != layer:
            basket = basket.copy()
            basket.enter_layer()
        if all(self._compatibility.goes_with(promotion, other) for other in before):
            trial = basket.copy()
            grant = self._granting.attempt(promotion, trial)
            if isinstance(grant, Grant):
                joined = (*applied, (promotion, grant))
                self._explore(others, trial, promotion.layer, (*before, promotion), joined, best)
        self._explore(others, basket, promotion.layer, before, applied, best)
