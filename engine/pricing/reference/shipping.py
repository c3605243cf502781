"""Shipping rewards: what is taken off the chosen rates (docs/pricing.md §5)."""

from __future__ import annotations

from engine.pricing.reference.basket import BasketShipment, base_price
from engine.pricing.reference.rewards import Grant, Offer
from engine.rules.checked import Percentages


def grant_shipping(offers: list[tuple[BasketShipment, Offer]], percentages: Percentages) -> Grant:
    """Takes each shipment's offer off its rate."""
    grant = Grant()
    for shipment, offer in offers:
        want = offer.wanted(base_price(shipment, percentages))
        taken = min(want, shipment.running)
        shipment.running -= taken
        grant.wanted += want
        grant.shares[shipment.shipment.id] = taken
    return grant
