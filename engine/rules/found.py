"""A mistake in a rule file with its position, and the collector of mistakes."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Self

from engine.rules.words import LONGEST_SHOWN

_MISSPELT = 0.8


def is_near(word: str, other: str, similarity: float = _MISSPELT) -> bool:
    """Whether words are so similar that one counts as a misspelling of the other."""
    return bool(get_close_matches(word, [other], 1, similarity))


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a source: 1-based line and column (in characters), and how many characters it spans on that line."""

    file: str
    line: int
    column: int
    length: int = 1


@dataclass(frozen=True, slots=True, order=True)
class Issue:
    """One mistake: its position, a stable code, what is wrong and what to do; ``suggestion`` is a near name, if any."""

    position: Position
    code: str
    message: str
    suggestion: str = ""


_COMPARISONS = 3000
"""The most comparisons of names in total to find near ones; each may take a tenth of a millisecond."""


class Found:
    """The mistakes found so far: the first ``limit`` of them; ``more`` says that others were left out.

    A position has one code: what a later stage finds there follows from the first mistake.
    """

    def __init__(self, limit: int = 100) -> None:
        self._limit = limit
        self._found: dict[Issue, None] = {}
        self._codes: dict[Position, str] = {}
        self._comparisons = _COMPARISONS
        self.more = False

    def __bool__(self) -> bool:
        return bool(self._found)

    @property
    def found(self) -> tuple[Issue, ...]:
        """In the order of their positions."""
        return tuple(sorted(self._found))

    def has(self, code: str) -> bool:
        """Whether there is a mistake with this code."""
        return code in self._codes.values()

    def copy(self) -> Self:
        """A collector with the same mistakes so far."""
        other = copy(self)
        other._found = dict(self._found)
        other._codes = dict(self._codes)
        return other

    def _add(self, position: Position, code: str, message: str, suggestion: str = "") -> None:
        issue = Issue(position, code, message, suggestion)
        if issue in self._found or self._codes.get(position, code) != code:
            return
        if len(self._found) == self._limit:
            self.more = True
        else:
            self._codes[position] = code
            self._found[issue] = None

    def take_back(self, position: Position, code: str) -> None:
        """Forget what was found at a position: it follows from a mistake that is reported instead."""
        if self._codes.get(position) == code:
            del self._codes[position]
            self._found = {issue: None for issue in self._found if issue.position != position}

    def _near(self, name: str, known: Iterable[str]) -> str:
        """The nearest known name, if any is near."""
        if self.more or len(name) > LONGEST_SHOWN:
            return ""
        names = list(islice(known, self._comparisons))
        self._comparisons -= len(names)
        same = (each for each in names if each.lower() == name.lower())
        return next(same, "") or next(iter(get_close_matches(name, names, 1)), "")
