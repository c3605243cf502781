"""The parts of a rule file: texts, lists and mappings that know their positions, with every scalar as written."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, KeysView, Set
from functools import cached_property
from itertools import chain
from typing import Self, TypeAlias, cast

from engine.rules.found import Position

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_BLANK = " \t\r\n"
_CHARACTER = re.compile(r"[^ \t\r\n]")
_COMMENT = re.compile(r"[ \t]*(?P<text>#[^\s#].*)")
_CHARACTER_IN_QUOTES = {
    "'": re.compile(r"''|[^ \t\r\n]"),
    '"': re.compile(r"\\x..|\\u.{4}|\\U.{8}|\\\r\n|\\.|[^ \t\r\n]", re.DOTALL),
}
_BLANK_ESCAPES = frozenset({"\\ ", "\\t", "\\n", "\\r", "\\\t", "\\\r", "\\\n", "\\\r\n"})


class Source:
    """The text of one file, without byte order mark."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text.removeprefix("\ufeff")

    @cached_property
    def _line_starts(self) -> array[int]:
        """The start of each line; four bytes each, for a text may have millions of lines."""
        return array("I", chain([0], (match.end() for match in _LINE_BREAK.finditer(self.text))))

    def line(self, number: int) -> str:
        """The line with this number, counted from 1; empty where the file has none."""
        if number > len(self._line_starts):
            return ""
        start = self._line_starts[number - 1]
        return self.text[start : self._line_end(start, len(self.text))]

    def place(self, start: int, end: int) -> Position:
        """Characters ``start`` to ``end`` (exclusive) of the text, as far as they are on the line of the first."""
        line = bisect_right(self._line_starts, start)
        line_start = self._line_starts[line - 1]
        return Position(self.file, line, start - line_start + 1, max(1, self._line_end(start, end) - start))

    def _line_end(self, start: int, end: int) -> int:
        """The end of the line that ``start`` is on, without its line break; ``end`` if that comes first."""
        found = _LINE_BREAK.search(self.text, start, end)
        return found.start() if found else min(end, len(self.text))


class Scalar(str):
    """A text of the file, with quotes and escapes undone; it is compared as the plain text."""

    __slots__ = ("_end", "_source", "_start", "_style")
    _start: int
    _end: int
    _source: Source
    _style: str | None

    def __new__(cls, text: str, source: Source, start: int, end: int, style: str | None) -> Self:
        scalar = super().__new__(cls, text)
        scalar._source = source
        scalar._start = start
        scalar._end = end
        scalar._style = style
        return scalar

    @property
    def text(self) -> str:
        return str(self)

    @property
    def start(self) -> int:
        """Where it begins in the text of its file."""
        return self._start

    def mapping(self) -> Mapping:
        """An empty one at the same position."""
        return Mapping(self._source, self._start)

    def read_as(self, text: str) -> Scalar:
        """What was meant, at the position of this."""
        return Scalar(text, self._source, self._start, self._end, self._style)

    def is_bare(self, value: Node) -> bool:
        """Whether there is not even a colon between this key and its value, which is empty."""
        return isinstance(value, Scalar) and value.start == self._end

    @property
    def place(self) -> Position:
        """All of it, quotes included; if it is empty and was meant to begin with `#`, what YAML took for a comment."""
        comment = self._comment
        return self._source.place(*((self._start, self._end) if comment is None else comment.span("text")))

    @property
    def shown(self) -> str:
        """The text for a message."""
        comment = self._comment
        return self.text if comment is None else comment["text"]

    @property
    def _comment(self) -> re.Match[str] | None:
        """What stands behind an empty text on its line and was meant to be the text: `#1 deal`, but not `# a deal`."""
        return None if self else _COMMENT.match(self._source.text, self._end)

    def position(self, offset: int, length: int) -> Position:
        """The position of a part of the text, whatever the quotes and folding; of its end, just after it."""
        written = self._written
        first = _count(self[:offset])
        last = max(first, _count(self[: offset + length]) - 1)
        if last < len(written):
            return self._source.place(written[first][0], written[last][1])
        end = written[-1][1] if written else self._start
        return self._source.place(end, end + 1)

    @property
    def _written(self) -> list[tuple[int, int]]:
        """The place of each non-blank character in the source; folding changes only blanks."""
        text = self._source.text
        if self._style in ("'", '"'):
            characters = _CHARACTER_IN_QUOTES[self._style].finditer(text, self._start + 1, self._end - 1)
            return [each.span() for each in characters if not _is_blank(each.group())]
        start = self._start
        if self._style in ("|", ">"):  # the text begins below its header
            header = _LINE_BREAK.search(text, start, self._end)
            start = header.end() if header else self._end
        return [each.span() for each in _CHARACTER.finditer(text, start, self._end)]


