"""Goods rewards: who takes how much of what is wanted (docs/pricing.md §5, §7)."""

from __future__ import annotations

from collections.abc import Sequence

from engine.money import spread
from engine.pricing.quote import Adjustment
from engine.pricing.reference.basket import Basket, BasketLine, Unit
from engine.pricing.reference.facts import lines_of_segment
from engine.pricing.reference.rewards import Offer, adjustment
from engine.rules.checked import GoodsReward, Per, Percentages, Promotion


class _Target:
    """A line that a reward reaches: units dearest first, their prices to read (§6), and the room above the floor."""

    def __init__(self, line: BasketLine, percentages: Percentages) -> None:
        def price(unit: Unit) -> int:
            return unit.entered if percentages is Percentages.ADDITIVE else unit.running

        self.id = line.line.id
        self.units = sorted(line.units, key=lambda unit: (price(unit), unit.running), reverse=True)
        self.prices = [price(unit) for unit in self.units]
        self.price = sum(self.prices)
        self.rooms = [unit.running - line.floor for unit in self.units]
        self.room = sum(self.rooms)

    def take(self, shares: Sequence[int]) -> int:
        for unit, share in zip(self.units, shares, strict=True):
            unit.running -= share
        return sum(shares)


def grant_goods(
    promotion: Promotion, reward: GoodsReward, offer: Offer, basket: Basket, percentages: Percentages
) -> Adjustment | None:
    """Takes the offer off the units it reaches; None when nothing could be taken."""
    lines = [line for line in lines_of_segment(basket, reward.segment) if line.line.discountable]
    targets = [_Target(line, percentages) for line in lines]
    wanted, shares = _SPREADS[reward.per](offer, targets)
    granted = {target.id: target.take(share) for target, share in zip(targets, shares, strict=True)}
    return adjustment(promotion, offer.capped(wanted), granted)


def _per_unit(offer: Offer, targets: Sequence[_Target]) -> tuple[int, list[list[int]]]:
    """What is wanted before the cap, and what each unit of each target takes."""
    wants = [[offer.wanted(price) for price in target.prices] for target in targets]
    shares = [list(map(min, want, target.rooms)) for want, target in zip(wants, targets, strict=True)]
    takeable = [sum(share) for share in shares]
    if offer.capped(sum(takeable)) < sum(takeable):
        weights = [[offer.weight(price) for price in target.prices] for target in targets]
        capped = spread(offer.capped(sum(takeable)), [sum(weight) for weight in weights], takeable)
        shares = [spread(*each) for each in zip(capped, weights, shares, strict=True)]
    return sum(map(sum, wants)), shares


def _per_line(offer: Offer, targets: Sequence[_Target]) -> tuple[int, list[list[int]]]:
    """What is wanted before the cap, and what each unit of each target takes."""
    wants = [offer.wanted(target.price) for target in targets]
    takeable = [min(want, target.room) for want, target in zip(wants, targets, strict=True)]
    if offer.capped(sum(takeable)) < sum(takeable):
        weights = [offer.weight(target.price) for target in targets]
        takeable = spread(offer.capped(sum(takeable)), weights, takeable)
    return sum(wants), _over_units(takeable, targets)


def _per_order(offer: Offer, targets: Sequence[_Target]) -> tuple[int, list[list[int]]]:
    """What is wanted before the cap, and what each unit of each target takes."""
    wanted = offer.wanted(sum(target.price for target in targets))
    weights = [target.price for target in targets]
    rooms = [target.room for target in targets]
    return wanted, _over_units(spread(offer.capped(wanted), weights, rooms), targets)


def _over_units(line_shares: Sequence[int], targets: Sequence[_Target]) -> list[list[int]]:
    return [spread(share, target.prices, target.rooms) for share, target in zip(line_shares, targets, strict=True)]


_SPREADS = {Per.UNIT: _per_unit, Per.LINE: _per_line, Per.ORDER: _per_order}
