"""When a schedule is open, and when that changes next (docs/pricing.md §4)."""

from __future__ import annotations

from bisect import bisect_right

from engine.rules.checked_schedules import Schedule, Zone

DAY = 86_400
SEARCH = 400 * DAY
"""Seconds after which a weekly pattern that has not changed is assumed never to change."""

_FIRST_WEEKDAY = 3
"""1970-01-01 was a Thursday; Monday is 0."""


def is_open(schedule: Schedule, zone: Zone, second: int) -> bool:
    """Whether the schedule is open at a second since 1970 UTC."""
    if not _within(schedule, second):
        return False
    local = second + zone.offset(second)
    day, minute = local // DAY, local % DAY // 60
    today = _has_weekday(schedule, day)
    yesterday = _has_weekday(schedule, day - 1)
    for window in schedule.windows:
        if window.start < window.end:
            if today and window.start <= minute < window.end:
                return True
        elif (today and minute >= window.start) or (yesterday and minute < window.end):
            return True
    return False


def next_change(schedule: Schedule, zone: Zone, second: int) -> int | None:
    """The first second after ``second`` at which the schedule begins, opens, closes or ends; None when none comes.

    Its beginning and end count even if it is closed then, because the status of a coupon code changes.

    Between two zone transitions the wall clock runs evenly, so the schedule can open or close only at ``starts``, at
    ``ends``, at a zone transition, and when the wall clock shows the start or end of a window. These moments are tried
    in order, up to SEARCH seconds ahead. A weekly pattern that changes at all does so long before that, because
    transitions do not skip the same hours week after week.
    """
    if schedule.starts is not None and schedule.starts > second:
        return schedule.starts
    if schedule.ends is not None and schedule.ends <= second:
        return None
    if not schedule.whole_week:
        was_open = is_open(schedule, zone, second)
        last = second + SEARCH if schedule.ends is None else min(second + SEARCH, schedule.ends)
        moment = second
        while (moment := _next_edge(schedule, zone, moment)) <= last:
            if is_open(schedule, zone, moment) != was_open:
                return moment
    return schedule.ends


def _next_edge(schedule: Schedule, zone: Zone, second: int) -> int:
    """The first moment after ``second`` at which the state may change, ``starts`` and ``ends`` aside."""
    offset = zone.offset(second)
    midnight = (second + offset) // DAY * DAY - offset
    minutes = {minute for window in schedule.windows for minute in (window.start, window.end)}
    edges = [midnight + day * DAY + minute * 60 for day in (0, 1) for minute in minutes]
    transition = bisect_right(zone.starts, second)
    edges += zone.starts[transition : transition + 1]
    return min(edge for edge in edges if edge > second)


def _within(schedule: Schedule, second: int) -> bool:
    return (schedule.starts is None or schedule.starts <= second) and (schedule.ends is None or second < schedule.ends)


def _has_weekday(schedule: Schedule, day: int) -> bool:
    return bool(schedule.weekdays >> (day + _FIRST_WEEKDAY) % 7 & 1)
