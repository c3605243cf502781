"""What is known about a text, whether any text fits, and an example."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.rules.expressions import TextTest

_FILLERS = ("other", "other-1", "else", "x", "0", "zz")


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts that are among ``allowed`` (None: any), not ``excluded``, and pass the ``tests``.

    A test is an operation, its part, and whether it must hold or must not. An empty text is none: it means absence.
    """

    allowed: frozenset[str] | None = None
    excluded: frozenset[str] = frozenset()
    tests: tuple[tuple[TextTest, str, bool], ...] = ()

    def among(self, values: frozenset[str]) -> Texts:
        return Texts(values if self.allowed is None else self.allowed & values, self.excluded, self.tests)

    def none_of(self, values: frozenset[str]) -> Texts:
        return Texts(self.allowed, self.excluded | values, self.tests)

    def tested(self, test: TextTest, part: str, holds: bool) -> Texts:
        return Texts(self.allowed, self.excluded, (*self.tests, (test, part, holds)))

    def admits(self, text: str) -> bool:
        return (
            text != ""
            and (self.allowed is None or text in self.allowed)
            and text not in self.excluded
            and all(_passes(text, test, part) is holds for test, part, holds in self.tests)
        )

    @property
    def impossible(self) -> bool:
        """True only when no text fits."""
        if self.allowed is not None:
            return not any(map(self.admits, self.allowed))
        wanted = [(test, part) for test, part, holds in self.tests if holds]
        refused = [(test, part) for test, part, holds in self.tests if not holds]
        return any(_clash(*one, *other) for one in wanted for other in wanted) or any(
            not part or any(_entails(*one, test, part) for one in wanted) for test, part in refused
        )

    def example(self) -> str | None:
        """A text that fits, the same every time; None when none is found."""
        return next(filter(self.admits, self._candidates()), None)

    def _candidates(self) -> Iterator[str]:
        if self.allowed is not None:
            yield from sorted(self.allowed)
            return
        parts: dict[TextTest, list[str]] = {test: [] for test in TextTest}
        for test, part, holds in self.tests:
            if holds:
                parts[test].append(part)
        start = max(parts[TextTest.STARTS_WITH], key=len, default="")
        end = max(parts[TextTest.ENDS_WITH], key=len, default="")
        middle = "".join(parts[TextTest.CONTAINS])
        if start or end or middle:
            yield from (start + middle + end, start + end)
        yield from (start + filler + middle + end for filler in _FILLERS)
        yield from (f"{start}{middle}{number}{end}" for number in range(len(self.excluded) + 1))


def _passes(text: str, test: TextTest, part: str) -> bool:
    match test:
        case TextTest.STARTS_WITH:
            return text.startswith(part)
        case TextTest.ENDS_WITH:
            return text.endswith(part)
        case TextTest.CONTAINS:
            return part in text


def _clash(test: TextTest, part: str, other: TextTest, other_part: str) -> bool:
    """Whether no text passes both."""
    if test is not other or test is TextTest.CONTAINS:
        return False
    return not (_passes(part, test, other_part) or _passes(other_part, test, part))


def _entails(test: TextTest, part: str, other: TextTest, other_part: str) -> bool:
    """Whether every text that passes the first test passes the other."""
    return _passes(part, other, other_part) if other in (test, TextTest.CONTAINS) else False
