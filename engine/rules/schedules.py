"""Schedules: local dates, weekdays and hours of a rule file as moments and windows (docs/pricing.md §4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from engine.rules import model
from engine.rules.checked_schedules import ALL_DAY, Schedule, Zone
from engine.rules.issues import Issues
from engine.rules.zones import first_moment, last_moment


def resolve_schedule(written: model.Schedule, zone: Zone, issues: Issues) -> Schedule:
    starts = None if written.from_ is None else first_moment(zone, wall_clock(written.from_))
    ends = None if written.until is None else _end(written.until, zone)
    if starts is not None and ends is not None and ends <= starts:
        issues.empty_schedule(written.place("until"))
    weekdays = sum(1 << model.WEEKDAYS.index(weekday) for weekday in set(written.weekdays))
    return Schedule(starts, ends, weekdays, (written.hours or ALL_DAY,))


def _end(until: date, zone: Zone) -> int:
    if isinstance(until, datetime):
        return last_moment(zone, wall_clock(until))
    midnight = wall_clock(until + timedelta(days=1))
    last = last_moment(zone, midnight)
    return last if last - 1 + zone.offset(last - 1) < midnight else first_moment(zone, midnight)


def wall_clock(moment: date) -> int:
    """A local time in seconds, as if it were UTC; a bare date is its midnight."""
    at = moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day)
    return int(at.replace(tzinfo=UTC).timestamp())
