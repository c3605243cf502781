"""YAML text to nodes that know where they stand: texts, lists and mappings, every scalar left as the text it is.

YAML gives the structure only. Its own typing, anchors, aliases and tags play no part: `on`, `0010`, `50.00` and dates
mean what was written, and nothing can grow or circle. Events are walked in a loop: no text exhausts the stack.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import KeysView
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Self, TypeAlias, cast

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
)

from engine.rules.issues import Issues, Position
from engine.rules.words import CUT_SHORT, IN_BRACES, IN_QUOTES


@dataclass(frozen=True, slots=True)
class Limits:
    """What a rule set may take: bytes of its files together, depth of nesting, and how many mistakes are reported."""

    size: int = 64 * 1024 * 1024
    depth: int = 32
    issues: int = 100


_LINE_BREAK = re.compile(r"\r\n|\r|\n")
# What YAML forbids, and what it takes for a line break or nothing where editors do not: lines must agree with theirs.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_BLANK = " \t\r\n"
_CHARACTER = re.compile(r"[^ \t\r\n]")
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
    def _lines(self) -> list[tuple[int, int]]:
        """Where each line starts and ends, line breaks left out."""
        breaks = [(match.start(), match.end()) for match in _LINE_BREAK.finditer(self.text)]
        starts = [0] + [end for _, end in breaks]
        ends = [start for start, _ in breaks] + [len(self.text)]
        return list(zip(starts, ends, strict=True))

    def line(self, number: int) -> str:
        """The line with this number, counted from 1; empty where the file has none."""
        if number > len(self._lines):
            return ""
        start, end = self._lines[number - 1]
        return self.text[start:end]

    def place(self, start: int, end: int) -> Position:
        """Characters ``start`` to ``end`` (exclusive) of the text, as far as they stand on the first one's line."""
        line = bisect_right(self._lines, start, key=lambda bounds: bounds[0])
        line_start, line_end = self._lines[line - 1]
        return Position(self.file, line, start - line_start + 1, max(1, min(end, line_end) - start))


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
    def place(self) -> Position:
        """All of it, quotes included."""
        return self._source.place(self._start, self._end)

    def position(self, offset: int, length: int) -> Position:
        """A part of the text, wherever quotes and folding have put it; for the end of the text, just behind it."""
        written = self._written
        first = _count(self[:offset])
        last = max(first, _count(self[: offset + length]) - 1)
        if last < len(written):
            return self._source.place(written[first][0], written[last][1])
        end = written[-1][1] if written else self._start
        return self._source.place(end, end + 1)

    @property
    def _written(self) -> list[tuple[int, int]]:
        """Where each character that is no blank stands in the source; folding changes nothing but blanks."""
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
    """What lists and mappings share: where they start and the key that they are the value of, if any."""

    def __init__(self, source: Source, start: int) -> None:
        super().__init__()
        self.start = start
        self.key: Scalar | None = None
        self._source = source

    @property
    def place(self) -> Position:
        """Its key, or where it begins when it has none."""
        return self.key.place if self.key is not None else self._source.place(self.start, self.start + 1)


class Sequence(_Collection, list["Node"]):
    """Entries in the order of the file."""


class Mapping(_Collection, dict[str, "Node"]):
    """Values by key, in the order of the file."""

    @property
    def written_keys(self) -> KeysView[Scalar]:
        """The keys with their places."""
        return cast("KeysView[Scalar]", self.keys())

    def written_key(self, name: str) -> Scalar:
        return next(key for key in self.written_keys if key == name)


Node: TypeAlias = Scalar | Sequence | Mapping


def shown(node: Node) -> str:
    """The node for a message: a text as it is, of a collection its brackets."""
    if isinstance(node, Scalar):
        return node.text
    brackets = "[]" if isinstance(node, Sequence) else "{}"
    return "…".join(brackets) if node else brackets


def decode(file: str, data: bytes, issues: Issues) -> Source | None:
    """The text of a file; None when it is no text."""
    try:
        return Source(file, data.decode())
    except UnicodeDecodeError as error:
        before = Source(file, data[: error.start].decode())
        end = len(before.text)
        issues.not_utf8(before.place(end, end + 1))
        return None


