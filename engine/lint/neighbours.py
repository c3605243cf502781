"""Pairs and triples of promotions that may apply to the same unit, found without looking at all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from typing import TypeAlias

from engine.lint.literals import item_variable
from engine.lint.structure import Structure
from engine.money import WHOLE
from engine.rules.checked import Promotion
from engine.rules.checked_rewards import DISCOUNTABLE, BundleReward, BuyGetReward
from engine.rules.expressions import Fact


@dataclass(frozen=True, slots=True)
class Claim:
    """What a promotion may want of its segment: at most ``ppm`` of its price, where a fact is at its least."""

    promotion: Promotion
    segment: int
    ppm: int
    fact: Fact | None = None


Claims: TypeAlias = tuple[Claim, ...]
"""Two or three promotions that may apply to the same unit."""


class Neighbours:
    """Knows which segments of a rule set may share a line."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._categories: dict[int, frozenset[str]] = {}

    def pairs(self, claims: Sequence[Claim], others: Sequence[Claim]) -> Iterator[Claims]:
        """Claims that may meet and together exceed the whole, each pair once, the larger ones first."""
        done: set[str] = set()
        for claim, near in self._near(claims, others):
            done.add(claim.promotion.id)
            for other in near:
                if claim.ppm + other.ppm <= WHOLE:
                    break
                if other.promotion.id not in done and self._meet(claim, other):
                    yield claim, other

    def threes(self, claims: Sequence[Claim], others: Sequence[Claim], whole: int) -> Iterator[Claims]:
        """Triples of a claim and two others that may meet and together exceed the whole, though no two of them do.

        Each triple once; ``whole`` is what there is of a unit, in ppm of its price.
        """
        done: set[str] = set()
        for claim, near in self._near(claims, others):
            done.add(claim.promotion.id)
            larger: list[Claim] = []
            for other in near:
                if claim.ppm + (larger[0] if larger else other).ppm + other.ppm <= whole:
                    break
                if claim.ppm + other.ppm > whole or other.promotion.id in done or not self._meet(claim, other):
                    continue
                for second in larger:
                    if claim.ppm + second.ppm + other.ppm <= whole:
                        break
                    if second.ppm + other.ppm <= whole and self._meet(second, other):
                        yield claim, second, other
                larger.append(other)

    def _meet(self, one: Claim, other: Claim) -> bool:
        """Whether both may take from the same unit: within a layer, no two sets claim it."""
        same_layer = one.promotion.layer == other.promotion.layer
        if same_layer and all(isinstance(each.promotion.reward, BuyGetReward | BundleReward) for each in (one, other)):
            return False
        return not self._structure.apart(one.segment, other.segment)

    def _near(self, claims: Sequence[Claim], others: Sequence[Claim]) -> Iterator[tuple[Claim, Iterator[Claim]]]:
        """Each claim with the others that may share a category with it, larger claims first."""
        falling = sorted(others, key=_falling)
        places: dict[str, list[int]] = {}
        for index, claim in enumerate(falling):
            for category in self._named(claim.segment) or {""}:
                places.setdefault(category, []).append(index)
        for claim in sorted(claims, key=_falling):
            named = self._named(claim.segment)
            near = [places.get(each, []) for each in ("", *sorted(named))] if named else [range(len(falling))]
            yield claim, (falling[index] for index, _ in groupby(merge(*near)))

    def _named(self, segment: int) -> frozenset[str]:
        """The categories of a segment: two that name different ones have no line in common. Empty: not known."""
        if segment not in self._categories:
            self._categories[segment] = frozenset() if segment == DISCOUNTABLE else self._read(segment)
        return self._categories[segment]

    def _read(self, segment: int) -> frozenset[str]:
        found: set[str] = set()
        for scenario in self._structure.kinds_of_items(segment) or ():
            texts = scenario.texts.get(item_variable("category"))
            if texts is None or texts.allowed is None:
                return frozenset()
            found |= texts.allowed
        return frozenset(found)


def _falling(claim: Claim) -> tuple[int, str]:
    return -claim.ppm, claim.promotion.id
