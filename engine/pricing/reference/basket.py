"""A cart while it is being priced: every unit and every shipment with two prices (docs/pricing.md §3)."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from engine.money import MAX_AMOUNT, WHOLE
from engine.pricing.cart import Cart, Line, Rate, Shipment
from engine.rules.checked import Percentages


@dataclass(slots=True, eq=False)
class Unit:
    """One unit: its price when the layer began, its running price, and whether a reward of the layer has claimed it."""

    entered: int
    running: int
    claimed: bool = False

    def claim(self) -> None:
        self.claimed = True

    def copy(self) -> Unit:
        return Unit(self.entered, self.running, self.claimed)


@dataclass(slots=True)
class BasketLine:
    """A line as single units; ``segments`` are the indices of the segments it is in."""

    line: Line
    floor: int
    units: list[Unit]
    shipment_id: str
    segments: frozenset[int]

    @property
    def merchandise(self) -> int:
        return self.line.price * self.line.quantity

    @property
    def entered(self) -> int:
        """The line's total when the layer began."""
        return sum(unit.entered for unit in self.units)

    @property
    def subtotal(self) -> int:
        return sum(unit.running for unit in self.units)

    @property
    def list_price(self) -> int | None:
        """The list price of a unit, limited so that those of the whole line sum to at most MAX_AMOUNT."""
        return None if self.line.list_price is None else min(self.line.list_price, MAX_AMOUNT // self.line.quantity)

    @property
    def is_reduced(self) -> bool:
        """Whether an earlier layer took something off it."""
        return any(unit.entered != self.line.price for unit in self.units)

    def copy(self) -> BasketLine:
        units = [unit.copy() for unit in self.units]
        return BasketLine(self.line, self.floor, units, self.shipment_id, self.segments)


@dataclass(slots=True)
class BasketShipment:
    """A shipment, its chosen rate if any, the price of that rate when the layer began, and what is left of it."""

    shipment: Shipment
    rate: Rate | None
    entered: int
    running: int

    @property
    def price(self) -> int:
        return self.rate.price if self.rate is not None else 0

    @property
    def is_reduced(self) -> bool:
        """Whether an earlier layer took something off it."""
        return self.entered != self.price

    def copy(self) -> BasketShipment:
        return BasketShipment(self.shipment, self.rate, self.entered, self.running)


@dataclass(slots=True)
class Basket:
    """Lines and shipments by id (Python orders texts by code point, which is the order of their UTF-8 bytes).

    ``currency`` is the index of the cart's currency in the rule set. ``gift_weight`` is the weight in grams of gifts of
    earlier layers; ``gift_weight_so_far`` includes those of the running layer. ``points`` are those that the running
    layer has granted so far.
    """

    cart: Cart
    currency: int
    lines: list[BasketLine]
    shipments: list[BasketShipment]
    gift_weight: int = 0
    gift_weight_so_far: int = 0
    points: int = 0

    def copy(self) -> Basket:
        lines = [line.copy() for line in self.lines]
        shipments = [shipment.copy() for shipment in self.shipments]
        return Basket(
            self.cart, self.currency, lines, shipments, self.gift_weight, self.gift_weight_so_far, self.points
        )

    def take_over(self, other: Basket, ids: Container[str]) -> None:
        """Makes the lines and shipments with these ids what they are in a copy of the basket."""
        for line, its in zip(self.lines, other.lines, strict=True):
            if line.line.id in ids:
                line.units = its.units
        for shipment, its_own in zip(self.shipments, other.shipments, strict=True):
            if shipment.shipment.id in ids:
                shipment.running = its_own.running

    @property
    def subtotal(self) -> int:
        return sum(line.subtotal for line in self.lines)

    @property
    def shipping(self) -> int:
        return sum(shipment.running for shipment in self.shipments)

    def enter_layer(self) -> None:
        """Begins a layer: what the layers so far have left is what enters it."""
        for line in self.lines:
            for unit in line.units:
                unit.entered = unit.running
                unit.claimed = False
        for shipment in self.shipments:
            shipment.entered = shipment.running
        self.gift_weight = self.gift_weight_so_far
        self.points = 0


def base_price(priced: Unit | BasketShipment, percentages: Percentages) -> int:
    """The price that percentages, fixed prices and weights read (docs/pricing.md §6).

    10 % of 10.00, off which another promotion of the layer took 2.00, is 1.00 if additive, 0.80 if compounding.
    """
    return priced.entered if percentages is Percentages.ADDITIVE else priced.running


def basket_line(line: Line, cart: Cart, markup: int | None, segments: frozenset[int]) -> BasketLine:
    """``markup`` is the rule set's, in ppm. A line that names no shipment belongs to the only one, if there is one."""
    only = cart.shipments[0].id if len(cart.shipments) == 1 else ""
    return BasketLine(
        line=line,
        floor=unit_floor(line, markup),
        units=[Unit(line.price, line.price) for _ in range(line.quantity)],
        shipment_id=line.shipment_id or only,
        segments=segments,
    )


def basket_shipment(shipment: Shipment) -> BasketShipment:
    rate = shipment.chosen_rate
    price = rate.price if rate is not None else 0
    return BasketShipment(shipment, rate, entered=price, running=price)


def unit_floor(line: Line, markup: int | None) -> int:
    """The price below which no promotion takes a unit (docs/pricing.md §3): cost 7.33 plus 5 % is 7.6965, so 7.70."""
    floor = line.minimum_price or 0
    if markup is not None and line.cost is not None:
        floor = max(floor, -(-line.cost * (WHOLE + markup) // WHOLE))
    return min(floor, line.price)
