"""Goods rewards, on all units of a segment or on some of them (docs/pricing.md §5)."""

from __future__ import annotations

from engine.pricing.quote import Reason
from engine.pricing.reference.basket import Basket
from engine.pricing.reference.rewards import Grant, Offer
from engine.pricing.reference.selection import Candidate, alike, candidates, in_pick_order, reached_rates
from engine.pricing.reference.sharing import take
from engine.rules.checked import Percentages
from engine.rules.checked_rewards import GoodsReward, Sets, Units


def grant_goods(
    reward: GoodsReward, offer: Offer, quantity: int | None, basket: Basket, percentages: Percentages
) -> Grant | Reason:
    """Takes the offer off the units it reaches; ``quantity`` is the number of units to pick, None for all."""
    units = candidates(basket, {reward.segment}, percentages)
    if not units:
        return Reason.NOT_IN_CART
    rates = reached_rates(basket, percentages) if reward.shipping else []
    if reward.skip_reduced:
        units = [each for each in units if not each.line.is_reduced]
        rates = [each for each in rates if not each.shipment.is_reduced]
    reached = units if reward.units is None else _selected(reward.units, quantity, units)
    if reward.units is not None and not reached:
        return Reason.INCOMPLETE
    return take(offer, reward.per, reached, rates)


def _selected(units: Units, quantity: int | None, reach: list[Candidate]) -> list[Candidate]:
    """The first of the units that count, in the whole segment or in each group of alike units."""
    groups = alike(reach, units.same) if units.same else [reach]
    return [
        each
        for group in groups
        if len(group) >= units.at_least
        for each in _counting(units.sets, in_pick_order(group, units.pick))[:quantity]
    ]


def _counting(sets: Sets | None, ordered: list[Candidate]) -> list[Candidate]:
    """One unit of each whole set: of 9 units in sets of 4, with take 2, the 2nd and 6th; in rows, the 3rd and 4th."""
    if sets is None:
        return ordered
    count = len(ordered) // sets.size
    if sets.rows:
        return ordered[(sets.position - 1) * count : sets.position * count]
    return ordered[sets.position - 1 : count * sets.size : sets.size]
