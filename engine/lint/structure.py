"""What holds on every cart of a rule set: how segments contain each other, and how their figures are related."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache, cached_property
from itertools import combinations, permutations

from engine.lint.literals import (
    ALWAYS,
    Alternatives,
    Among,
    AtMost,
    Present,
    TooComplex,
    Variable,
    every,
    item_variable,
)
from engine.lint.reading import Reader
from engine.lint.scenarios import Scenario, widest
from engine.rules.checked import CheckedRules
from engine.rules.checked_rewards import CART, DISCOUNTABLE
from engine.rules.expressions import GROUP_FACTS, Expression, Subject

_COUNTS = ("quantity", "lines", "skus", "merchandise")
_SEGMENT = Subject.SEGMENT.value
_SHIPMENT = Subject.SHIPMENT.value
_WHOLE = frozenset((Subject.CART.value, _SHIPMENT))
_PICKUP = Variable(_SHIPMENT, "pickup")
_CURRENCY = Variable(Subject.CART.value, "currency")
_PER_UNIT = (("price", "merchandise", "quantity"), ("quantity", "quantity", "lines"))
"""A number of an item, the group's figure that it adds up to, and the figure that counts the summands."""


@cache
def group_variable(group: int, name: str, layer: int = 0) -> Variable:
    """The variable of a group of lines: a segment by its index, ``CART`` being the whole cart."""
    if group == CART:
        return Variable(Subject.CART.value, name, layer=layer)
    return Variable(Subject.SEGMENT.value, name, group, layer)


def group_of(variable: Variable) -> int | None:
    """The group whose figure a variable is; None for other variables."""
    if variable.name not in GROUP_FACTS:
        return None
    if variable.subject in _WHOLE:
        return CART
    return variable.group if variable.subject == _SEGMENT else None


