"""How many sets a bundle forms where its parts overlap: each takes what it likes, though the next may lack that."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from engine.advice.facts import LayerFacts
from engine.pricing.cart import Line
from engine.rules.checked_rewards import Pick


def sets_formed(parts: Sequence[tuple[Sequence[Line], int]], most: int) -> int:
    """At most so many; of each part, in their order, its lines in pick order and its units in a set.

    One red and one big, the cheaper first, of a big red one at 5.00 and a red one at 6.00: red takes the big one, so
    there is no set.
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
    """By what a unit of a line costs as it enters the layer, on average where its units differ."""
    prices = {line.id: Fraction(facts.entered.subtotals[line.id], line.quantity) for line in lines}
    match pick:
        case Pick.CHEAPEST:
            return sorted(lines, key=lambda line: (prices[line.id], line.id))
        case Pick.DEAREST:
            return sorted(lines, key=lambda line: (-prices[line.id], line.id))
        case Pick.LINE_ORDER:
            return sorted(lines, key=lambda line: line.id)
