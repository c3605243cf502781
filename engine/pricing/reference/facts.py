"""The facts that conditions and step tables read: what entered the layer (docs/pricing.md §4)."""

from __future__ import annotations

from collections.abc import Sequence

from engine.pricing.cart import Customer, Line
from engine.pricing.reference.basket import Basket, BasketLine, BasketShipment
from engine.pricing.reference.conditions import FactReader, Value, evaluate
from engine.rules.checked import Segment
from engine.rules.checked_rewards import CART
from engine.rules.expressions import GROUP_FACTS, Fact, Subject


def is_in(segment: Segment, line: Line, currency: int) -> bool:
    """Whether a line as sent is in a segment. A line that is not discountable is in none.

    A filter that ends in an error value is not met.
    """
    return line.discountable and (
        segment.filter is None or evaluate(segment.filter, lambda fact: _field(line, fact.name), currency) is True
    )


def layer_facts(basket: Basket, shipment: BasketShipment | None = None) -> FactReader:
    """Reads facts as they entered the running layer; ``shipment`` is the current one in a shipping layer."""

    def read(fact: Fact) -> Value:
        match fact.subject:
            case Subject.SEGMENT:
                return _group_fact(lines_of_segment(basket, fact.segment), fact.name)
            case Subject.CUSTOMER:
                return _field(basket.cart.customer or Customer(), fact.name)
            case Subject.SHIPMENT if shipment is not None:
                return _shipment_fact(basket, shipment, fact.name)
            case Subject.CART:
                return _cart_fact(basket, fact.name)
        raise ValueError(f"{fact.subject.value}.{fact.name} cannot be read here")

    return read


def lines_of_segment(basket: Basket, segment: int) -> list[BasketLine]:
    """The lines that a segment counts: all lines for ``cart``, otherwise only discountable ones."""
    if segment == CART:
        return basket.lines
    return [line for line in basket.lines if segment in line.segments]


def _cart_fact(basket: Basket, name: str) -> Value:
    if name in GROUP_FACTS:
        return _group_fact(basket.lines, name, basket.gift_weight)
    match name:
        case "shipping":
            return sum(shipment.entered for shipment in basket.shipments)
        case "shipping_methods":
            chosen = [shipment.rate.method for shipment in basket.shipments if shipment.rate is not None]
            return tuple(dict.fromkeys(chosen))
        case "shipping_countries":
            countries = [shipment.shipment.country for shipment in basket.shipments]
            return tuple(dict.fromkeys(country for country in countries if country))
    return _field(basket.cart, name)


def _shipment_fact(basket: Basket, shipment: BasketShipment, name: str) -> Value:
    if name in GROUP_FACTS:
        gift_weight = basket.gift_weight if len(basket.shipments) == 1 else 0
        lines = [line for line in basket.lines if line.shipment_id == shipment.shipment.id]
        return _group_fact(lines, name, gift_weight)
    match name:
        case "price":
            return shipment.entered
        case "carrier" | "speed":
            return _field(shipment.rate, name)
    return _field(shipment.shipment, name)


def _group_fact(lines: Sequence[BasketLine], name: str, gift_weight: int = 0) -> Value:
    match name:
        case "subtotal":
            return sum(line.entered for line in lines)
        case "merchandise":
            return sum(line.merchandise for line in lines)
        case "quantity":
            return sum(line.line.quantity for line in lines)
        case "lines":
            return len(lines)
        case "skus":
            return len({line.line.sku for line in lines})
        case "weight":
            return _weight([line.line for line in lines], gift_weight)
    raise ValueError(f"unknown fact {name}")


def _weight(lines: Sequence[Line], weight: int) -> int | None:
    """The weight in grams, added to that of the gifts; absent if one of the lines has none."""
    for line in lines:
        if line.weight is None:
            return None
        weight += line.weight * line.quantity
    return weight


def _field(owner: object, name: str) -> Value:
    """A fact that the cart was sent with. An empty text is absent; a list is never absent, at most empty."""
    owner_name, _, attribute = name.partition(".")
    value = getattr(owner, owner_name)
    if attribute:
        value = value.get(attribute)
    return None if value == "" else value
