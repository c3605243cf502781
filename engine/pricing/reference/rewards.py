"""What a reward wants of one price, and what a promotion granted in the end (docs/pricing.md §5)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

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


@dataclass(slots=True)
class Grant:
    """What was ``wanted`` in all, after the cap, and what each line or shipment gave of it, by id."""

    wanted: int = 0
    shares: Counter[str] = field(default_factory=Counter)

    @property
    def amount(self) -> int:
        return self.shares.total()

    def add(self, other: Grant) -> None:
        self.wanted += other.wanted
        self.shares += other.shares


def adjustment(promotion: Promotion, grant: Grant) -> Adjustment | None:
    """What the promotion granted; None when that is nothing."""
    if grant.amount == 0:
        return None
    shares = tuple(Share(id, share) for id, share in sorted(grant.shares.items()) if share > 0)
    ungranted = min(grant.wanted - grant.amount, MAX_AMOUNT)
    return Adjustment(promotion.id, promotion.name, grant.amount, ungranted, shares)
