"""Types of the values in rule files: each reads a text, and describes what is allowed to editors in JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, TypeAlias

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from engine.errors import InvalidAmount
from engine.money import MAX_AMOUNT, parse_percent
from engine.pricing.validation import MAX_QUANTITY, MAX_WEIGHT
from engine.rules.checked_schedules import Window
from engine.rules.entries import issues_of, reported
from engine.rules.expressions import Type
from engine.rules.issues import Issues
from engine.rules.nodes import Mapping, Node, Scalar, shown

MAX_POINTS = 10**9
MAX_RATE = 10**12
"""Points for a currency unit, in millionths."""
MAX_FACTOR = 10**9
"""Of points, in millionths."""

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,9}")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_MILLIONTHS = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,4}))?")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?")
_HOURS = re.compile(r"([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])")
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_DAY = 24 * 60
_UNLIMITED = "unlimited"
_TRUTH_VALUES = {"true": True, "false": False}


def read_whole_number(written: Node, issues: Issues) -> int | None:
    """A whole number of any fact; None, with an issue added, when it is not one."""
    if isinstance(written, Scalar) and _INTEGER.fullmatch(written):
        return int(written)
    issues.expected(written.place, "integer", shown(written))
    return None


def read_literal(written: Scalar, type: Type, issues: Issues) -> str | int | bool | None:
    """A value of a STRING, INT or BOOL fact; None, with an issue added, when it is not one."""
    if type is Type.STRING:
        return written.text
    if type is Type.INT:
        return read_whole_number(written, issues)
    if written in _TRUTH_VALUES:
        return _TRUTH_VALUES[written]
    issues.expected(written.place, "yes_no", written)
    return None


class Reads:
    """Marks a value that ``read`` makes from the text; it raises ValueError or InvalidAmount for any other text.

    ``expected`` is the key of the wording in ``words.EXPECTED``.
    """

    def __init__(self, expected: str, read: Callable[[Scalar], object], schema: dict[str, Any]) -> None:
        self._expected = expected
        self._read = read
        self._schema = schema

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self._schema)  # pydantic writes into it

    def _validate(self, node: Node, info: ValidationInfo) -> object:
        if not isinstance(node, Scalar):
            issues_of(info).expected(node.place, self._expected, shown(node), node.name)
            raise reported()
        try:
            return self._read(node)
        except (ValueError, InvalidAmount):
            found = shown(node)
            issues_of(info).expected(node.place, self._expected, found, takes=lambda text: self._takes(node, text))
            raise reported() from None

    def _takes(self, node: Scalar, text: str) -> bool:
        """Whether another text could stand there."""
        try:
            self._read(node.read_as(text))
        except (ValueError, InvalidAmount):
            return False
        return True


class OneOf(Reads):
    """Marks a text that must be one of these words."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__("", str, {"enum": list(words)})
        self._words = tuple(words)

    def _validate(self, node: Node, info: ValidationInfo) -> str:
        if isinstance(node, Scalar) and node in self._words:
            return node.text
        meant = issues_of(info).not_one_of(node.place, self._words, shown(node))
        if meant not in self._words:
            raise reported()
        return meant


def words(enum: type[Enum]) -> OneOf:
    """Marks a text that must be the value of a member."""
    return OneOf([member.value for member in enum])


class ReadsAmount(Reads):
    """Marks an amount: a decimal, a table by currency or a name; ``check`` reads it, for it knows the currencies."""

    def _validate(self, node: Node, info: ValidationInfo) -> object:
        figures = isinstance(node, Mapping) and all(isinstance(value, Scalar) for value in node.values())
        if isinstance(node, Mapping) and node and figures and not all(key[:1].isdigit() for key in node):
            return node
        return super()._validate(node, info)


def _text(scalar: Scalar) -> Scalar:
    if not scalar:
        raise ValueError("empty")
    return scalar


def _matching(pattern: re.Pattern[str], scalar: Scalar) -> re.Match[str]:
    match = pattern.fullmatch(scalar)
    if match is None:
        raise ValueError("no match")
    return match


def _whole_number(scalar: Scalar) -> int:
    return int(_matching(_WHOLE_NUMBER, scalar).group())


def _repeat(scalar: Scalar) -> int | None:
    return None if scalar == _UNLIMITED else _between(scalar, 1, MAX_QUANTITY)


def _between(scalar: Scalar, least: int, most: int) -> int:
    number = int(_matching(_INTEGER, scalar).group())
    if not least <= number <= most:
        raise ValueError("out of range")
    return number


def _millionths(scalar: Scalar, least: int, most: int) -> int:
    """``1.25`` is 1,250,000."""
    whole, fraction = _matching(_MILLIONTHS, scalar).groups(default="")
    number = int(whole + fraction.ljust(6, "0"))
    if not least <= number <= most:
        raise ValueError("out of range")
    return number


def _true(scalar: Scalar) -> bool:
    if scalar != "true":
        raise ValueError("not true")
    return True


