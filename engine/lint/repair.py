"""Draft lines are changed until every figure of a cart is within its bounds.

Figures are before any discount, less what an earlier try lost to discounts on the way to a layer.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.lint.items import Draft, nearest
from engine.lint.literals import AtMost, Variable
from engine.lint.scenarios import Scenario, widest
from engine.lint.structure import Structure, group_of
from engine.pricing.cart import Line
from engine.pricing.reference.facts import is_in
from engine.rules.checked_rewards import CART

_REPAIRS = 80
_MOST_LINES = 60
_ORDER = ("skus", "lines", "quantity", "merchandise", "subtotal", "weight")
"""The order in which figures are repaired."""
Losses = Mapping[Variable, int]


class Repair:
    """Changes drafts until their figures are within the bounds of a scenario."""

    def __init__(self, structure: Structure, scenario: Scenario, losses: Losses, drafts: list[Draft]) -> None:
        self._structure = structure
        self._scenario = scenario
        self._losses = losses
        self._drafts = drafts
        self._lines: list[Line] = []
        self._members: dict[int, list[int]] = {}
        self._values: dict[Variable, int] = {}
        counted = [(each, group) for each in sorted(scenario.bounds) if (group := group_of(each)) is not None]
        self._counted = dict(sorted(counted, key=lambda each: _ORDER.index(each[0].name)))
        self._sums = [each for each in scenario.sums if len(each.terms) > 1]

    def lines(self) -> list[Line] | None:
        """None when no repair is found."""
        for _ in range(_REPAIRS):
            if not self._draw():
                return None
            fault = self._fault()
            if fault is None:
                return self._lines
            if len(self._drafts) >= _MOST_LINES or not self._mend(*fault):
                return None
        return None

    def _draw(self) -> bool:
        lines = [draft.line() for draft in self._drafts]
        if None in lines or not lines:
            return False
        self._lines = [each for each in lines if each is not None]
        self._members = {}
        self._values = {}
        return True

    def _in(self, group: int) -> list[int]:
        """Indices of the lines in a group."""
        if group not in self._members:
            segment, currency = self._structure.rules.segments[group], self._structure.currency
            self._members[group] = [
                index for index, line in enumerate(self._lines) if group == CART or is_in(segment, line, currency)
            ]
        return self._members[group]

    def _value(self, variable: Variable) -> int:
        """The figure of the lines as drawn."""
        value = self._values.get(variable)
        if value is None:
            value = self._values[variable] = self._figure(variable)
        return value

    def _figure(self, variable: Variable) -> int:
        group = self._counted.get(variable)
        if group is None:
            return nearest(self._scenario, variable, 0)
        lines = [self._lines[index] for index in self._in(group)]
        match variable.name:
            case "quantity":
                return sum(line.quantity for line in lines)
            case "lines":
                return len(lines)
            case "skus":
                return len({line.sku for line in lines})
            case "weight":
                return sum((line.weight or 0) * line.quantity for line in lines)
        return sum(line.quantity * line.price for line in lines) - self._losses.get(variable, 0)

    def _fault(self) -> tuple[Variable, int] | None:
        """A variable that is out of bounds and what is missing of it (negative: too much)."""
        for variable in self._counted:
            low, high = self._scenario.bound(variable)
            value = self._value(variable)
            if value < low:
                return variable, low - value
            if value > high:
                return variable, high - value
            if value in self._scenario.excluded.get(variable, ()):
                return variable, 1
        return next(filter(None, map(self._fault_of_sum, self._sums)), None)

    def _fault_of_sum(self, sum_: AtMost) -> tuple[Variable, int] | None:
        excess = sum(factor * self._value(variable) for variable, factor in sum_.terms) - sum_.bound
        if excess <= 0:
            return None
        counted = [each for each in sum_.terms if each[0] in self._counted]
        for variable, factor in counted:
            if factor < 0 and self._value(variable) < self._scenario.bound(variable)[1]:
                return variable, -(-excess // -factor)
        for variable, factor in counted:
            if factor > 0:
                return variable, -excess // factor
        return None

    def _mend(self, variable: Variable, missing: int) -> bool:
        indices = self._in(self._counted[variable])
        if not indices:
            return False
        if variable.name in ("lines", "skus"):
            return missing > 0 and self._duplicate(indices, other_sku=variable.name == "skus")
        if variable.name == "quantity":
            return self._change(indices, "quantity", missing)
        if variable.name == "weight":
            return self._change(indices, "weight", missing)
        exact = self._scenario.bound(variable)
        if self._split(indices, exact[1] - exact[0]):
            return True
        if self._change(indices, "price", missing):
            return True
        if missing < 0:
            return self._change(indices, "quantity", -1)
        units = -(-missing // max(1, self._drafts[indices[0]].price))
        return self._change(indices, "quantity", units) or self._duplicate(indices, False)

    def _split(self, indices: list[int], room: int) -> bool:
        """Where units of one price cannot give the exact sum, moves one unit to a line of its own."""
        if any(self._drafts[index].quantity == 1 for index in indices):
            return False
        index = indices[0]
        draft = self._drafts[index]
        if draft.quantity - 1 <= room or draft.bound("quantity")[0] > 1:
            return False
        draft.quantity -= 1
        return self._duplicate([index], other_sku=False)

    def _duplicate(self, indices: list[int], other_sku: bool) -> bool:
        """Adds a line like the first of these that may be there twice, by another SKU if asked for."""
        number, used = len(self._drafts) + 1, frozenset(line.sku for line in self._lines)
        for index in indices:
            draft = self._drafts[index]
            sku = draft.other_sku(used, f"SKU-{number}") if other_sku else self._lines[index].sku
            if sku is not None:
                self._drafts.append(draft.another(number, sku))
                return True
        return False

    def _change(self, indices: list[int], name: str, missing: int) -> bool:
        """Add to (or take from) a number of one line: the one in the fewest groups that have a bound."""
        limited = [
            group
            for variable, group in self._counted.items()
            if self._scenario.bound(variable)[missing > 0] != widest(variable)[missing > 0]
        ]
        for index in sorted(indices, key=lambda each: (sum(each in self._in(group) for group in limited), each)):
            draft = self._drafts[index]
            units = 1 if name == "quantity" else draft.quantity
            change = -(-abs(missing) // units) * (1 if missing > 0 else -1)
            current = getattr(draft, name) or 0
            low, high = draft.bound(name)
            wanted = min(max(current + change, low), high)
            if wanted != current:
                setattr(draft, name, wanted)
                return True
        return False
