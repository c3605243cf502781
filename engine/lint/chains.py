"""Inequalities that cannot all hold, although each alone leaves every number some room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias

from engine.lint.literals import AtMost, Variable

_Part: TypeAlias = tuple[tuple[Variable, int], ...]


def contradict(sums: Iterable[AtMost]) -> bool:
    """True only when a chain of the sums says that a number is less than itself.

    Each sum is read as: what it adds is at most what it subtracts plus the bound. ``subtotal - merchandise <= 0`` and
    ``merchandise - subtotal <= -1`` add up to 0 <= -1: a cycle of negative length, found by the Bellman-Ford algorithm
    as for systems of difference constraints (Cormen et al., Introduction to Algorithms, 24.4).
    """
    edges = [(_part(each, 1), _part(each, -1), each.bound) for each in sums]
    lengths: dict[_Part, int] = defaultdict(int)
    for _ in range(len({each for edge in edges for each in edge[:2]}) + 1):
        shorter = [edge for edge in edges if lengths[edge[0]] + edge[2] < lengths[edge[1]]]
        if not shorter:
            return False
        for start, end, length in shorter:
            lengths[end] = min(lengths[end], lengths[start] + length)
    return True


def _part(sum: AtMost, sign: int) -> _Part:
    """The variables whose factors have the given sign, with the absolute values of these factors."""
    return tuple(sorted((variable, factor * sign) for variable, factor in sum.terms if factor * sign > 0))
