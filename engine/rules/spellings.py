"""Corrections of values that are other spellings of what was expected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from engine.rules.words import COMMA, LONGEST_SHOWN, NO_SPACE

_DECIMALS = frozenset({"factor", "figure", "percent", "rate"})
_NUMBER = re.compile(r"(?:[A-Z]{3}|[$€£¥])? ?([0-9][0-9 ',.]*?) ?(?:[A-Z]{3}|[$€£¥%])?")
_FIGURE = re.compile(r"[0-9]+(\.[0-9]+)?")
_DATE = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})[./-]([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})[./-]([0-9]{1,2})[./-]([0-9]{1,2})")
_FROM_TO = re.compile(r"(.+?) ?[-–] ?(.+)")
_CLOCK = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))? ?([ap]m)?")
_NAME = re.compile(r"[\w.-]+")
_WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAY_TO_DAY = re.compile(r"([a-z]{3})[a-z]* ?[-–] ?([a-z]{3})[a-z]*")
_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")

_DAYS = {
    "weekdays": "[mon, tue, wed, thu, fri]",
    "weekend": "[sat, sun]",
    "weekends": "[sat, sun]",
} | {day: f"[{day[:3]}]" for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")}

_NUMBERS = frozenset({"amount", "count", "factor", "percent", "points", "rate", "repeat"})
_EXPRESSION = re.compile(r"(?:cart|customer|shipment)\.[a-z]| [*/+-] ")
_CONDITION = re.compile(r"item\.[a-z]|[=!<>]=| [<>] | in |&&|\|\|")

OTHER_SPELLINGS = {
    "in": "in", "contains": ".contains(…)", "like": ".contains(…)", "startswith": ".startsWith(…)",
    "=": "==", "is": "==", "=>": ">=", "=<": "<=", "<>": "!=", "===": "==",
    "≠": "!=", "≤": "<=", "≥": ">=", "&": "&&", "and": "&&", "|": "||", "or": "||", "not": "!(…)",
    "–": "-", "−": "-", "×": "*", "“": '"', "”": '"', "„": '"',
}  # fmt: skip
"""Common spellings of operators and quotes elsewhere."""

_TRUTHS = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}
"""Common spellings of true and false elsewhere, in lower case."""

_WITHOUT_LIMIT = frozenset({"all", "always", "infinite", "no limit", "true", "yes"})
"""Common spellings of unlimited elsewhere."""


def key_hint(key: str) -> str:
    """A hint about a key that was not meant as one."""
    if _FIGURE.fullmatch(key):
        return COMMA
    return NO_SPACE if key[:1].isspace() else ""


def plain_decimal(text: str) -> str:
    """A number with a unit, commas or blanks as a plain decimal; empty when it is ambiguous."""
    if len(text) > LONGEST_SHOWN or (match := _NUMBER.fullmatch(text)) is None:
        return ""
    digits = re.sub(r"[ ']", "", match[1])
    if _GROUPED.fullmatch(digits):
        return digits.replace(",", "")
    plain = digits.replace(",", ".")
    return plain if plain != text and plain.count(".") < 2 else ""


def in_braces(keys: Sequence[str], found: str) -> str:
    """A value in braces with the one key that is needed: `{codes: [SAVE]}` for `SAVE`."""
    if found in ("free", "true") and "percent_off" in keys:
        return "{free: true}"
    if len(keys) > 1 or not _NAME.fullmatch(found):
        return ""
    return f"{{{keys[0]}: {f'[{found}]' if keys[0] == 'codes' else found}}}"


def written_here(what: str, found: str, key: str = "") -> str:
    """The correct spelling of what was found; empty when it is not another spelling of what was expected."""
    if what in _DECIMALS:
        return plain_decimal(found)
    if what == "date":
        return _date(found)
    if what == "hours" and (hours := _FROM_TO.fullmatch(found.lower())):
        first, last = map(_clock, hours.groups())
        return f"{first}-{last}" if first and last and first != last else ""
    if what == "list" and key == "weekdays" and (days := _days(found.lower())):
        return days
    if what == "list":
        return f"[{found}]" if _NAME.fullmatch(found) else ""
    if what == "repeat":
        return "unlimited" if found.lower() in _WITHOUT_LIMIT else ""
    truth = _TRUTHS.get(found.lower(), "")
    return truth if what == "yes_no" or (what == "free" and truth == "true") else ""


def looks_computed(what: str, found: str) -> bool:
    """Whether an expression was found where ``what`` is a number."""
    return what in _NUMBERS and _EXPRESSION.search(found) is not None


def looks_like_table(what: str, found: str) -> bool:
    """Whether a mapping was found where ``what`` is a number; one of an amount is read by currency."""
    return what in _NUMBERS and what != "amount" and found == "{…}"


def looks_like_condition(what: str, found: str) -> bool:
    """Whether a condition was found where ``what`` is a segment."""
    return what == "segment" and _CONDITION.search(found) is not None


def _days(found: str) -> str:
    """mon-fri is [mon, tue, wed, thu, fri], weekend is [sat, sun]."""
    match = _DAY_TO_DAY.fullmatch(found)
    if match is None and found in _DAYS:
        return _DAYS[found]
    if match is None or match[1] not in _WEEK or match[2] not in _WEEK:
        return ""
    first, last = _WEEK.index(match[1]), _WEEK.index(match[2])
    return f"[{', '.join((_WEEK * 2)[first : last + 1 + (len(_WEEK) if last < first else 0)])}]"


def _clock(found: str) -> str:
    """7pm is 19:00 and 7 is 07:00; empty for anything else."""
    match = _CLOCK.fullmatch(found)
    if match is None:
        return ""
    hour, minute, half = int(match[1]), match[2] or "00", match[3]
    if half is not None:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return f"{hour:02}:{minute}" if hour < 24 or (hour, minute) == (24, "00") else ""


def _date(found: str) -> str:
    """31.12.2026 and 12/31/2026 are 2026-12-31; 2/3/2026 may be either of two days."""
    if match := _DATE.fullmatch(found):
        first, mark, second, year = match.groups()
        if mark == "/" and int(first) <= 12 and int(second) <= 12:
            return ""
        day, month = (second, first) if int(second) > 12 else (first, second)
    elif match := _YEAR_FIRST.fullmatch(found):
        year, month, day = match.groups()
    else:
        return ""
    try:
        written = date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""
    return written if written != found else ""
