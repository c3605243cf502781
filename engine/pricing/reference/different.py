"""Sets no two units of which have something in common (docs/pricing.md §5, ``different``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TypeAlias

from engine.pricing.cart import AttributeValue
from engine.pricing.reference.selection import Candidate

_Counts: TypeAlias = Mapping[AttributeValue | None, int]
"""Units of each kind."""


def different_sets(
    different: str, size: int, wanted: Callable[[], int | None], units: Sequence[Candidate]
) -> Iterator[list[Candidate]]:
    """The units of one set of so many after another, in pick order, in which the units stand, too.

    So many sets are ``wanted`` yet, None without limit. A set has the first units with which the others of these can
    still be formed, as far as there are units for them.
    """
    left = [each for each in units if _kind(each, different) is not None]
    while True:
        counts = Counter(_kind(each, different) for each in left)
        most, possible = wanted(), sets_possible(counts.values(), size)
        sets = possible if most is None else min(most, possible)
        if sets == 0:
            return
        units_of_set = _first(different, size, sets, left, counts)
        yield units_of_set
        left = [each for each in left if each not in units_of_set]


def _first(different: str, size: int, sets: int, units: Sequence[Candidate], counts: _Counts) -> list[Candidate]:
    """The units of the first of so many sets."""
    chosen: dict[AttributeValue | None, Candidate] = {}
    refused = set()
    for unit in units:
        kind = _kind(unit, different)
        if kind in chosen or kind in refused or len(chosen) == size:
            continue
        if _leaves(counts, {*chosen, kind}, size, sets - 1):
            chosen[kind] = unit
        else:
            refused.add(kind)
    return list(chosen.values())


def _leaves(counts: _Counts, kinds: Collection[AttributeValue | None], size: int, sets: int) -> bool:
    """Whether a set with a unit of each of these kinds may leave so many: one with the largest others leaves most."""
    others = sorted((kind for kind in counts if kind not in kinds), key=lambda kind: -counts[kind])
    of_set = {*kinds, *others[: size - len(kinds)]}
    rest = {kind: count - (kind in of_set) for kind, count in counts.items()}
    return len(of_set) == size and sets_possible(rest.values(), size) >= sets


def sets_possible(counts: Collection[int], size: int) -> int:
    """How many sets there can be of so many units of each kind: k of them, if they have units enough with k of a kind.

    Of 3, 1 and 1 units two sets of two: 2 + 1 + 1 are four.
    """
    sets = sum(counts) // size
    while sum(min(count, sets) for count in counts) < size * sets:
        sets -= 1
    return sets


def _kind(unit: Candidate, different: str) -> AttributeValue | None:
    return unit.line.line.value_of(different)
