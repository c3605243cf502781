"""First and last moments of schedules (docs/pricing.md §4)."""

from __future__ import annotations

from datetime import datetime

import pytest

from engine.rules import load_text
from engine.rules.checked_schedules import Schedule


def schedule(timezone: str, written: str) -> Schedule:
    rules = load_text(
        f"ruleset: shop\ncurrencies: [USD]\ntimezone: {timezone}\npromotions:\n  a:\n    layer: item\n"
        f"    schedule: {written}\n    reward: {{percent_off: {{of: cart, percent: 1}}}}\n"
    )
    found = rules.promotions[0].schedule
    assert found is not None
    return found


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize(
    ("written", "starts"),
    [
        ("2026-06-01", "2026-06-01T00:00+02:00"),
        ("2026-06-01T17:00", "2026-06-01T17:00+02:00"),
        ("2026-06-01 17:00:30", "2026-06-01T17:00:30+02:00"),
        ("2026-10-25T02:30", "2026-10-25T02:30+02:00"),
        ("2026-03-29T02:30", "2026-03-29T03:00+02:00"),
    ],
)
def test_from(written: str, starts: str) -> None:
    assert schedule("Europe/Vienna", f"{{from: {written}}}").starts == seconds(starts)


@pytest.mark.parametrize(
    ("timezone", "written", "ends"),
    [
        ("Europe/Vienna", "2026-08-31", "2026-09-01T00:00+02:00"),
        ("Europe/Vienna", "2026-08-31T00:00", "2026-08-31T00:00+02:00"),
        ("Europe/Vienna", "2026-10-25T02:30", "2026-10-25T02:30+01:00"),
        ("Europe/Vienna", "2026-03-29T02:30", "2026-03-29T03:00+02:00"),
        ("Europe/Vienna", "2100-12-31", "2101-01-01T00:00+01:00"),
        # In Havana, the first hour of this day occurs twice; the day before ends with the first of the two.
        ("America/Havana", "2025-11-01", "2025-11-02T00:00-04:00"),
        # A minute into this day St. John's went back to the day before, which ends with the second midnight.
        ("America/St_Johns", "2010-11-06", "2010-11-07T00:00-03:30"),
        # In São Paulo this day began at 01:00.
        ("America/Sao_Paulo", "2018-11-03", "2018-11-04T01:00-02:00"),
    ],
)
def test_until(timezone: str, written: str, ends: str) -> None:
    assert schedule(timezone, f"{{until: {written}}}").ends == seconds(ends)


def test_every_day_and_hour_unless_said() -> None:
    found = schedule("UTC", "{}")
    assert (found.starts, found.ends, found.weekdays) == (None, None, 0b1111111)
    assert [(window.start, window.end) for window in found.windows] == [(0, 1440)]


@pytest.mark.parametrize(
    ("hours", "start", "end"),
    [("17:00-24:00", 1020, 1440), ("22:30-00:00", 1350, 0), ("22:00-02:00", 1320, 120), ("00:00-24:00", 0, 1440)],
)
def test_hours(hours: str, start: int, end: int) -> None:
    window = schedule("UTC", f'{{hours: "{hours}"}}').windows[0]
    assert (window.start, window.end) == (start, end)