def _yes_no(scalar: Scalar) -> bool:
    if scalar not in _TRUTH_VALUES:
        raise ValueError("neither")
    return _TRUTH_VALUES[scalar]


def _moment(scalar: Scalar) -> date:
    text = _matching(_MOMENT, scalar).group()
    moment = date.fromisoformat(text) if len(text) == len("2026-06-01") else datetime.fromisoformat(text)
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError("out of range")
    return moment


def _local_time(scalar: Scalar) -> datetime:
    moment = _moment(scalar)
    if not isinstance(moment, datetime):
        raise ValueError("a bare date")
    return moment


def _hours(scalar: Scalar) -> Window:
    hour, minute, last_hour, last_minute = (int(part) for part in _matching(_HOURS, scalar).groups())
    window = Window(hour * 60 + minute, last_hour * 60 + last_minute)
    if window.start >= _DAY or window.end > _DAY or window.start == window.end:
        raise ValueError("out of range, or empty")
    return window


def _whole(expected: str, least: int, most: int) -> Reads:
    """Marks a whole number from ``least`` to ``most``."""
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Reads(expected, lambda scalar: _between(scalar, least, most), schema)


def _decimal(expected: str, least: int, most: int) -> Reads:
    """Marks a decimal with at most 4 places, held in millionths."""
    return Reads(expected, lambda scalar: _millionths(scalar, least, most), _FIGURE)


_COUNT = {"type": "integer", "minimum": 1, "maximum": MAX_QUANTITY}
_WRITTEN = {"type": ["string", "number", "boolean"]}
_FIGURE = {"type": ["number", "string"], "pattern": r"^[0-9]+(\.[0-9]+)?$"}
_TABLE = {"type": "object", "additionalProperties": _FIGURE, "minProperties": 1}
_AMOUNT = {"anyOf": [{"type": ["number", "string"]}, _TABLE]}

Text: TypeAlias = Annotated[Scalar, Reads("text", _text, _WRITTEN)]
"""Any text but the empty one, with its place: names, conditions."""
SegmentName: TypeAlias = Annotated[Scalar, Reads("segment", _text, _WRITTEN)]
ConditionText: TypeAlias = Annotated[Scalar, Reads("condition", _text, _WRITTEN)]
"""A condition, or the fact that a table reads, as written."""
FilterText: TypeAlias = Annotated[Scalar, Reads("filter", _text, _WRITTEN)]
"""The condition of a segment on its items, as written."""
PlainText: TypeAlias = Annotated[str, Reads("text", lambda text: _text(text).text, _WRITTEN)]
"""Any text but the empty one, without its place."""
WholeNumber: TypeAlias = Annotated[int, Reads("whole_number", _whole_number, {"type": "integer"})]
Count: TypeAlias = Annotated[int, _whole("count", 1, MAX_QUANTITY)]
"""How many, at least 1."""
Limit: TypeAlias = Annotated[int, _whole("limit", 0, 999_999_999)]
"""How many at most."""
Total: TypeAlias = Annotated[int, _whole("limit", 0, MAX_AMOUNT)]
"""A total."""
Nodes: TypeAlias = Annotated[int, _whole("nodes", 1, 10_000_000)]
Grams: TypeAlias = Annotated[int, _whole("grams", 0, MAX_WEIGHT)]
Points: TypeAlias = Annotated[int, _whole("points", 1, MAX_POINTS)]
Rate: TypeAlias = Annotated[int, _decimal("rate", 100, MAX_RATE)]
"""Points for a currency unit, in millionths."""
Factor: TypeAlias = Annotated[int, _decimal("factor", 10**6, MAX_FACTOR)]
"""In millionths."""
Repeat: TypeAlias = Annotated[int | None, Reads("repeat", _repeat, {"anyOf": [_COUNT, {"const": _UNLIMITED}]})]
"""How often; None without limit."""
Percent: TypeAlias = Annotated[int, Reads("percent", parse_percent, _FIGURE)]
"""In ppm."""
Amount: TypeAlias = Annotated[Scalar | Mapping, ReadsAmount("amount", _text, _AMOUNT)]
"""As written: a decimal, the name of an amount, or a table of decimals by currency."""
Figure: TypeAlias = Annotated[Scalar, Reads("figure", _text, _FIGURE)]
"""As written: a decimal in a currency that is named elsewhere."""
Free: TypeAlias = Annotated[bool, Reads("free", _true, {"const": True})]
YesNo: TypeAlias = Annotated[bool, Reads("yes_no", _yes_no, {"type": "boolean"})]
Moment: TypeAlias = Annotated[date, Reads("date", _moment, {"type": "string"})]
"""A local time (``datetime``) or a bare ``date``."""
LocalTime: TypeAlias = Annotated[datetime, Reads("local_time", _local_time, {"type": "string"})]
Hours: TypeAlias = Annotated[Window, Reads("hours", _hours, {"type": "string", "pattern": f"^{_HOURS.pattern}$"})]
