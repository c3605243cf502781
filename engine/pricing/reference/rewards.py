"""What a reward wants to take off a price, and what a promotion finally grants (docs/pricing.md §5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from engine.money import (
    MAX_AMOUNT,
    Rounding,
    carried_shares,
    differences,
    first_shares,
    largest_remainder,
    last_share,
    percent_of,
    rounded_shares,
)
from engine.pricing.quote import Adjustment, Effect, Gift, Share
from engine.rules.checked import Leftover, Promotion
from engine.rules.checked_rewards import RewardKind


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward with its numbers read: ``number`` in ppm or minor units, by kind; ``up_to`` in minor units.

    With ``of_list_price``, a percentage is off the list price.
    """

    kind: RewardKind
    number: int
    up_to: int | None
    rounding: Rounding
    leftover: Leftover
    of_list_price: bool = False

    def wanted(self, price: int, list_price: int = 0) -> int:
        """Minor units wanted off a price: 12.5 % of 19.99 is 2.50 half up; a fixed price of 25.00 wants nothing.

        A quarter off a list price of 24.00 is 18.00, so it wants 1.99.
        """
        if self.of_list_price:
            return max(0, price - list_price + percent_of(list_price, self.number, self.rounding))
        if self.kind is RewardKind.PERCENT_OFF:
            return percent_of(price, self.number, self.rounding)
        if self.kind is RewardKind.AMOUNT_OFF:
            return self.number
        return max(0, price - self.number)

    def wanted_of_lines(self, prices: Sequence[tuple[int, int]]) -> list[int]:
        """Minor units wanted off each of several lines, given as price and list price.

        With ``carried``, a percentage of the price carries the rounding error of the lines before (§7).
        """
        if self.kind is RewardKind.PERCENT_OFF and self.leftover is Leftover.CARRIED and not self.of_list_price:
            return differences(self.wanted(so_far) for so_far in accumulate(price for price, _ in prices))
        return [self.wanted(price, list_price) for price, list_price in prices]

    def weight(self, price: int, list_price: int) -> int:
        """The weight of a price when a cap is spread; for a percentage of the price, the price itself."""
        if self.kind is RewardKind.PERCENT_OFF and not self.of_list_price:
            return price
        return self.wanted(price, list_price)

    def capped(self, amount: int) -> int:
        return amount if self.up_to is None else min(amount, self.up_to)

    def less(self, taken: int) -> Offer:
        """The same offer after ``taken`` of its cap has been used."""
        return self if self.up_to is None else replace(self, up_to=self.up_to - taken)

    def apportion(self, total: int, weights: Sequence[int], capacities: Sequence[int]) -> list[int]:
        """The shares of lines, each within its capacity, by the ``leftover`` of the rule set (§7)."""
        match self.leftover:
            case Leftover.LARGEST_REMAINDER:
                return largest_remainder(total, weights, capacities)
            case Leftover.FIRST_LINES:
                return first_shares(total, weights, capacities)
            case Leftover.LAST_LINE:
                return last_share(total, weights, capacities, self.rounding)
            case Leftover.CARRIED:
                return carried_shares(total, weights, capacities, self.rounding)
            case Leftover.ROUNDED:
                return rounded_shares(total, weights, capacities, self.rounding)


def least(*caps: int | None) -> int | None:
    """The smallest of the caps; None if there is none."""
    return min((cap for cap in caps if cap is not None), default=None)


@dataclass(slots=True)
class Grant:
    """What one promotion grants: money, points, credit, a gift or an effect.

    ``wanted`` is money after the cap. ``shares`` is what was taken off each line or, in a shipping layer, shipment, by
    id; ``shipment_shares`` is what a goods layer took off shipments. ``value`` is what the part without money counts
    for in a search, in minor units.
    """

    wanted: int = 0
    shares: Counter[str] = field(default_factory=Counter)
    shipment_shares: Counter[str] = field(default_factory=Counter)
    points: int = 0
    credit: int = 0
    gift: Gift | None = None
    effect: Effect | None = None
    value: int = 0

    @property
    def amount(self) -> int:
        return self.shares.total() + self.shipment_shares.total()

    @property
    def cost(self) -> int:
        """What it uses of a budget."""
        return self.amount + self.credit

    @property
    def has_effect(self) -> bool:
        return bool(self.amount or self.points or self.credit or self.gift or self.effect)

    def add(self, other: Grant) -> None:
        """Adds more money of the same promotion."""
        self.wanted += other.wanted
        self.shares += other.shares


def adjustment(promotion: Promotion, grant: Grant, coupon: str) -> Adjustment:
    """The grant, which has an effect, as the quote shows it."""
    return Adjustment(
        promotion_id=promotion.id,
        promotion_name=promotion.name,
        amount=grant.amount,
        ungranted=min(grant.wanted - grant.amount, MAX_AMOUNT),
        shares=_shares(grant.shares),
        points=grant.points,
        credit=grant.credit,
        gift=grant.gift,
        effect=grant.effect,
        coupon=coupon,
        shipment_shares=_shares(grant.shipment_shares),
    )


def _shares(by_id: Counter[str]) -> tuple[Share, ...]:
    return tuple(Share(id, share) for id, share in sorted(by_id.items()) if share > 0)
