"""Pairs of promotions that may meet on one unit, found without looking at all pairs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.lint.kinds.clamps import Claim
from engine.lint.literals import TooComplex, Variable
from engine.lint.structure import Structure
from engine.rules.checked import DISCOUNTABLE


class Neighbours:
    """Knows which segments of a rule set may share a line."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._named: dict[int, frozenset[tuple[str, str]]] = {}

    def pairs(self, claims: Sequence[Claim], above: int) -> Iterator[tuple[Claim, Claim]]:
        """Claims that may meet and together come to more than ``above`` ppm, the larger ones first."""
        falling = sorted(claims, key=lambda each: -each.ppm)
        places: dict[tuple[str, str] | None, list[int]] = {}
        for index, claim in enumerate(falling):
            for name in self._names(claim.segment) or {None}:
                places.setdefault(name, []).append(index)
        for index, claim in enumerate(falling):
            names = self._names(claim.segment)
            near = [places.get(None, [])] + [places.get(name, []) for name in sorted(names)]
            others = near if names else [range(len(falling))]
            for position in sorted({each for some in others for each in some if each > index}):
                other = falling[position]
                if claim.ppm + other.ppm <= above:
                    break
                if not self._structure.apart(claim.segment, other.segment):
                    yield claim, other

    def _names(self, segment: int) -> frozenset[tuple[str, str]]:
        """The values of one fact by which a segment is told from others; none when it cannot be said."""
        if segment not in self._named:
            self._named[segment] = frozenset() if segment == DISCOUNTABLE else self._read(segment)
        return self._named[segment]

    def _read(self, segment: int) -> frozenset[tuple[str, str]]:
        try:
            scenarios = list(self._structure.item_scenarios([segment], []))
        except TooComplex:
            return frozenset()
        found: set[tuple[str, str]] = set()
        for scenario in scenarios:
            texts = scenario.texts.get(Variable("item", "category"))
            if texts is None or texts.allowed is None:
                return frozenset()
            found |= {("category", each) for each in texts.allowed}
        return frozenset(found)
