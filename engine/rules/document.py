"""YAML text becomes nodes that know their positions.

YAML gives the structure only. Its own typing, anchors, aliases and tags play no part: `on`, `0010`, `50.00` and dates
mean what was written, and nothing can grow or circle. Events are walked in a loop: no text exhausts the stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

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

from engine.rules.found import Position
from engine.rules.issues import Issues
from engine.rules.nodes import Mapping, Node, Scalar, Sequence, Source
from engine.rules.suggestions.yaml import HIDING, UNFINISHED, column_above, hiding, plainly, yaml_hint


@dataclass(frozen=True, slots=True)
class Limits:
    """What a rule set may take: bytes and nodes of all its files, depth of nesting; and how many mistakes to report.

    Every text, list and mapping is a node, keys too. Read, one takes some 200 bytes of memory, however short it is
    written. A promotion has some twenty.
    """

    size: int = 64 * 1024 * 1024
    nodes: int = 2_000_000
    depth: int = 32
    issues: int = 100


# What YAML forbids, and what it takes for a line break or nothing where editors do not: lines must agree with theirs.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_MERGE_KEY = "<<"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def decode(file: str, data: bytes, issues: Issues) -> Source | None:
    """The text of a file; None when it is not text."""
    try:
        return Source(file, data.decode())
    except UnicodeDecodeError as error:
        before = Source(file, data[: error.start].decode())
        end = len(before.text)
        issues.not_utf8(before.place(end, end + 1))
        return None


def read(sources: Iterable[Source], limits: Limits, issues: Issues) -> Iterator[Node | None]:
    """The document of each file, an empty mapping when there is none; None when the file cannot be read to its end."""
    left = limits.nodes
    for source in sources:
        reader = _Reader(source, limits, left, issues)
        yield reader.read() if _is_plain(source, limits, issues) else None
        left = reader.left


def _is_plain(source: Source, limits: Limits, issues: Issues) -> bool:
    """Whether YAML allows all characters of a text. Reports those that it does not, once if the file is not text."""
    if (zero := source.text.find("\0")) >= 0:
        issues.no_text(source.place(zero, zero + 1))
        return False
    forbidden = [match.span() for match in islice(_FORBIDDEN.finditer(source.text), limits.issues)]
    for start, end in forbidden:
        issues.control_character(source.place(start, end), source.text[start])
    return not forbidden


class _Unreadable(Exception):
    """The rest of a document cannot be read; the issue is already added."""


class _Reader:
    """Reads one file of at most ``left`` nodes, and counts ``left`` down."""

    def __init__(self, source: Source, limits: Limits, left: int, issues: Issues) -> None:
        self.left = left
        self._source = source
        self._limits = limits
        self._issues = issues
        self._root: Node | None = None
        self._open: list[Sequence | Mapping] = []
        self._keys: list[Scalar | None] = []  # for each open collection: the key that waits for its value

    def read(self) -> Node | None:
        parser = yaml.CSafeLoader(self._source.text.encode())
        try:
            while (event := parser.get_event()) is not None:
                self._take(event)
                if self._issues.more:
                    return None
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
            return None
        except _Unreadable:
            return None
        return self._root if self._root is not None else Mapping(self._source, 0)

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        problem, context = error.problem or "", error.context or ""
        unfinished = problem in UNFINISHED  # the mistake is where it began, not what follows
        mark = error.context_mark if unfinished else error.problem_mark or error.context_mark
        place = self._place(_index(mark))
        comment = self._hiding_comment()
        if "nesting depth" in problem:  # libyaml from 0.2.6 reads ahead and has a limit of its own, far above ours
            self._issues.too_deep(place, self._limits.depth)
        elif unfinished and "quoted scalar" in context:
            self._issues.unclosed_quote(place)
        elif comment >= 0:
            self._issues.syntax(self._place(comment), HIDING)
        else:
            if context == "while scanning for the next token":
                context = ""
            elif context and error.context_mark is not None:
                context = f"{context} that starts on line {error.context_mark.line + 1}"
            line = self._source.line(place.line)
            above = next(filter(self._is_read, range(place.line - 1, 0, -1)), 0)
            lines = (line[: place.column - 1], line[place.column - 1 :], self._source.line(above) if above else "")
            hint = yaml_hint(problem, context, *lines)
            if column := column_above(problem, *lines):
                place = Position(self._source.file, above, column)
            found = plainly(", ".join(filter(None, (problem, context))))
            self._issues.syntax(place, "; ".join(filter(None, (found, hint))))

    def _hiding_comment(self) -> int:
        """Where a comment begins that hides the end of brackets that are open; -1 if there is none."""
        start = next((each.start for each in self._open if each.in_brackets), -1)
        return -1 if start < 0 else hiding(self._source.text, start)

    def _is_read(self, number: int) -> bool:
        """Whether there is more on a line than blanks or a comment."""
        return self._source.line(number).lstrip()[:1] not in ("", "#")

    def _take(self, event: Event) -> None:
        start = _index(event.start_mark)
        if isinstance(event, ScalarEvent):
            text = event.value if event.tag is None else ""
            scalar = Scalar(text, self._source, start, _index(event.end_mark), event.style)
            if event.anchor is not None or event.tag is not None:
                self._refuse(start, _index(event.end_mark), event.anchor, event.tag)
            if event.style == '"' and (control := _CONTROL.search(scalar)):
                self._issues.control_character(scalar.position(control.start(), 1), control.group())
            self._attach(scalar)
        elif isinstance(event, CollectionEndEvent):
            self._open.pop()
            self._keys.pop()
        elif isinstance(event, CollectionStartEvent):
            self._refuse(start, start + 1, event.anchor, event.tag)
            kind = Mapping if isinstance(event, MappingStartEvent) else Sequence
            self._begin(kind(self._source, start))
        elif isinstance(event, AliasEvent):
            end = _index(event.end_mark)
            if not self._is_merged():
                self._issues.alias(self._source.place(start, end))
            self._attach(Scalar("", self._source, start, end, None))
        elif isinstance(event, DocumentStartEvent) and self._root is not None:
            self._issues.second_document(self._source.place(start, _index(event.end_mark)))
            raise _Unreadable

    def _is_merged(self) -> bool:
        """Whether this is the value of a merge key or in a list of such values: only the key is reported."""
        return bool(self._open) and _MERGE_KEY in (self._keys[-1], self._open[-1].key)

    def _refuse(self, start: int, end: int, anchor: str | None, tag: str | None) -> None:
        """Nothing else is reported about a text with a tag, so its position spans the whole text."""
        if anchor is not None:
            self._issues.anchor(self._source.place(start, start + len("&") + len(anchor)))
        if tag is not None:
            self._issues.tag(self._source.place(start, end))

    def _begin(self, collection: Sequence | Mapping) -> None:
        self._attach(collection)
        self._open.append(collection)
        self._keys.append(None)
        if len(self._open) > self._limits.depth:
            self._issues.too_deep(self._place(collection.start), self._limits.depth)
            raise _Unreadable

    def _attach(self, node: Node) -> None:
        """Puts the node where it belongs: into the innermost open collection, or at the root."""
        if not self.left:
            self._issues.too_many_nodes(node.place, self._limits.nodes)
            raise _Unreadable
        self.left -= 1
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
        if key == _MERGE_KEY:
            self._issues.merge_key(key.place)
            mapping.merges = True
        elif not key:
            self._issues.expected(key.place, "text", key)
        else:
            if key in mapping:
                self._issues.duplicate_key(key.place, key, mapping.written_key(key).place)
            mapping.put(key, node)

    def _place(self, index: int) -> Position:
        return self._source.place(index, index + 1)


def _index(mark: yaml.Mark | yaml._yaml.Mark | None) -> int:
    return mark.index if mark is not None else 0
