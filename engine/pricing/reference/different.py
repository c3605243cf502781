"""Sets in which no two units have the same value (docs/pricing.md §5, ``different``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TypeAlias

from engine.pricing.cart import AttributeValue
from engine.pricing.reference.selection import Candidate

_Counts: TypeAlias = Mapping[AttributeValue | None, int]
"""The number of units of each kind; a kind is the units with one value."""


def different_sets(
    different: str, size: int, wanted: Callable[[], int | None], units: Sequence[Candidate]
) -> Iterator[list[Candidate]]:
    """Yields the units of one set of ``size`` after another; ``units``, and those of a set, are in pick order.

    ``wanted`` says how many sets are still wanted, None without limit. A set takes the first units that leave the
    remaining sets possible, as far as there are units for them.
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
    """The units of the first of ``sets`` sets."""
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
    """Whether a set with these kinds can leave ``sets`` more; filling it up from the largest kinds leaves the most."""
    others = sorted((kind for kind in counts if kind not in kinds), key=lambda kind: -counts[kind])
    of_set = {*kinds, *others[: size - len(kinds)]}
    rest = {kind: count - (kind in of_set) for kind, count in counts.items()}
    return len(of_set) == size and sets_possible(rest.values(), size) >= sets


def sets_possible(counts: Collection[int], size: int) -> int:
    """The most sets that units of these kinds can form: the largest k for which at most k units of each are k × size.

    3, 1 and 1 units form two sets of two: 2 + 1 + 1 is four.
    """
    sets = sum(counts) // size
    while sum(min(count, sets) for count in counts) < size * sets:
        sets -= 1
    return sets


def _kind(unit: Candidate, different: str) -> AttributeValue | None:
    return unit.line.line.value_of(different)