def read(source: Source, limits: Limits, issues: Issues) -> Node | None:
    """The file's one document, an empty mapping when there is none; None when it could not be read to its end."""
    forbidden = [match.span() for match in islice(_FORBIDDEN.finditer(source.text), limits.issues)]
    for start, end in forbidden:
        issues.control_character(source.place(start, end), source.text[start])
    if forbidden:
        return None
    try:
        return _Reader(source, limits, issues).read()
    except _Unreadable:
        return None


class _Unreadable(Exception):
    """The rest of a document cannot be read; the issue that says why is added."""


class _Reader:
    def __init__(self, source: Source, limits: Limits, issues: Issues) -> None:
        self._source = source
        self._limits = limits
        self._issues = issues
        self._root: Node | None = None
        self._open: list[Sequence | Mapping] = []
        self._keys: list[Scalar | None] = []  # of each open collection: the key that waits for its value

    def read(self) -> Node:
        parser = yaml.CSafeLoader(self._source.text.encode())
        try:
            while (event := parser.get_event()) is not None:
                self._take(event)
                if self._issues.more:
                    raise _Unreadable
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
            raise _Unreadable from None
        return self._root if self._root is not None else Mapping(self._source, 0)

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        problem = error.problem or ""
        place = self._place(_index(error.problem_mark or error.context_mark))
        if "nesting depth" in problem:  # libyaml from 0.2.6 reads ahead and has a limit of its own, far above ours
            self._issues.too_deep(place, self._limits.depth)
            return
        if error.context and error.context_mark is not None:
            problem += f", {error.context} that starts in line {error.context_mark.line + 1}"
            if "flow" in error.context:
                problem += f"; {IN_BRACES}"
        if error.problem in CUT_SHORT:
            problem += f"; {IN_QUOTES}"
        self._issues.syntax(place, problem)

    def _take(self, event: Event) -> None:
        start = _index(event.start_mark)
        if isinstance(event, ScalarEvent):
            scalar = Scalar(event.value, self._source, start, _index(event.end_mark), event.style)
            if event.anchor is not None or event.tag is not None:
                self._refuse(start, event.anchor, event.tag)
            if event.style == '"' and (control := _CONTROL.search(scalar)):
                self._issues.control_character(scalar.position(control.start(), 1), control.group())
            self._attach(scalar)
        elif isinstance(event, CollectionEndEvent):
            self._open.pop()
            self._keys.pop()
        elif isinstance(event, CollectionStartEvent):
            self._refuse(start, event.anchor, event.tag)
            kind = Mapping if isinstance(event, MappingStartEvent) else Sequence
            self._begin(kind(self._source, start))
        elif isinstance(event, AliasEvent):
            end = _index(event.end_mark)
            self._issues.alias(self._source.place(start, end))
            self._attach(Scalar("", self._source, start, end, None))
        elif isinstance(event, DocumentStartEvent) and self._root is not None:
            self._issues.second_document(self._source.place(start, _index(event.end_mark)))
            raise _Unreadable

    def _refuse(self, start: int, anchor: str | None, tag: str | None) -> None:
        if anchor is not None:
            self._issues.anchor(self._source.place(start, start + len("&") + len(anchor)))
        if tag is not None:
            self._issues.tag(self._place(start))

    def _begin(self, collection: Sequence | Mapping) -> None:
        self._attach(collection)
        self._open.append(collection)
        self._keys.append(None)
        if len(self._open) > self._limits.depth:
            self._issues.too_deep(self._place(collection.start), self._limits.depth)
            raise _Unreadable

    def _attach(self, node: Node) -> None:
        """Puts the node where it belongs: into the innermost open collection, or at the root."""
        if not self._open:
            self._root = node
            return
        parent, key = self._open[-1], self._keys[-1]
        if isinstance(parent, Sequence):
            parent.append(node)
        elif key is not None:
            self._keys[-1] = None
            self._put(parent, key, node)
        elif isinstance(node, Scalar):
            self._keys[-1] = node
        else:
            self._issues.key_not_text(self._place(node.start))
            raise _Unreadable

    def _put(self, mapping: Mapping, key: Scalar, node: Node) -> None:
        if not isinstance(node, Scalar):
            node.key = key
        if not key:
            self._issues.expected(key.place, "text", key)
        elif key in mapping:
            self._issues.duplicate_key(key.place, key, mapping.written_key(key).place)
        else:
            mapping[key] = node

    def _place(self, index: int) -> Position:
        return self._source.place(index, index + 1)


def _index(mark: yaml.Mark | yaml._yaml.Mark | None) -> int:
    return mark.index if mark is not None else 0
