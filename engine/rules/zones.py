"""Time zones: the wall clock of a zone from 1970 to 2100, as the table that is stored with the compiled rule set."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from engine.rules.checked_schedules import Zone
from engine.rules.issues import Issues
from engine.rules.nodes import Scalar

UTC_ZONE = Zone("UTC", (0,), (0,))

_END = int(datetime(2101, 1, 1, tzinfo=UTC).timestamp())
_DAY = 24 * 60 * 60
_REACH = 2 * _DAY
"""More than any offset: changes further away do not affect a local time."""


def resolve_zone(name: Scalar, issues: Issues) -> Zone:
    """The zone of that name in the IANA database; UTC, with an issue, when there is none."""
    if name in _names():
        return zone(name.text)
    issues.unknown_timezone(name.place, name, sorted(_names()))
    return UTC_ZONE


@cache
def _names() -> frozenset[str]:
    """Zones of the package tzdata: the databases of two machines may differ."""
    return frozenset((files("tzdata") / "zones").read_text(encoding="ascii").split())


@cache
def zone(name: str) -> Zone:
    """The table of a zone: an entry for 1970 and one for each change of its offset until the end of 2100."""
    with files("tzdata.zoneinfo").joinpath(name).open("rb") as data:
        clock = ZoneInfo.from_file(data, key=name)
    starts, offsets = [0], [_offset(clock, 0)]
    # No zone changes its offset twice within a day, so a day with the same offset at both ends has no change in it.
    for day in range(0, _END, _DAY):
        offset = _offset(clock, day + _DAY)
        if offset != offsets[-1]:
            starts.append(_change(clock, day, day + _DAY))
            offsets.append(offset)
    return Zone(name, tuple(starts), tuple(offsets))


def _change(clock: ZoneInfo, before: int, after: int) -> int:
    """The first second of the offset that holds at ``after``, found by bisection."""
    offset = _offset(clock, after)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (before, middle) if _offset(clock, middle) == offset else (middle, after)
    return after


def _offset(clock: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, clock).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def first_moment(zone: Zone, local: int) -> int:
    """Seconds UTC of a wall-clock time, given in seconds as if it were UTC (docs/pricing.md §4).

    The earlier one when it occurs twice, the moment of the change when it is skipped.
    """
    return min(_moments(zone, local))


def last_moment(zone: Zone, local: int) -> int:
    """As first_moment, but the later one when it occurs twice."""
    return max(_moments(zone, local))


def _moments(zone: Zone, local: int) -> list[int]:
    first = max(bisect_right(zone.starts, local - _REACH) - 1, 0)
    last = max(bisect_right(zone.starts, local + _REACH) - 1, 0)
    moments = [
        local - zone.offsets[i]
        for i in range(first, last + 1)
        if (i == first or zone.starts[i] <= local - zone.offsets[i])
        and (i == last or local - zone.offsets[i] < zone.starts[i + 1])
    ]
    return moments or [
        zone.starts[i]
        for i in range(first + 1, last + 1)
        if zone.starts[i] + zone.offsets[i - 1] <= local < zone.starts[i] + zone.offsets[i]
    ]
