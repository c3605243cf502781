"""A cart while it is being priced: every unit and every shipment with two prices (docs/pricing.md §3)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.money import WHOLE
from engine.pricing.cart import Cart, Line, Rate, Shipment
from engine.rules.checked import Percentages


@dataclass(slots=True, eq=False)
class Unit:
    """One piece: its price when the layer began, what is left of it, and whether a reward of the layer claimed it."""

    entered: int
    running: int
    claimed: bool = False

    def claim(self) -> None:
        self.claimed = True


@dataclass(slots=True)
class BasketLine:
    """A line as its single units; ``segments`` are the indices of the segments it is in."""

    line: Line
    floor: int
    units: list[Unit]
    shipment_id: str
    segments: frozenset[int]

    @property
    def merchandise(self) -> int:
        return self.line.price * self.line.quantity

    @property
    def subtotal(self) -> int:
        return sum(unit.running for unit in self.units)


@dataclass(slots=True)
class BasketShipment:
    """A shipment, the rate chosen for it if any, that rate's price when the layer began, and what is left of it."""

    shipment: Shipment
    rate: Rate | None
    entered: int
    running: int

    @property
    def price(self) -> int:
        return self.rate.price if self.rate is not None else 0


@dataclass(slots=True)
class Basket:
    """Lines and shipments by id (Python orders texts by code point, which is the order of their UTF-8 bytes).

    ``currency`` is the index of the cart's in the rule set.
    """

    cart: Cart
    currency: int
    lines: list[BasketLine]
    shipments: list[BasketShipment]

    @property
    def subtotal(self) -> int:
        return sum(line.subtotal for line in self.lines)

    @property
    def shipping(self) -> int:
        return sum(shipment.running for shipment in self.shipments)

    def enter_layer(self) -> None:
        """From now on what the layers so far have left is what entered."""
        for line in self.lines:
            for unit in line.units:
                unit.entered = unit.running
                unit.claimed = False
        for shipment in self.shipments:
            shipment.entered = shipment.running


def base_price(priced: Unit | BasketShipment, percentages: Percentages) -> int:
    """The price that percentages, fixed prices and weights read (docs/pricing.md §6)."""
    return priced.entered if percentages is Percentages.ADDITIVE else priced.running


def basket_line(line: Line, cart: Cart, markup: int | None, segments: frozenset[int]) -> BasketLine:
    """``markup`` is the rule set's, in ppm; a line that names no shipment belongs to the only one."""
    only = cart.shipments[0].id if len(cart.shipments) == 1 else ""
    return BasketLine(
        line=line,
        floor=unit_floor(line, markup),
        units=[Unit(line.price, line.price) for _ in range(line.quantity)],
        shipment_id=line.shipment_id or only,
        segments=segments,
    )


def basket_shipment(shipment: Shipment) -> BasketShipment:
    rate = next((rate for rate in shipment.rates if rate.method == shipment.method), None)
    price = rate.price if rate is not None else 0
    return BasketShipment(shipment, rate, entered=price, running=price)


def unit_floor(line: Line, markup: int | None) -> int:
    """What no promotion takes a unit below (docs/pricing.md §3): cost 7.33 plus 5 % is 7.6965, up to 7.70."""
    floor = line.minimum_price or 0
    if markup is not None and line.cost is not None:
        floor = max(floor, -(-line.cost * (WHOLE + markup) // WHOLE))
    return min(floor, line.price)
