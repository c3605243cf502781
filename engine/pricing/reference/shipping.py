"""Shipping rewards: what is taken off the chosen rates (docs/pricing.md §5)."""

from __future__ import annotations

from engine.pricing.reference.basket import BasketShipment, base_price
from engine.pricing.reference.rewards import Grant, Offer
from engine.rules.checked import Percentages


def grant_shipping(offers: list[tuple[BasketShipment, Offer]], percentages: Percentages) -> Grant:
    """Takes each shipment's offer off its rate; what one took is gone from the caps of those behind it.

    15.00 in all, up to 10.00 each of 7.95 and 9.95: 7.95, then 7.05.
    """
    grant = Grant()
    for shipment, offer in offers:
        want = offer.wanted(base_price(shipment, percentages))
        taken = max(0, offer.less(grant.amount).capped(min(want, shipment.running)))
        shipment.running -= taken
        grant.wanted += max(0, offer.less(grant.wanted).capped(want))
        grant.shares[shipment.shipment.id] = taken
    return grant
