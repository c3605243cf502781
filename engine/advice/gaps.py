"""Goods that a cart has too few of: how much is missing, and how many units of a line would make it up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import NamedTuple

from engine.advice.facts import SHIPMENT, LayerFacts
from engine.advice.wording import Wording
from engine.pricing.cart import AttributeValue, Line
from engine.pricing.quote import Unmet
from engine.rules.checked_rewards import CART, DISCOUNTABLE


class Common(NamedTuple):
    """A value that lines have in common; ``fact`` is as in ``Line.value_of``."""

    fact: str
    value: AttributeValue

    def is_of(self, line: Line) -> bool:
        return line.value_of(self.fact) == self.value

    @property
    def text(self) -> str:
        """For people: ``SKU S``, ``model M``, ``line L``."""
        value = str(self.value).lower() if isinstance(self.value, bool) else self.value
        return f"{_kind(self.fact)} {value}"


class Different(NamedTuple):
    """Sets in which no two units have the same value of ``fact``, so that of each kind at most ``sets`` units count."""

    fact: str
    sets: int

    def kinds(self, lines: list[Line]) -> Counter[AttributeValue]:
        """The number of units of each kind."""
        counts: Counter[AttributeValue] = Counter()
        for line in lines:
            value = line.value_of(self.fact)
            if value is not None:
                counts[value] += line.quantity
        return counts

    def room(self, line: Line, lines: list[Line]) -> int:
        """How many more units of the line would count in addition to those of ``lines``."""
        value = line.value_of(self.fact)
        return 0 if value is None else max(0, self.sets - self.kinds(lines)[value])

    @property
    def text(self) -> str:
        """For people: ``another SKU``, ``a flavour with fewer than 2``."""
        kind = _kind(self.fact)
        return f"another {kind}" if self.sets == 1 else f"a {kind} with fewer than {self.sets:,}"


@dataclass(frozen=True, slots=True)
class Group:
    """The goods that a number is read from.

    ``measure`` is the name of the fact (``subtotal``), ``fact`` the number as rule files write it, ``segments`` those
    of the lines that raise it. A sum of several facts has a ``name``, and a line counts in each of them. With ``only``,
    just the lines with that value count; with ``different``, just the units that sets of different units can use.
    """

    measure: str
    fact: str
    segments: tuple[int, ...]
    name: str | None = None
    only: Common | None = None
    different: Different | None = None

    def lines(self, facts: LayerFacts) -> list[Line]:
        """The lines, by id."""
        lines = self._lines_of_segments(facts)
        return lines if self.only is None else [line for line in lines if self.only.is_of(line)]

    def worths(self, facts: LayerFacts) -> list[tuple[Line, int]]:
        """The lines, each with what one more unit of it adds to the number; computed once per facts."""
        return facts.once(self, lambda _: [(line, self.worth(line, facts)) for line in self.lines(facts)])

    def worth(self, line: Line, facts: LayerFacts) -> int:
        """How much one more unit of a line adds to the number."""
        match self.measure:
            case "subtotal" | "merchandise":
                worth = line.price
            case "quantity":
                worth = 1
            case "weight":
                worth = line.weight or 0
            case _:
                worth = 0
        if self.name is not None:
            worth *= sum(line.id == other.id for segment in self.segments for other in facts.lines(segment))
        return worth

    def units(self, facts: LayerFacts) -> int:
        """How many units count."""
        lines = self.lines(facts)
        if self.different is None:
            return sum(line.quantity for line in lines)
        return sum(min(count, self.different.sets) for count in self.different.kinds(lines).values())

    def only_of(self, common: Common) -> Group:
        """The same group, restricted to goods that have this in common."""
        return replace(self, only=common, fact=f"{self.fact} of {common.text}")

    def of_different(self, different: Different) -> Group:
        """The same group, restricted to units that sets of different units can use."""
        return replace(self, different=different, fact=f"{self.fact} of different {_kind(different.fact)}")

    def _lines_of_segments(self, facts: LayerFacts) -> list[Line]:
        if len(self.segments) == 1:
            return facts.lines(self.segments[0])
        lines = {line.id: line for segment in self.segments for line in facts.lines(segment)}
        return [lines[id] for id in sorted(lines)]


@dataclass(frozen=True, slots=True)
class Gap:
    """``missing`` is above 0: minor units, units, grams or products, by the measure of the group."""

    group: Group
    missing: int

    def closers(self, facts: LayerFacts) -> list[tuple[Line, int]]:
        """The lines of the group that may close the gap, each with the fewest units that may.

        If 5.51 is missing, at least one unit of 6.25; what is taken off it shows only when the cart is priced.
        """
        missing = self.missing
        closers = [(line, -(-missing // worth)) for line, worth in self.group.worths(facts) if worth]
        different = self.group.different
        if different is None:
            return closers
        lines = self.group.lines(facts)
        return [(line, units) for line, units in closers if missing <= different.room(line, lines)]

    def unmet(self, facts: LayerFacts) -> Unmet:
        """For the units of a set: 2 found, at least 3 needed."""
        have = self.group.units(facts)
        return Unmet(self.group.fact, f"{have:,}", f"at least {have + self.missing:,}")

    def text(self, wording: Wording, facts: LayerFacts) -> str:
        """For people: ``12.50 more in shoes``."""
        where = self.group.name or " or ".join(_where(segment, wording, facts) for segment in self.group.segments)
        if self.group.only is not None:
            where += f" {'on' if self.group.only.fact == 'line' else 'with'} {self.group.only.text}"
        if self.group.different is not None:
            where += f" of {self.group.different.text}"
        of_segment = self.group.name is None and min(self.group.segments) > DISCOUNTABLE
        match self.group.measure:
            case "subtotal" | "merchandise":
                return f"{wording.amount(self.missing)} more in {where}"
            case "quantity":
                return f"{_counted(self.missing, 'unit')} {'of' if of_segment else 'in'} {where}"
            case "weight":
                return f"{self.missing:,} g more in {where}"
            case "skus":
                return f"{_counted(self.missing, 'product')} in {where}"
        return f"{_counted(self.missing, 'line')} in {where}"


def _where(segment: int, wording: Wording, facts: LayerFacts) -> str:
    if segment == SHIPMENT:
        return f"shipment {facts.asked.id if facts.asked else ''}"
    if segment == CART:
        return "the cart"
    return "discountable goods" if segment == DISCOUNTABLE else wording.group(segment)


def _kind(fact: str) -> str:
    return "SKU" if fact == "sku" else fact.removeprefix("attributes.")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} more {noun}{'' if count == 1 else 's'}"
