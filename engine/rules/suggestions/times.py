"""Dates, hours and weekdays as people write them elsewhere, in the spelling of rule files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS = tuple(day[:3] for day in _WEEK)
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_LONGEST = 100
"""Longer texts are not days."""
_GROUPS = {"weekday": (0, 4), "workday": (0, 4), "weekend": (5, 6)} | dict.fromkeys(
    ("all", "always", "daily", "any", "every day", "everyday", "all week"), (0, 6)
)
"""The first and last day of a group, by its name in the singular."""

_DAY_FIRST = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4}|(?<=[./])[0-9]{2})")
_YEAR_FIRST = re.compile(r"([0-9]{4})([./-]?)([0-9]{1,2})\2([0-9]{1,2})")
_NAMED = re.compile(r"(?:([a-z]{3,})[. ]+([0-9]{1,2})|([0-9]{1,2})[. -]+([a-z]{3,}))[. ,-]+([0-9]{4})")
_WEEKDAY = re.compile(rf"^(?:{'|'.join(_DAYS)})[a-z]*,? ")
_ORDINAL = re.compile(r"(?<=[0-9])(?:st|nd|rd|th)\b(?: of\b)?")
_AND_TIME = re.compile(r"(.+?)(?:, ?| at |[t ])(\S+(?: ?[ap]m)?)")
_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.h]?([0-9]{2})(?::00(?:\.0+)?)?)? ?h?(?:([ap])\.?m\.?)?")
_FROM_TO = re.compile(r"(?:from |between )?(.+?) ?(?:[-–—]| to | till | until | and ) ?(.+)")
_OPEN_ENDED = re.compile(r"(after|from|before|until|till) (.+)")
_RANGE = re.compile(r"([a-z]+) ?(?:[-–—]| to | through ) ?([a-z]+)")
_SEPARATOR = re.compile(r" ?(?:[,;/&+]|\band\b) ?")


def moment_here(found: str) -> str:
    """`31.12.2026`, `12/31/2026` and `December 31, 2026` are 2026-12-31; with `6pm` behind, 2026-12-31T18:00.

    Empty if it is none, or if it may be either of two days, as 2/3/2026.
    """
    moments = moments_here(found)
    return moments[0] if len(moments) == 1 else ""


def moments_here(found: str) -> list[str]:
    """As `moment_here`; of either of two days, both, the one with the day first before the other."""
    if len(found) > _LONGEST:
        return []
    text = _WEEKDAY.sub("", _ORDINAL.sub("", found.lower()))
    dates = _dates(text)
    if not dates and (parts := _AND_TIME.fullmatch(text)):
        time = _clock(parts[2])
        return [f"{day}T{time}" for day in _dates(parts[1])] if time and time != "24:00" else []
    return dates


def hours_here(found: str) -> str:
    """`9am - 5:30pm` is 09:00-17:30; `6-9pm` is 18:00-21:00, but `9-5pm` 09:00-17:00; empty for anything else."""
    text = found.lower()
    if parts := _FROM_TO.fullmatch(text):
        first, last = parts.groups()
        end = _clock(last)
        start = _clock(first + last[-2:]) if last.endswith("m") and not first.endswith("m") else ""
        if not start or start >= end:
            start = _clock(first)
    elif parts := _OPEN_ENDED.fullmatch(text):
        begins = parts[1] in ("after", "from")
        start, end = (_clock(parts[2]), "24:00") if begins else ("00:00", _clock(parts[2]))
    else:
        return ""
    start = "00:00" if start == "24:00" else start
    return f"{start}-{end}" if start and end and start != end else ""


def days_here(found: str) -> list[str]:
    """`Mon-Wed, weekends` is mon, tue, wed, sat, sun; empty if a part of it is no day."""
    if len(found) > _LONGEST:
        return []
    parts = _SEPARATOR.split(found.lower().strip())
    return _days(parts) or _days(" ".join(parts).split())


def _days(parts: Sequence[str]) -> list[str]:
    days: dict[str, None] = {}
    for part in parts:
        span = _RANGE.fullmatch(part)
        group = _GROUPS.get(part) or _GROUPS.get(part.removesuffix("s"))
        first, last = group or map(_day, span.groups() if span else (part, part))
        if first < 0 or last < 0:
            return []
        days |= dict.fromkeys((_DAYS * 2)[first : last + 1 + (len(_DAYS) if last < first else 0)])
    return list(days)


def _day(name: str) -> int:
    """Monday is 0; -1 for anything that is no day of the week."""
    single = name.removesuffix("s")
    return next((i for i, day in enumerate(_WEEK) if len(name) >= 3 and day.startswith((name, single))), -1)


def _clock(found: str) -> str:
    """`7pm` is 19:00, `7` is 07:00; empty for anything else."""
    match = _CLOCK.fullmatch({"noon": "12pm", "midnight": "24"}.get(found, found))
    if match is None:
        return ""
    hour, minute, half = int(match[1]), match[2] or "00", match[3]
    if half is not None:
        hour = hour % 12 + (12 if half == "p" else 0) if hour <= 12 else 25
    return f"{hour:02}:{minute}" if minute < "60" and (hour < 24 or (hour, minute) == (24, "00")) else ""


def _dates(text: str) -> list[str]:
    """The dates that a text may be: of two, the first has the day before the month."""
    if match := _YEAR_FIRST.fullmatch(text):
        year, mark, month, day = match.groups()
        read = [(year, month, day)] if mark or len(text) == len("20260601") else []
    elif match := _DAY_FIRST.fullmatch(text):
        first, mark, second, year = match.groups()
        year = year if len(year) == 4 else f"20{year}"
        read = [(year, second, first), (year, first, second)]
        if mark != "/" and int(second) <= len(_MONTHS):
            read.pop()
    elif match := _NAMED.fullmatch(text):
        name, day, year = match[1] or match[4], match[2] or match[3], match[5]
        read = [(year, str(i), day) for i, month in enumerate(_MONTHS, 1) if month.startswith(name)][:1]
    else:
        return []
    return list(dict.fromkeys(filter(None, (_date(*map(int, each)) for each in read))))


def _date(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat() if 1970 <= year <= 2100 else ""
    except ValueError:
        return ""
