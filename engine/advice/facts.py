"""The facts of a cart as they entered a layer (docs/pricing.md §4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, TypeVar

from engine.advice.evaluation import Evaluate
from engine.pricing.cart import Cart, Customer, Line, Rate, Shipment
from engine.pricing.reference.conditions import Value
from engine.pricing.sketch import Entered
from engine.rules.checked_rewards import CART
from engine.rules.expressions import GROUP_FACTS, Fact, Subject

SHIPMENT = -1
"""Used as a segment index: the lines of the current shipment."""
_NOBODY = Customer()

Found = TypeVar("Found")


class Goods:
    """The lines of a cart by id, except gifts sent back; ``segments`` are those of its sketch."""

    def __init__(self, cart: Cart, segments: Mapping[str, frozenset[int]]) -> None:
        self.cart = cart
        self.lines = sorted([line for line in cart.lines if not line.gift_of], key=attrgetter("id"))
        self._segments = segments
        self._lines_of: dict[int, list[Line]] = {}

    def segment(self, segment: int) -> list[Line]:
        """The discountable lines of a segment, which are those that its rewards reach."""
        if segment not in self._lines_of:
            self._lines_of[segment] = [line for line in self.lines if segment in self._segments[line.id]]
        return self._lines_of[segment]

    def shipment(self, shipment: Shipment) -> list[Line]:
        """The lines of a shipment. A line that names no shipment belongs to the only one."""
        only = shipment.id if len(self.cart.shipments) == 1 else ""
        return [line for line in self.lines if (line.shipment_id or only) == shipment.id]


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """A cart as it enters a layer; ``asked`` is the current shipment in a shipping layer."""

    goods: Goods
    entered: Entered
    asked: Shipment | None = None
    _groups: dict[tuple[int, str], Value] = field(default_factory=dict)
    _found: dict[object, Any] = field(default_factory=dict)

    def once(self, key: object, find: Callable[[LayerFacts], Found]) -> Found:
        """What ``find`` computes from these facts, remembered under ``key`` because they do not change."""
        if key not in self._found:
            self._found[key] = find(self)
        found: Found = self._found[key]
        return found

    def lines(self, segment: int) -> list[Line]:
        """The lines that a group counts: all lines for ``cart``, otherwise only discountable ones."""
        if segment == CART:
            return self.goods.lines
        if segment == SHIPMENT:
            assert self.asked is not None
            return self.goods.shipment(self.asked)
        return self.goods.segment(segment)

    def group(self, segment: int, name: str) -> Value:
        """A fact of a group of lines; ``segment`` may be SHIPMENT."""
        key = segment, name
        if key not in self._groups:
            self._groups[key] = self._group(segment, name)
        return self._groups[key]

    def _group(self, segment: int, name: str) -> Value:
        lines = self.lines(segment)
        match name:
            case "subtotal":
                subtotals = self.entered.subtotals
                return sum([subtotals[line.id] for line in lines])
            case "merchandise":
                return sum([line.price * line.quantity for line in lines])
            case "quantity":
                return sum([line.quantity for line in lines])
            case "lines":
                return len(lines)
            case "skus":
                return len({line.sku for line in lines})
        return self._weight(segment, lines)

    def _weight(self, segment: int, lines: Sequence[Line]) -> int | None:
        """The weight in grams; absent if one of the lines has none."""
        weights = [None if line.weight is None else line.weight * line.quantity for line in lines]
        if None in weights:
            return None
        only = segment == SHIPMENT and len(self.goods.cart.shipments) == 1
        return sum(filter(None, weights)) + (self.entered.gift_weight if segment == CART or only else 0)

    @property
    def rate(self) -> Rate | None:
        """The chosen rate of the current shipment."""
        return None if self.asked is None else self.asked.chosen_rate


def layer_reader(fact: Fact) -> Evaluate[LayerFacts]:
    """Reads a fact of a cart as it enters a layer."""
    name = fact.name
    match fact.subject:
        case Subject.SEGMENT:
            segment = fact.segment
            return lambda facts: facts.group(segment, name)
        case Subject.CUSTOMER:
            read = field_reader(name)
            return lambda facts: read(facts.goods.cart.customer or _NOBODY)
        case Subject.SHIPMENT:
            return _shipment_reader(name)
        case Subject.CART:
            return _cart_reader(name)
    raise ValueError(f"{fact.subject.value}.{name} cannot be read here")


def _cart_reader(name: str) -> Evaluate[LayerFacts]:
    if name in GROUP_FACTS:
        return lambda facts: facts.group(CART, name)
    match name:
        case "shipping":
            return lambda facts: sum(facts.entered.charges.values())
        case "shipping_methods":
            return _of_shipments(lambda shipment: shipment.method)
        case "shipping_countries":
            return _of_shipments(lambda shipment: shipment.country)
    read = field_reader(name)
    return lambda facts: read(facts.goods.cart)


def _of_shipments(text: Callable[[Shipment], str]) -> Evaluate[LayerFacts]:
    """Reads a text of all shipments, each distinct text once."""

    def read(facts: LayerFacts) -> tuple[str, ...]:
        shipments = sorted(facts.goods.cart.shipments, key=lambda shipment: shipment.id)
        return tuple(dict.fromkeys(said for shipment in shipments if (said := text(shipment))))

    return read


def _shipment_reader(name: str) -> Evaluate[LayerFacts]:
    if name in GROUP_FACTS:
        return lambda facts: facts.group(SHIPMENT, name)
    match name:
        case "price":
            return lambda facts: facts.entered.charges[facts.asked.id] if facts.asked else None
        case "carrier" | "speed":
            return lambda facts: getattr(facts.rate, name) or None
    read = field_reader(name)
    return lambda facts: read(facts.asked)


def field_reader(name: str) -> Evaluate[object]:
    """Reads a fact that the cart was sent with. An empty text is absent; a list is never absent, at most empty."""
    owner_name, _, attribute = name.partition(".")
    owned = attrgetter(owner_name)

    def read(owner: object) -> Value:
        value = owned(owner).get(attribute) if attribute else owned(owner)
        return None if value == "" else value

    return read
