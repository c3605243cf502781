"""Shipping rewards: what is taken off the chosen rates (docs/pricing.md §5)."""

from __future__ import annotations

from engine.pricing.quote import Adjustment
from engine.pricing.reference.basket import BasketShipment
from engine.pricing.reference.rewards import Offer, adjustment
from engine.rules.checked import Percentages, Promotion


def grant_shipping(
    promotion: Promotion, offers: list[tuple[BasketShipment, Offer]], percentages: Percentages
) -> Adjustment | None:
    """Takes each shipment's offer off its rate; None when nothing could be taken."""
    wanted = 0
    granted = {}
    for shipment, offer in offers:
        want = offer.wanted(shipment.entered if percentages is Percentages.ADDITIVE else shipment.running)
        taken = min(want, shipment.running)
        shipment.running -= taken
        wanted += want
        granted[shipment.shipment.id] = taken
    return adjustment(promotion, wanted, granted)
