"""What a reward wants of one price, and what a promotion granted in the end (docs/pricing.md §5)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.money import MAX_AMOUNT, Rounding, percent_of
from engine.pricing.quote import Adjustment, Share
from engine.rules.checked import Promotion, RewardKind


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward with its numbers read: ``number`` in ppm or minor units by kind, ``up_to`` in minor units."""

    kind: RewardKind
    number: int
    up_to: int | None
    rounding: Rounding

    def wanted(self, price: int) -> int:
        """Minor units off a price: 12.5 % of 19.99 is 2.50 half up; a fixed price of 25.00 wants nothing of it."""
        if self.kind is RewardKind.PERCENT_OFF:
            return percent_of(price, self.number, self.rounding)
        if self.kind is RewardKind.AMOUNT_OFF:
            return self.number
        return max(0, price - self.number)

    def weight(self, price: int) -> int:
        """In proportion to what is wanted of a price before rounding: for percentages the price itself."""
        return price if self.kind is RewardKind.PERCENT_OFF else self.wanted(price)

    def capped(self, amount: int) -> int:
        return amount if self.up_to is None else min(amount, self.up_to)


def adjustment(promotion: Promotion, wanted: int, granted: dict[str, int]) -> Adjustment | None:
    """The adjustment of what each line or shipment was ``granted``, by id; None when that is nothing."""
    amount = sum(granted.values())
    if amount == 0:
        return None
    shares = tuple(Share(id, share) for id, share in sorted(granted.items()) if share > 0)
    return Adjustment(promotion.id, promotion.name, amount, min(wanted - amount, MAX_AMOUNT), shares)
