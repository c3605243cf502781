"""What is asked about a what-if cart: its total, which promotions apply, and what entered each layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeAlias

from engine.pricing.quote import Adjustment, Outcome, Quote, Share


class Grant(NamedTuple):
    """What a promotion gives in total: money in minor units, points, credit in minor units, units of gifts."""

    amount: int = 0
    points: int = 0
    credit: int = 0
    gifts: int = 0


class Entered(NamedTuple):
    """A cart as it enters a layer: what is left of each line and each chosen rate, by id; grams of gifts so far."""

    subtotals: Mapping[str, int]
    charges: Mapping[str, int]
    gift_weight: int


class Sketch(NamedTuple):
    """Half the work of a quote. Grants are by promotion, in the order granted; ``entered`` is by layer.

    ``segments`` are the segments of each line, by line id, as indices into those of the rule set; a line that is not
    discountable has none.
    """

    total: int
    grants: Mapping[str, Grant]
    entered: tuple[Entered, ...]
    segments: Mapping[str, frozenset[int]]


Outcomes: TypeAlias = Callable[[Iterable[int]], list[Outcome | None]]
"""Why each of these promotions (by index) is not applied; None if it is."""


class Explained(NamedTuple):
    """A quote, its sketch, and its outcomes, which are available until the engine prices another cart."""

    quote: Quote
    sketch: Sketch
    outcomes: Outcomes


def sketch_of(quote: Quote, gift_weights: Mapping[str, int], segments: Mapping[str, frozenset[int]]) -> Sketch:
    """``gift_weights`` are grams per unit, by promotion; ``segments`` are those of the sketch."""
    subtotals: Mapping[str, int] = {line.id: line.merchandise for line in quote.lines}
    charges: Mapping[str, int] = {shipment.id: shipment.price for shipment in quote.shipments}
    weight = 0
    grants: dict[str, Grant] = {}
    entered = []
    for layer in quote.layers:
        entered.append(Entered(subtotals, charges, weight))
        grants |= {each.promotion_id: grant_of(each) for each in layer.adjustments}
        gifts = [each.gift for each in layer.adjustments if each.gift is not None]
        weight += sum(gift.quantity * gift_weights[gift.promotion_id] for gift in gifts)
        of_shipments = [share for each in layer.adjustments for share in each.shipment_shares]
        shares = [share for each in layer.adjustments for share in each.shares]
        if layer.kind == "shipping":
            charges = _left(charges, shares)
        else:
            subtotals = _left(subtotals, shares)
            charges = _left(charges, of_shipments)
    return Sketch(quote.total, grants, tuple(entered), segments)


def grant_of(adjustment: Adjustment) -> Grant:
    """15.00 off with a gift of two mugs is an amount of 1500 and 2 gifts."""
    gift = adjustment.gift
    return Grant(adjustment.amount, adjustment.points, adjustment.credit, 0 if gift is None else gift.quantity)


def _left(entered: Mapping[str, int], shares: Iterable[Share]) -> Mapping[str, int]:
    left = dict(entered)
    for share in shares:
        left[share.id] -= share.amount
    return left
