"""Lines of a witness: an item that fits a scenario, at a price and in a quantity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.lint.literals import AtMost, Variable, item_variable
from engine.lint.scenarios import Scenario
from engine.lint.texts import Texts
from engine.pricing.cart import AttributeValue, Line
from engine.rules.checked import Attribute
from engine.rules.expressions import Subject, Type

WEIGHT = 500
"""Grams of a unit about whose weight nothing is known."""


@dataclass
class Draft:
    """A line in the making; ``price`` and ``weight`` are per unit, ``declared`` the attributes of the rule set."""

    scenario: Scenario
    declared: tuple[Attribute, ...]
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
        scenario, attributes = attributes_of(scenario, self.declared, Subject.ITEM)
        if scenario.impossible:
            return None
        return Line(
            id=f"line-{self.number}",
            sku=self.sku or self._text("sku", f"SKU-{self.number}"),
            quantity=self.quantity,
            price=self.price,
            list_price=numbers["list_price"],
            cost=numbers["cost"],
            minimum_price=numbers["minimum_price"],
            weight=self.weight if numbers["weight"] is None else numbers["weight"],
            category=self._text("category"),
            brand=self._text("brand"),
            tags=self.scenario.listed(item_variable("tags")),
            attributes=attributes,
            discountable=self.scenario.flags.get(item_variable("discountable"), True),
        )

    def bound(self, name: str) -> tuple[int, int]:
        return self.scenario.bound(item_variable(name))

    def another(self, number: int, sku: str) -> Draft:
        """The same item on a line of its own."""
        quantity = max(1, self.bound("quantity")[0])
        return Draft(self.scenario, self.declared, quantity, self.price, number, sku, self.weight)

    def other_sku(self, used: frozenset[str], default: str) -> str | None:
        """A SKU that is not used, which the item may have; the default if it may have any."""
        texts = self.scenario.texts.get(item_variable("sku"))
        return default if texts is None else texts.none_of(used).example()

    def _text(self, name: str, default: str = "") -> str:
        return text_of(self.scenario, item_variable(name), default)


def _exactly(variable: Variable, value: int) -> tuple[AtMost, AtMost]:
    return AtMost(((variable, 1),), value), AtMost(((variable, -1),), -value)


def attributes_of(
    scenario: Scenario, declared: Iterable[Attribute], subject: Subject
) -> tuple[Scenario, dict[str, AttributeValue]]:
    """Values of the declared types for attributes that must be present; and the scenario with their numbers fixed."""
    values: dict[str, AttributeValue] = {}
    for attribute in declared:
        variable = Variable(subject.value, f"attributes.{attribute.name}")
        if attribute.subject is not subject or not scenario.present.get(variable):
            continue
        match attribute.type:
            case Type.STRING:
                values[attribute.name] = text_of(scenario, variable, "other")
            case Type.INT:
                values[attribute.name] = number = nearest(scenario, variable, 0)
                scenario = scenario.with_literals(_exactly(variable, number))
            case _:
                values[attribute.name] = scenario.flags.get(variable, True)
    return scenario, values


def _settled(scenario: Scenario, variable: Variable, wanted: int) -> tuple[Scenario, int | None]:
    """The scenario with the number fixed as near as possible to the wanted one; None when nothing is known about it."""
    if not scenario.present.get(variable):
        return scenario, None
    number = nearest(scenario, variable, wanted)
    return scenario.with_literals(_exactly(variable, number)), number


def nearest(scenario: Scenario, variable: Variable, wanted: int) -> int:
    """The number nearest to the wanted one that the scenario admits."""
    low, high = scenario.bound(variable)
    value = min(max(wanted, low), high)
    excluded = scenario.excluded.get(variable, frozenset())
    while value in excluded and value < high:
        value += 1
    return value


def text_of(scenario: Scenario, variable: Variable, default: str = "") -> str:
    """A text that the scenario admits; the default when nothing is known about it."""
    texts: Texts | None = scenario.texts.get(variable)
    if texts is not None:
        return texts.example() or default
    return (default or "other") if scenario.present.get(variable) else default
