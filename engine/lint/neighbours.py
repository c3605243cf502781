"""Pairs of promotions that may meet on one unit, found without looking at all pairs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge

from engine.lint.claim import Claim
from engine.lint.items import item_variable
from engine.lint.literals import TooComplex
from engine.lint.structure import Structure
from engine.money import WHOLE
from engine.rules.checked_rewards import DISCOUNTABLE


class Neighbours:
    """Knows which segments of a rule set may share a line."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._categories: dict[int, frozenset[str]] = {}

    def pairs(self, claims: Sequence[Claim], others: Sequence[Claim]) -> Iterator[tuple[Claim, Claim]]:
        """Claims that may meet and together come to more than the whole, each pair once, the larger ones first."""
        falling = sorted(others, key=lambda each: (-each.ppm, each.promotion.id))
        places: dict[str, list[int]] = {}
        for index, claim in enumerate(falling):
            for category in self._named(claim.segment) or {""}:
                places.setdefault(category, []).append(index)
        done: set[str] = set()
        for claim in sorted(claims, key=lambda each: (-each.ppm, each.promotion.id)):
            done.add(claim.promotion.id)
            named = self._named(claim.segment)
            near = [places.get(each, []) for each in ("", *sorted(named))] if named else [range(len(falling))]
            last = -1
            for index in merge(*near):
                other = falling[index]
                if claim.ppm + other.ppm <= WHOLE:
                    break
                new = index > last and other.promotion.id not in done
                if new and not self._structure.apart(claim.segment, other.segment):
                    yield claim, other
                last = index

    def _named(self, segment: int) -> frozenset[str]:
        """The categories of a segment: two that name different ones have no line in common. Empty: not known."""
        if segment not in self._categories:
            self._categories[segment] = frozenset() if segment == DISCOUNTABLE else self._read(segment)
        return self._categories[segment]

    def _read(self, segment: int) -> frozenset[str]:
        try:
            scenarios = list(self._structure.item_scenarios([segment], []))
        except TooComplex:
            return frozenset()
        found: set[str] = set()
        for scenario in scenarios:
            texts = scenario.texts.get(item_variable("category"))
            if texts is None or texts.allowed is None:
                return frozenset()
            found |= texts.allowed
        return frozenset(found)
