"""Checks of single fields, which gather what is wrong and where; a path is put together only where something is."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from engine.errors import Violation


def too_many(field: str, entries: int, most: int) -> Violation:
    return Violation(field, f"has {entries:,} entries; at most {most:,} are allowed")


class FieldChecks:
    """Gathers violations, the first ``most`` of them in words; a text may have ``characters``."""

    def __init__(self, characters: int, most: int) -> None:
        self._characters = characters
        self._most = most
        self._violations: list[Violation] = []
        self._count = 0

    def report(self) -> list[Violation]:
        """Empty when nothing is wrong."""
        more = self._count - len(self._violations)
        return (
            [*self._violations, Violation("cart", f"{more:,} more violations are not listed")]
            if more
            else self._violations
        )

    def add(self, field: str, description: str) -> None:
        self._note(Violation(field, description))

    def outside(self, field: str, value: int, least: int, most: int) -> None:
        """A number is not from ``least`` to ``most``."""
        found = f", not {value:,}" if abs(value) < 2**63 else ""  # Python writes no number of more than 4,300 digits
        self.add(field, f"must be from {least:,} to {most:,}{found}")

    def whole(self, field: str, value: int | None, least: int, most: int) -> None:
        if value is not None and not least <= value <= most:
            self.outside(field, value, least, most)

    def size(self, field: str, entries: Collection[object], most: int) -> bool:
        """Whether they are no more than there may be: of more nothing else is looked at."""
        if len(entries) > most:
            self._note(too_many(field, len(entries), most))
        return len(entries) <= most

    def ids(self, field: str, ids: Sequence[str], name: str = "id") -> None:
        """Checks that each is present and appears once."""
        if all(ids) and len(set(ids)) == len(ids):
            return
        seen: set[str] = set()
        for index, each in enumerate(ids):
            if not each:
                self.add(f"{field}[{index}].{name}", "is missing")
            elif each in seen:
                self.add(f"{field}[{index}].{name}", f"{each!r} is used more than once")
            seen.add(each)

    def text_list(self, field: str, texts: Sequence[str], most: int) -> None:
        if self.size(field, texts, most):
            for index, text in enumerate(texts):
                if not self._is_plain(text):
                    self.text(f"{field}[{index}]", text)

    def texts(self, path: str, **texts: str) -> None:
        """Fields by name, behind the path."""
        for name, text in texts.items():
            if not self._is_plain(text):
                self.text(f"{path}{name}", text)

    def text(self, field: str, text: str) -> None:
        if len(text) > self._characters:
            self.add(field, f"is longer than {self._characters:,} characters")
        try:
            text.encode()
        except UnicodeEncodeError:
            self.add(field, "is not valid Unicode")

    def _is_plain(self, text: str) -> bool:
        """Most texts are; of these nothing else need be asked."""
        return len(text) <= self._characters and text.isascii()

    def _note(self, violation: Violation) -> None:
        self._count += 1
        if self._count <= self._most:
            self._violations.append(violation)
