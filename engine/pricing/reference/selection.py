"""The units that a reward may reach, and which of them go first (docs/pricing.md §5)."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from engine.pricing.reference.basket import Basket, BasketLine, BasketShipment, Unit, base_price
from engine.rules.checked import Percentages
from engine.rules.checked_rewards import Pick


@dataclass(slots=True, eq=False)
class Candidate:
    """A unit within reach, its line, and its price by docs/pricing.md §6."""

    line: BasketLine
    unit: Unit
    price: int

    def is_in(self, segment: int) -> bool:
        return segment in self.line.segments


@dataclass(frozen=True, slots=True)
class ReachedRate:
    """A shipment whose chosen rate is within reach, and the price of that rate by docs/pricing.md §6."""

    shipment: BasketShipment
    price: int


def reached_rates(basket: Basket, percentages: Percentages) -> list[ReachedRate]:
    """The chosen rates, by shipment id."""
    return [ReachedRate(each, base_price(each, percentages)) for each in basket.shipments if each.rate is not None]


def candidates(basket: Basket, segments: Set[int], percentages: Percentages) -> list[Candidate]:
    """The discountable units in any of the segments."""
    return [
        Candidate(line, unit, base_price(unit, percentages))
        for line in basket.lines
        if not segments.isdisjoint(line.segments)
        for unit in line.units
    ]


def in_pick_order(units: Iterable[Candidate], pick: Pick) -> list[Candidate]:
    """By price, cheapest or dearest first; then by line id; then by what is left, dearest first; then claimed first.

    In line order, by line id first; within a line, dearest first.
    """

    def key(each: Candidate) -> tuple[int, str, int, bool]:
        price = each.price if pick is Pick.CHEAPEST else -each.price
        return price, each.line.line.id, -each.unit.running, not each.unit.claimed

    in_order = sorted(units, key=key)
    return sorted(in_order, key=lambda each: each.line.line.id) if pick is Pick.LINE_ORDER else in_order


def alike(units: list[Candidate], same: str) -> list[list[Candidate]]:
    """The units grouped by the value they share, in order of their first line; those without a value are left out."""
    in_order = sorted(units, key=lambda each: each.line.line.id)
    values = dict.fromkeys(each.line.line.value_of(same) for each in in_order)
    return [[each for each in units if each.line.line.value_of(same) == value] for value in values if value is not None]


def claim(units: Iterable[Candidate]) -> None:
    """Claims the units: no later ``buy_get`` or ``bundle`` of the layer may use them."""
    for each in units:
        each.unit.claim()
