"""Schedules by the wall clock, and when they change next, against a scan of every minute."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.pricing.reference.schedules import is_open, next_change
from engine.rules.checked_schedules import ALL_DAY, EVERY_DAY, Schedule, Window, Zone
from tests.random_carts import MOMENTS
from tests.random_rules import ZONES

WEEK = 7 * 86400
UTC_ZONE, NEW_YORK, *_ = ZONES


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@given(
    zone=st.sampled_from(ZONES[:3]),
    start=st.sampled_from(MOMENTS),
    offset=st.integers(-2 * 1440, 2 * 1440),
    weekdays=st.integers(1, EVERY_DAY),
    windows=st.lists(st.builds(Window, st.integers(0, 1439), st.integers(0, 1440)), min_size=1, max_size=3),
    bounds=st.tuples(st.none() | st.integers(-3000, 0), st.none() | st.integers(1, 3000)),
)
@settings(max_examples=60)
def test_next_change_is_the_first_minute_that_differs(
    zone: Zone, start: int, offset: int, weekdays: int, windows: list[Window], bounds: tuple[int | None, int | None]
) -> None:
    """Whether a schedule is open, has begun or has ended. All edges are on whole minutes here, except in odd zones."""
    start -= start % 60
    starts, ends = (None if each is None else start + each * 60 for each in bounds)
    schedule = Schedule(starts, ends, weekdays, tuple(windows))
    at = start + offset * 60

    def state(second: int) -> tuple[bool, bool, bool]:
        begun, ended = starts is None or second >= starts, ends is not None and second >= ends
        return begun, ended, is_open(schedule, zone, second)

    minutes = range(at + 60, at + 2 * WEEK, 60)
    expected = next((minute for minute in minutes if state(minute) != state(at)), None)
    found = next_change(schedule, zone, at)
    if expected is None:
        assert found is None or found >= minutes.stop
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("starts", "ends", "at", "expected"),
    [
        (None, None, 1000, None),
        (2000, None, 1000, 2000),
        (2000, None, 2000, None),
        (None, 2000, 1000, 2000),
        (None, 2000, 2000, None),
        (2000, 3000, 1000, 2000),
        (2000, 10**10, 2000, 10**10),
    ],
)
def test_a_schedule_of_whole_weeks_changes_at_its_bounds(
    starts: int | None, ends: int | None, at: int, expected: int | None
) -> None:
    assert next_change(Schedule(starts, ends, EVERY_DAY, (ALL_DAY,)), NEW_YORK, at) == expected


def test_windows_that_leave_no_gap_never_change() -> None:
    schedule = Schedule(None, None, EVERY_DAY, (Window(0, 720), Window(720, 1440)))
    assert next_change(schedule, NEW_YORK, moment("2026-03-01")) is None


def test_a_window_whose_hour_is_skipped_opens_a_week_later() -> None:
    sunday_at_half_past_two = Schedule(None, None, 0b1000000, (Window(150, 180),))
    found = next_change(sunday_at_half_past_two, NEW_YORK, moment("2026-03-07"))
    assert found == moment("2026-03-15T06:30")


def test_a_schedule_that_never_opens_begins_and_ends() -> None:
    """Because a coupon code is not started before, and expired after."""
    begins, ends = moment("2026-03-07"), moment("2026-03-09")
    schedule = Schedule(begins, ends, 0b1000000, (Window(150, 180),))
    assert next_change(schedule, NEW_YORK, begins - 1) == begins
    assert next_change(schedule, NEW_YORK, begins) == ends
    assert next_change(schedule, NEW_YORK, ends) is None


def test_seconds_of_an_offset_count() -> None:
    zone = Zone("Odd", (0,), (-17762,))
    schedule = Schedule(None, None, EVERY_DAY, (Window(0, 60),))
    midnight = moment("2026-06-01") + 17762
    assert next_change(schedule, zone, midnight - 1) == midnight
    assert next_change(schedule, zone, midnight) == midnight + 3600


def test_a_window_from_a_minute_to_itself_lasts_a_day() -> None:
    monday_from_noon = Schedule(None, None, 0b1, (Window(720, 720),))
    random = Random(1)
    opens = moment("2026-06-01T12:00")
    for _ in range(50):
        second = opens + random.randrange(-86400, 2 * 86400)
        assert is_open(monday_from_noon, UTC_ZONE, second) == (opens <= second < opens + 86400)