class Structure:
    """Knows the segments of a rule set in one currency."""

    def __init__(self, rules: CheckedRules, currency: int) -> None:
        self.rules = rules
        self.currency = currency
        self._reader = Reader(currency, 0)
        self._inside: dict[tuple[int, int], bool] = {}
        self._apart: dict[tuple[int, int], bool] = {}
        self._items: dict[int, Alternatives] = {}
        self._kinds: dict[int, list[Scenario] | None] = {}
        self._alone: dict[tuple[int, tuple[int, ...]], list[AtMost]] = {}

    @cached_property
    def currency_code(self) -> str:
        return self.rules.currencies[self.currency]

    def items(self, segment: int) -> Alternatives:
        """A segment's filter, as alternatives. Raises TooComplex."""
        if segment not in self._items:
            filter = self.rules.segments[segment].filter
            self._items[segment] = ALWAYS if filter is None else self._reader.true(filter)
        return self._items[segment]

    def item_scenarios(
        self, inside: Iterable[int], outside: Iterable[int] = (), demands: Iterable[Expression] = ()
    ) -> Iterator[Scenario]:
        """Items in all of some segments and in none of others. Raises TooComplex."""
        parts = [self.items(each) for each in inside]
        parts += [self._reader.true(each) for each in demands]
        for each in outside:
            filter = self.rules.segments[each].filter
            parts.append([] if filter is None else self._reader.not_true(filter))
        for literals in every(parts):
            scenario = Scenario.of(literals)
            if not scenario.impossible:
                yield scenario

    def inside(self, inner: int, outer: int) -> bool:
        """True only when every line of one segment is in the other."""
        if inner == outer or outer == CART or (outer == DISCOUNTABLE and inner != CART):
            return True
        if inner in (CART, DISCOUNTABLE):
            return False
        key = inner, outer
        if key not in self._inside:
            self._inside[key] = self._none([inner], [outer])
        return self._inside[key]

    def apart(self, one: int, other: int) -> bool:
        """True only when no line can be in both segments."""
        if (one in (CART, DISCOUNTABLE)) and (other in (CART, DISCOUNTABLE)):
            return False
        key = min(one, other), max(one, other)
        if key not in self._apart:
            self._apart[key] = self._none({one, other} - {CART, DISCOUNTABLE})
        return self._apart[key]

    def _none(self, inside: Iterable[int], outside: Iterable[int] = ()) -> bool:
        try:
            return next(self.item_scenarios(inside, outside), None) is None
        except TooComplex:
            return False

    def kinds_of_items(self, segment: int) -> list[Scenario] | None:
        """The items that may be in a segment; None when there are too many kinds of them."""
        if segment not in self._kinds:
            self._kinds[segment] = None
            with suppress(TooComplex):
                self._kinds[segment] = list(self.item_scenarios([segment]))
        return self._kinds[segment]

    def limits(self, segment: int, name: str) -> tuple[int, int]:
        """Bounds of an item's number within a segment."""
        variable = item_variable(name)
        found = [each.bound(variable) for each in self.kinds_of_items(segment) or ()] or [widest(variable)]
        return min(low for low, _ in found), max(high for _, high in found)

    def texts(self, segment: int, name: str) -> int | None:
        """How many texts an item's fact may have within a segment; None when any, or when that is not known."""
        kinds = self.kinds_of_items(segment)
        if kinds is None:
            return None
        found = [each.texts.get(item_variable(name)) for each in kinds]
        listed = [each for each in found if each is not None and each.allowed is not None]
        if len(listed) < len(found):
            return None
        return len({text for each in listed for text in each.allowed or () if each.admits(text)})

    def complete(self, scenario: Scenario) -> Scenario:
        """The scenario, narrowed by what holds on every cart about the groups it mentions."""
        groups = sorted({group for each in scenario.bounds if (group := group_of(each)) is not None} | {CART})
        layers = tuple(sorted({each.layer for each in scenario.bounds if each.name == "subtotal"}))
        return scenario.with_literals(
            [
                *(each for group in groups for each in self._within(group, layers)),
                *self._between(groups, layers),
                *self._shipment(scenario),
                Among(_CURRENCY, frozenset({self.currency_code}), True),
            ]
        )

    def _within(self, group: int, layers: tuple[int, ...]) -> list[AtMost]:
        key = group, layers
        if key not in self._alone:
            self._alone[key] = list(self._of_group(group, layers))
        return self._alone[key]

    def _of_group(self, group: int, layers: tuple[int, ...]) -> Iterator[AtMost]:
        quantity, lines, skus, merchandise = (group_variable(group, name) for name in _COUNTS)
        yield _not_above(lines, quantity)
        yield _not_above(skus, lines)
        yield from _falling(merchandise, [group_variable(group, "subtotal", layer) for layer in layers])
        # A line has at least one unit and one product; without lines there is nothing.
        yield AtMost(((quantity, 1), (lines, -(10**6))), 0)
        yield AtMost(((lines, 1), (skus, -2_000)), 0)
        yield AtMost(((merchandise, 1), (quantity, -(10**15))), 0)
        if group not in (CART, DISCOUNTABLE):
            if self.apart(group, group):  # nothing can be in it
                yield AtMost(((lines, 1),), 0)
            named = self.texts(group, "sku")
            if named is not None:
                yield AtMost(((skus, 1),), named)
            for name, figure, count in _PER_UNIT:
                yield from self._per_unit(group, name, figure, count)

    def _per_unit(self, group: int, name: str, figure: str, count: str) -> Iterator[AtMost]:
        low, high = self.limits(group, name)
        sum, counted = group_variable(group, figure), group_variable(group, count)
        if low:
            yield AtMost(((counted, low), (sum, -1)), 0)
        yield AtMost(((sum, 1), *(((counted, -high),) if high else ())), 0)

    def _between(self, groups: list[int], layers: tuple[int, ...]) -> Iterator[AtMost]:
        figures = [(name, 0) for name in _COUNTS] + [("subtotal", layer) for layer in layers]
        for inner, outer in permutations(groups, 2):
            if self.inside(inner, outer):
                for name, layer in figures:
                    yield _not_above(group_variable(inner, name, layer), group_variable(outer, name, layer))
        for one, other in combinations(groups, 2):
            if CART not in (one, other) and self.apart(one, other):
                for name, layer in figures:
                    if name != "skus":
                        first, second, cart = (group_variable(each, name, layer) for each in (one, other, CART))
                        yield AtMost(((first, 1), (second, 1), (cart, -1)), 0)

    def _shipment(self, scenario: Scenario) -> Iterator[AtMost | Present]:
        """The cart has what a shipment has; a pickup has no address."""
        if scenario.flags.get(_PICKUP):
            yield from (Present(Variable(_SHIPMENT, name), False) for name in ("country", "region", "postal_code"))
        for variable in scenario.bounds:
            if variable.subject == _SHIPMENT and group_of(variable) is not None:
                if variable.name != "weight":
                    yield _not_above(variable, group_variable(CART, variable.name, variable.layer))
                if variable.name == "subtotal":
                    yield _not_above(variable, Variable(_SHIPMENT, "merchandise"))
            if variable.subject == _SHIPMENT and variable.name == "price":
                yield _not_above(variable, Variable(Subject.CART.value, "shipping", layer=variable.layer))


def _not_above(one: Variable, other: Variable) -> AtMost:
    return AtMost(((one, 1), (other, -1)), 0)


def _falling(merchandise: Variable, subtotals: list[Variable]) -> Iterator[AtMost]:
    """Layers only reduce: the first sees the full merchandise, each later one at most what the one before saw."""
    before = merchandise
    for subtotal in subtotals:
        yield _not_above(subtotal, before)
        if subtotal.layer == 0:
            yield _not_above(merchandise, subtotal)
        before = subtotal
