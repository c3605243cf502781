"""Shipping rewards: what is taken off the chosen rates (docs/pricing.md §5)."""

from __future__ import annotations

from collections import Counter

from engine.money import spread
from engine.pricing.reference.basket import BasketShipment, base_price
from engine.pricing.reference.rewards import Grant, Offer
from engine.rules.checked import Percentages


def grant_together(offers: list[tuple[BasketShipment, Offer]], percentages: Percentages) -> Grant:
    """Takes one amount, that of the first offer, off all shipments, in proportion to their prices.

    9.00 off 12.00 and 6.00 is 6.00 and 3.00.
    """
    shipments, offer = [shipment for shipment, _ in offers], offers[0][1]
    wanted = offer.capped(offer.number)
    weights = [base_price(shipment, percentages) for shipment in shipments]
    shares = spread(wanted, weights, [shipment.running for shipment in shipments], offer.apportion)
    for shipment, share in zip(shipments, shares, strict=True):
        shipment.running -= share
    return Grant(wanted, Counter({each.shipment.id: share for each, share in zip(shipments, shares, strict=True)}))


def grant_shipping(offers: list[tuple[BasketShipment, Offer]], percentages: Percentages) -> Grant:
    """Takes the offer of each shipment off its rate; what one took reduces the caps of those after it.

    10.00 off each of 7.95 and 9.95, up to 15.00 in total, is 7.95, then 7.05.
    """
    grant = Grant()
    for shipment, offer in offers:
        want = offer.wanted(base_price(shipment, percentages))
        taken = max(0, offer.less(grant.amount).capped(min(want, shipment.running)))
        shipment.running -= taken
        grant.wanted += max(0, offer.less(grant.wanted).capped(want))
        grant.shares[shipment.shipment.id] = taken
    return grant
