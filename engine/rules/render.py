"""Issues for people: `file:line:column: code: message`, the line with the offending text underlined, a near name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from unicodedata import category, east_asian_width

from engine.rules.found import Issue, Position
from engine.rules.nodes import Source

_BEFORE = 50
"""Most characters shown before the offending text."""
_WIDTH = 110
"""Most characters shown of a line."""
_INDENT = "    "


def render(issues: Iterable[Issue], sources: Mapping[str, Source], more: bool = False) -> str:
    """One block per issue; ``more`` says that others were left out."""
    lines = [line for issue in issues for line in _block(issue, sources.get(issue.position.file))]
    return "\n".join([*lines, "and more"] if more else lines)


def _block(issue: Issue, source: Source | None) -> Iterable[str]:
    position = issue.position
    yield f"{position.file}:{position.line}:{position.column}: {issue.code}: {issue.message}"
    line = source.line(position.line) if source is not None else ""
    if line.strip():
        yield from _underlined(line, position)
    if issue.suggestion:
        yield f"{_INDENT}did you mean `{issue.suggestion}`?"


def _underlined(line: str, position: Position) -> tuple[str, str]:
    """The part of the line around the position, and the line below that marks it."""
    start = max(0, position.column - 1 - _BEFORE)
    end = start + _WIDTH
    before, behind = "…" if start else "", "…" if end < len(line) else ""
    shown = before + printable(line[start:end])
    first = position.column - 1 - start + len(before)
    span = max(1, _columns(shown[first : first + position.length]))
    margin = "".join("\t" if character == "\t" else " " * _columns(character) for character in shown[:first])
    return _INDENT + shown + behind, f"{_INDENT}{margin}^{'~' * (span - 1)}"


def printable(text: str) -> str:
    """The text without control characters, which a terminal would obey."""
    return "".join(each if each.isprintable() or each == "\t" else "\N{REPLACEMENT CHARACTER}" for each in text)


def _columns(text: str) -> int:
    """The number of columns that a text takes in a terminal."""
    wide = sum(east_asian_width(character) in "WF" for character in text)
    without_width = sum(category(character) in ("Mn", "Me") for character in text)
    return len(text) + wide - without_width
