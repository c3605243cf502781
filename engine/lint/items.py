"""Lines of a witness: an item that is as a scenario says, at a price and in a quantity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from engine.lint.literals import AtMost, Variable
from engine.lint.scenarios import Scenario
from engine.lint.texts import Texts
from engine.pricing.cart import AttributeValue, Line
from engine.rules.expressions import Subject

WEIGHT = 500
"""Grams of a unit about which nothing is known."""


@dataclass
class Draft:
    """A line in the making; ``price`` and ``weight`` are per unit."""

    scenario: Scenario
    quantity: int
    price: int
    number: int
    sku: str | None = None
    weight: int | None = None
    _line: tuple[tuple[int, int, int | None], Line | None] | None = None

    def line(self) -> Line | None:
        """The line; None when no item of the scenario has that price and quantity."""
        key = self.quantity, self.price, self.weight
        if self._line is None or self._line[0] != key:
            self._line = key, self._drawn()
        return self._line[1]

    def _drawn(self) -> Line | None:
        scenario = self.scenario.with_literals(
            [*_exactly(item_variable("price"), self.price), *_exactly(item_variable("quantity"), self.quantity)]
        )
        numbers: dict[str, int | None] = {}
        wanted = {"list_price": self.price, "cost": 0, "minimum_price": 0, "weight": self.weight or WEIGHT}
        for name in wanted:
            scenario, numbers[name] = _settled(scenario, item_variable(name), wanted[name])
        attributes: dict[str, AttributeValue] = {}
        for variable in sorted({*scenario.bounds, *scenario.present}):
            name = variable.name.removeprefix("attributes.")
            if name != variable.name and scenario.present.get(variable, True):
                scenario, number = _settled(scenario, variable, 0)
                if number is not None:
                    attributes[name] = number
        if scenario.impossible:
            return None
        for variable, flag in scenario.flags.items():
            attributes[variable.name.removeprefix("attributes.")] = flag
        for variable, texts in scenario.texts.items():
            if variable.name.startswith("attributes."):
                attributes[variable.name.removeprefix("attributes.")] = texts.example() or "other"
        return Line(
            id=f"line-{self.number}",
            sku=self.sku or self._text("sku", f"SKU-{self.number}"),
            quantity=self.quantity,
            price=self.price,
            list_price=numbers["list_price"],
            cost=numbers["cost"],
            minimum_price=numbers["minimum_price"],
            weight=self.weight if numbers["weight"] is None else numbers["weight"],
            category=self._text("category", ""),
            brand=self._text("brand", ""),
            tags=self._tags(),
            attributes=attributes,
            discountable=self.scenario.flags.get(item_variable("discountable"), True),
        )

    def bound(self, name: str) -> tuple[int, int]:
        return self.scenario.bound(item_variable(name))

    def another(self, number: int, other_sku: bool) -> Draft | None:
        """The same item on a line of its own, by another SKU if asked for; None when the SKU is given."""
        sku = None
        texts = self.scenario.texts.get(item_variable("sku"))
        if texts is not None:
            used = self.sku or texts.example()
            sku = (texts.none_of(frozenset({used or ""})) if other_sku else texts).example()
            if other_sku and sku is None:
                return None
        elif not other_sku:
            sku = self.sku or f"SKU-{self.number}"
        return Draft(self.scenario, max(1, self.bound("quantity")[0]), self.price, number, sku, self.weight)

    def _text(self, name: str, default: str) -> str:
        texts = self.scenario.texts.get(item_variable(name))
        if texts is None:
            return "other" if self.scenario.present.get(item_variable(name)) and not default else default
        return texts.example() or default

    def _tags(self) -> tuple[str, ...]:
        has, _ = self.scenario.membership(item_variable("tags"))
        return tuple(sorted(has))


@cache
def item_variable(name: str) -> Variable:
    return Variable(Subject.ITEM.value, name)


def _exactly(variable: Variable, value: int) -> tuple[AtMost, AtMost]:
    return AtMost(((variable, 1),), value), AtMost(((variable, -1),), -value)


def _settled(scenario: Scenario, variable: Variable, wanted: int) -> tuple[Scenario, int | None]:
    """The scenario with a number as near as may be to the one wanted; without it when nothing is said of it."""
    if scenario.present.get(variable) is False:
        return scenario, None
    if variable in scenario.texts or variable in scenario.flags:
        return scenario, None
    if variable not in scenario.bounds and not scenario.present.get(variable):
        return scenario, None
    low, high = scenario.bound(variable)
    value = min(max(wanted, low), high)
    return scenario.with_literals(_exactly(variable, value)), value


def nearest(scenario: Scenario, variable: Variable, wanted: int) -> int:
    """The number nearest to the one wanted that a scenario admits."""
    low, high = scenario.bound(variable)
    value = min(max(wanted, low), high)
    excluded = scenario.excluded.get(variable, frozenset())
    while value in excluded and value < high:
        value += 1
    return value


def text_of(scenario: Scenario, variable: Variable, default: str = "") -> str:
    """A text as the scenario says; the default when it says nothing."""
    texts: Texts | None = scenario.texts.get(variable)
    if texts is not None:
        return texts.example() or default
    return (default or "other") if scenario.present.get(variable) else default
