"""What each quoted rate would cost if it were chosen (docs/pricing.md §8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.advice.what_if import Engine
from engine.errors import InvalidCart, Violation
from engine.pricing.cart import Cart, Rate, Shipment
from engine.pricing.quote import Quote, QuotedRate, QuotedShipment

MOST_RATES = 200
"""The most rates of a cart that are compared; each one not chosen is one more cart to price."""


def compare_rates(cart: Cart, quote: Quote, engine: Engine) -> Quote:
    """The quote with the rates of every shipment. Two shipments of 3 rates each are 4 more carts to price.

    Raises InvalidCart for more than MOST_RATES rates.
    """
    count = sum(len(shipment.rates) for shipment in cart.shipments)
    if count > MOST_RATES:
        description = f"compares {count:,} rates; at most {MOST_RATES:,} are allowed"
        raise InvalidCart([Violation("compare_rates", description)])
    sent = {shipment.id: index for index, shipment in enumerate(cart.shipments)}
    shipments = (quoted._replace(rates=_compared(cart, sent[quoted.id], quoted, engine)) for quoted in quote.shipments)
    return quote._replace(shipments=tuple(shipments))


def _compared(cart: Cart, index: int, quoted: QuotedShipment, engine: Engine) -> tuple[QuotedRate, ...]:
    shipment = cart.shipments[index]
    rates = sorted(shipment.rates, key=lambda rate: rate.method)
    charges = [
        quoted.charge if rate.method == shipment.method else _charge(cart, index, shipment, rate, engine)
        for rate in rates
    ]
    costs = [(charge, rate.price, rate.method) for rate, charge in zip(rates, charges, strict=True)]

    def least(of: Callable[[Rate], str], text: str) -> tuple[int, int, str]:
        """The cost of the cheapest rate with a text in common."""
        return min(cost for cost, each in zip(costs, rates, strict=True) if of(each) == text)

    return tuple(
        QuotedRate(
            method=rate.method,
            carrier=rate.carrier,
            speed=rate.speed,
            price=rate.price,
            charge=cost[0],
            cheapest=cost == min(costs),
            cheapest_of_carrier=bool(rate.carrier) and cost == least(lambda each: each.carrier, rate.carrier),
            cheapest_of_speed=bool(rate.speed) and cost == least(lambda each: each.speed, rate.speed),
        )
        for rate, cost in zip(rates, costs, strict=True)
    )


def _charge(cart: Cart, index: int, shipment: Shipment, rate: Rate, engine: Engine) -> int:
    """What would be left to pay of a rate if it were chosen, in minor units."""
    shipments = list(cart.shipments)
    shipments[index] = replace(shipment, method=rate.method)
    quote = engine.price(replace(cart, shipments=tuple(shipments)))
    return next(each.charge for each in quote.shipments if each.id == shipment.id)