def _count(text: str) -> int:
    return sum(character not in _BLANK for character in text)


def _is_blank(written: str) -> bool:
    if written[:2] in ("\\x", "\\u", "\\U"):
        return chr(int(written[2:], 16)) in _BLANK
    return written in _BLANK_ESCAPES


class _Collection:
    """What lists and mappings share: their start and the key whose value they are, if any."""

    __slots__ = frozenset[
        str
    ]()  # its attributes are slots of the subclasses: lists and mappings have no layout in common

    def __init__(self, source: Source, start: int) -> None:
        super().__init__()
        self.start = start
        self.key: Scalar | None = None
        self._source = source

    @property
    def in_brackets(self) -> bool:
        """Whether it is written in [ ] or { } rather than by indentation."""
        return self._source.text.startswith(("[", "{"), self.start)

    @property
    def name(self) -> str:
        """The key, for a message; empty when there is none."""
        return "" if self.key is None else self.key.text

    @property
    def place(self) -> Position:
        """The place of its key, or of its start when it has none."""
        return self.key.place if self.key is not None else self._source.place(self.start, self.start + 1)

    def listing(self, entries: Iterable[Mapping]) -> Sequence:
        """A list in its place."""
        sequence = Sequence(self._source, self.start)
        sequence.key = self.key
        sequence.extend(entries)
        return sequence


class Sequence(_Collection, list["Node"]):
    """Entries in the order of the file."""

    __slots__ = ("_source", "key", "start")

    def mapping(self) -> Mapping:
        """An empty one in its place."""
        mapping = Mapping(self._source, self.start)
        mapping.key = self.key
        return mapping


class Mapping(_Collection, dict[str, "Node"]):
    """Values by key, in the order of the file; ``merges`` says that keys were to come from elsewhere, too.

    ``repeated`` are the values of keys that stood there already: they count for nothing.
    """

    __slots__ = ("_source", "key", "merges", "repeated", "start")

    def __init__(self, source: Source, start: int) -> None:
        super().__init__(source, start)
        self.merges = False
        self.repeated: list[tuple[Scalar, Node]] = []

    def put(self, key: Scalar, node: Node) -> None:
        if key in self:
            self.repeated.append((key, node))
        else:
            self[key] = node

    @property
    def in_order(self) -> list[tuple[Scalar, Node]]:
        """Keys with their values in the order of the file, including repeated ones."""
        once = [(key, self[key]) for key in self.written_keys]
        return sorted([*once, *self.repeated], key=lambda each: each[0].start) if self.repeated else once

    @property
    def written_keys(self) -> KeysView[Scalar]:
        """The keys with their places."""
        return cast("KeysView[Scalar]", self.keys())

    def renamed(self, names: dict[Scalar, Scalar], without: Set[str]) -> Mapping:
        """The same values under other keys, and some left out."""
        mapping = Mapping(self._source, self.start)
        mapping.key = self.key
        mapping.update((names.get(key, key), self[key]) for key in self.written_keys if key not in without)
        return mapping

    def written_key(self, name: str) -> Scalar:
        return next(key for key in self.written_keys if key == name)


Node: TypeAlias = Scalar | Sequence | Mapping


_MOST_SHOWN = 6
"""The most entries of a collection that a message shows."""


def shown(node: Node) -> str:
    """The node for a message: a text as it is, a short collection in brackets, of any other only the brackets."""
    if isinstance(node, Scalar):
        return node.shown
    brackets = "[]" if isinstance(node, Sequence) else "{}"
    entries = "…" if len(node) > _MOST_SHOWN else ", ".join(_entries_shown(node))
    return entries.join(brackets)


def _entries_shown(node: Sequence | Mapping) -> Iterator[str]:
    if isinstance(node, Sequence):
        return (_entry_shown(each) for each in node)
    return (f"{key}: {_entry_shown(value)}" for key, value in node.items())


def _entry_shown(node: Node) -> str:
    if isinstance(node, Sequence) or (isinstance(node, Mapping) and len(node) != 1):
        return "…"
    if isinstance(node, Mapping):
        ((key, value),) = node.items()
        return f"{key}: {value.text or '…' if isinstance(value, Scalar) else '…'}"
    return node.text or "…"
