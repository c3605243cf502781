"""The facts of a quoted cart as they entered each layer, rebuilt from the shares of the quote (docs/pricing.md §4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from engine.advice.evaluation import Evaluate, Value
from engine.advice.segments import Segments, field_reader
from engine.pricing.cart import Cart, Customer, Line, Rate, Shipment
from engine.pricing.quote import Quote, QuotedLayer
from engine.rules.checked import CART, LayerKind
from engine.rules.expressions import Fact, Subject

GROUP_FACTS = frozenset({"subtotal", "merchandise", "quantity", "lines", "skus", "weight"})
SHIPMENT = -1
"""In place of a segment's index: the lines of the shipment asked about."""
_NOBODY = Customer()


class Goods:
    """The lines of a cart by id, those that gifts were sent back as aside, and the segments they are in."""

    def __init__(self, cart: Cart, segments: Segments) -> None:
        self.cart = cart
        self._segments = segments

    @cached_property
    def lines(self) -> list[Line]:
        return sorted((line for line in self.cart.lines if not line.gift_of), key=lambda line: line.id)

    def segment(self, segment: int) -> list[Line]:
        """The discountable lines of a segment: what a reward of it reaches."""
        return self._lines_of.get(segment, [])

    @cached_property
    def _lines_of(self) -> dict[int, list[Line]]:
        lines_of: dict[int, list[Line]] = {}
        for line in self.lines:
            for segment in self._segments.of(line):
                lines_of.setdefault(segment, []).append(line)
        return lines_of

    def shipment(self, shipment: Shipment) -> list[Line]:
        """A line that names no shipment belongs to the only one."""
        only = shipment.id if len(self.cart.shipments) == 1 else ""
        return [line for line in self.lines if (line.shipment_id or only) == shipment.id]


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """A cart as it enters a layer: what is left of each line and of each chosen rate, by id.

    ``gift_weight`` is grams of the gifts so far; ``asked`` is the shipment asked about in a shipping layer.
    """

    goods: Goods
    subtotals: Mapping[str, int]
    charges: Mapping[str, int]
    gift_weight: int
    asked: Shipment | None = None
    _groups: dict[tuple[int, str], Value] = field(default_factory=dict)

    def asking(self, shipment: Shipment) -> LayerFacts:
        return LayerFacts(self.goods, self.subtotals, self.charges, self.gift_weight, shipment)

    def lines(self, segment: int) -> list[Line]:
        """The lines that a group counts: all of them for ``cart``, else its discountable ones."""
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
                return sum([self.subtotals[line.id] for line in lines])
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
        """Grams; absent when one of the lines has none."""
        weights = [None if line.weight is None else line.weight * line.quantity for line in lines]
        if None in weights:
            return None
        only = segment == SHIPMENT and len(self.goods.cart.shipments) == 1
        return sum(filter(None, weights)) + (self.gift_weight if segment == CART or only else 0)

    @property
    def rate(self) -> Rate | None:
        """The chosen rate of the shipment asked about."""
        return None if self.asked is None else chosen_rate(self.asked)


def chosen_rate(shipment: Shipment) -> Rate | None:
    return next((rate for rate in shipment.rates if rate.method == shipment.method), None)


def layers_entered(goods: Goods, quote: Quote, gift_weights: Mapping[str, int]) -> list[LayerFacts]:
    """The facts that entered each layer of a quote, in order; ``gift_weights`` are grams per unit by promotion."""
    subtotals = {line.id: line.merchandise for line in quote.lines}
    charges = {shipment.id: shipment.price for shipment in quote.shipments}
    weight = 0
    entered = []
    for layer in quote.layers:
        entered.append(LayerFacts(goods, subtotals, charges, weight))
        if layer.adjustments:
            if layer.kind == LayerKind.SHIPPING.value:
                charges = _left(charges, layer)
            else:
                subtotals = _left(subtotals, layer)
            gifts = [each.gift for each in layer.adjustments if each.gift is not None]
            weight += sum(gift.quantity * gift_weights[gift.promotion_id] for gift in gifts)
    return entered


def _left(entered: Mapping[str, int], layer: QuotedLayer) -> dict[str, int]:
    left = dict(entered)
    for adjustment in layer.adjustments:
        for share in adjustment.shares:
            left[share.id] -= share.amount
    return left


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
    raise ValueError(f"{fact.subject.value}.{name} cannot be asked for here")


def _cart_reader(name: str) -> Evaluate[LayerFacts]:
    if name in GROUP_FACTS:
        return lambda facts: facts.group(CART, name)
    match name:
        case "shipping":
            return lambda facts: sum(facts.charges.values())
        case "shipping_methods":
            return _shipping_methods
    read = field_reader(name)
    return lambda facts: read(facts.goods.cart)


def _shipping_methods(facts: LayerFacts) -> tuple[str, ...]:
    shipments = sorted(facts.goods.cart.shipments, key=lambda shipment: shipment.id)
    return tuple(dict.fromkeys(shipment.method for shipment in shipments if shipment.method))


def _shipment_reader(name: str) -> Evaluate[LayerFacts]:
    if name in GROUP_FACTS:
        return lambda facts: facts.group(SHIPMENT, name)
    match name:
        case "price":
            return lambda facts: facts.charges[facts.asked.id] if facts.asked else None
        case "carrier" | "speed":
            return lambda facts: getattr(facts.rate, name) or None
    read = field_reader(name)
    return lambda facts: read(facts.asked)
