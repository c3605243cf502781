"""A cart while it is being priced: every unit and every shipment with two prices (docs/pricing.md §3)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.money import MAX_AMOUNT, WHOLE
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

    def copy(self) -> Unit:
        return Unit(self.entered, self.running, self.claimed)


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
    def entered(self) -> int:
        """What it came to when the layer began."""
        return sum(unit.entered for unit in self.units)

    @property
    def subtotal(self) -> int:
        return sum(unit.running for unit in self.units)

    @property
    def list_price(self) -> int | None:
        """Of a unit; it counts for no more than what makes MAX_AMOUNT of all the line's units."""
        return None if self.line.list_price is None else min(self.line.list_price, MAX_AMOUNT // self.line.quantity)

    @property
    def is_reduced(self) -> bool:
        """Whether an earlier layer took something of it."""
        return any(unit.entered != self.line.price for unit in self.units)

    def copy(self) -> BasketLine:
        units = [unit.copy() for unit in self.units]
        return BasketLine(self.line, self.floor, units, self.shipment_id, self.segments)


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

    @property
    def is_reduced(self) -> bool:
        """Whether an earlier layer took something of it."""
        return self.entered != self.price

    def copy(self) -> BasketShipment:
        return BasketShipment(self.shipment, self.rate, self.entered, self.running)


@dataclass(slots=True)
class Basket:
    """Lines and shipments by id (Python orders texts by code point, which is the order of their UTF-8 bytes).

    ``currency`` is the index of the cart's in the rule set. ``gift_weight`` is grams of the gifts of earlier layers,
    ``gift_weight_so_far`` of the running one too; ``points`` are those the running layer gave so far.
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
        self.gift_weight = self.gift_weight_so_far
        self.points = 0


def base_price(priced: Unit | BasketShipment, percentages: Percentages) -> int:
    """The price that percentages, fixed prices and weights read (docs/pricing.md §6).

    10 % of 10.00, of which another promotion of the layer took 2.00, are 1.00 if additive, 0.80 if compounding.
    """
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
    rate = shipment.chosen_rate
    price = rate.price if rate is not None else 0
    return BasketShipment(shipment, rate, entered=price, running=price)


def unit_floor(line: Line, markup: int | None) -> int:
    """What no promotion takes a unit below (docs/pricing.md §3): cost 7.33 plus 5 % is 7.6965, up to 7.70."""
    floor = line.minimum_price or 0
    if markup is not None and line.cost is not None:
        floor = max(floor, -(-line.cost * (WHOLE + markup) // WHOLE))
    return min(floor, line.price)
