"""Schedules of checked rules, and the time zone by whose clock they are read (docs/pricing.md §4).

Moments are in seconds since 1970 UTC.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Zone:
    """Wall clock of a time zone: from ``starts[i]`` (seconds, ascending) local time is UTC + ``offsets[i]`` seconds.

    Before ``starts[0]`` ``offsets[0]`` holds. Both tuples have the same length, at least 1.
    """

    name: str
    starts: tuple[int, ...]
    offsets: tuple[int, ...]

    def offset(self, second: int) -> int:
        """Seconds by which local time is ahead of UTC."""
        return self.offsets[max(0, bisect_right(self.starts, second) - 1)]

    def local(self, second: int) -> datetime:
        """What the clocks of the zone show at a second since 1970 UTC."""
        return _EPOCH + timedelta(seconds=second + self.offset(second))


@dataclass(frozen=True, slots=True)
class Window:
    """Minutes of the local day, ``start`` inclusive, ``end`` exclusive (0 to 1440); over midnight when end <= start."""

    start: int
    end: int

    def __str__(self) -> str:
        """As rule files write it: ``22:00-02:00``."""
        return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (self.start, self.end))


ALL_DAY = Window(0, 24 * 60)
EVERY_DAY = 0b1111111
"""The weekdays of a schedule that has all of them."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Open at second t when starts <= t < ends and, by the wall clock, the weekday and a window hold.

    ``weekdays`` is a bit set, bit 0 Monday (127: every day); ``windows`` is never empty (one 0–1440 window: all day).
    A window over midnight belongs to the weekday on which it starts.
    """

    starts: int | None
    ends: int | None
    weekdays: int
    windows: tuple[Window, ...]

    @property
    def whole_week(self) -> bool:
        """Whether it is open on every day and at every hour, from ``starts`` to ``ends``."""
        return self.weekdays == EVERY_DAY and ALL_DAY in self.windows
