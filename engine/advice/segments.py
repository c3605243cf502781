"""Which segments a line is in, remembered by the facts that filters read: lines of one product are filtered once."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from engine.advice.evaluation import Evaluate, compiled
from engine.pricing.cart import Line
from engine.pricing.reference.conditions import Value
from engine.rules.checked import Segment
from engine.rules.expressions import Fact, facts_of

REMEMBERED = 10_000
"""Kinds of lines; when there are more, all are forgotten."""


class Segments:
    """The segments of a rule set, in one currency (an index into the rule set's)."""

    def __init__(self, segments: Sequence[Segment], currency: int) -> None:
        self.count = len(segments)
        self._everywhere = [index for index, segment in enumerate(segments) if segment.filter is None]
        filters = [(index, segment.filter) for index, segment in enumerate(segments) if segment.filter is not None]
        self._filters = [(index, compiled(each, currency, item_reader)) for index, each in filters]
        facts = dict.fromkeys(fact for _, each in filters for fact in facts_of(each))
        self._readers = [item_reader(fact) for fact in facts]
        self._known: dict[tuple[Value, ...], frozenset[int]] = {}

    def of(self, line: Line) -> frozenset[int]:
        """The segments that a reward reaches the line by; none for a line that is not discountable."""
        if not line.discountable:
            return frozenset()
        key = tuple([read(line) for read in self._readers])
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            found = [index for index, holds in self._filters if holds(line) is True]
            known = self._known[key] = frozenset(self._everywhere + found)
        return known


def item_reader(fact: Fact) -> Evaluate[Line]:
    """Reads a fact of a line as sent."""
    return field_reader(fact.name)


def field_reader(name: str) -> Evaluate[object]:
    """A fact that the cart was sent with. An empty text is absent; a list never is, at most empty."""
    owner_name, _, attribute = name.partition(".")
    owned = attrgetter(owner_name)

    def read(owner: object) -> Value:
        value = owned(owner)
        return None if value == "" else value

    def read_attribute(owner: object) -> Value:
        value = owned(owner).get(attribute)
        return None if value == "" else value

    return read_attribute if attribute else read
