"""Goods rewards, on all units of a segment or on so many of them (docs/pricing.md §5)."""

from __future__ import annotations

from engine.pricing.reference.basket import Basket
from engine.pricing.reference.rewards import Grant, Offer
from engine.pricing.reference.selection import candidates, in_pick_order
from engine.pricing.reference.sharing import take
from engine.rules.checked import GoodsReward, Percentages


def grant_goods(reward: GoodsReward, offer: Offer, basket: Basket, percentages: Percentages) -> Grant:
    """Takes the offer off the units it reaches."""
    units = candidates(basket, {reward.segment}, percentages)
    if reward.units is not None:
        units = in_pick_order(units, reward.units.pick)[: reward.units.quantity]
    return take(offer, reward.per, units)
