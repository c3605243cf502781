"""How many sets a bundle forms if its parts overlap: each takes its first units, even if a later part needs them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from engine.advice.facts import LayerFacts
from engine.pricing.cart import Line
from engine.rules.checked_rewards import Pick


def sets_formed(parts: Sequence[tuple[Sequence[Line], int]], most: int) -> int:
    """The sets formed, at most ``most``. ``parts`` are, in order, the lines of a part in pick order and its quantity.

    A set of one red and one big item, cheapest first, from a big red one at 5.00 and a red one at 6.00: red takes the
    big one, so there is no set.
    """
    left = {line.id: line.quantity for lines, _ in parts for line in lines}
    for formed in range(most):
        for lines, quantity in parts:
            for line in lines:
                taken = min(quantity, left[line.id])
                left[line.id] -= taken
                quantity -= taken
            if quantity:
                return formed
    return most


def in_pick_order(lines: Sequence[Line], pick: Pick, facts: LayerFacts) -> list[Line]:
    """Lines in pick order, by the price of a unit as it enters the layer, on average if the units of a line differ."""
    prices = {line.id: Fraction(facts.entered.subtotals[line.id], line.quantity) for line in lines}
    match pick:
        case Pick.CHEAPEST:
            return sorted(lines, key=lambda line: (prices[line.id], line.id))
        case Pick.DEAREST:
            return sorted(lines, key=lambda line: (-prices[line.id], line.id))
        case Pick.LINE_ORDER:
            return sorted(lines, key=lambda line: line.id)
