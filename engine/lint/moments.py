"""Moments at which schedules are open."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.pricing.reference.schedules import is_open, next_change
from engine.rules.checked import CheckedRules
from engine.rules.checked_schedules import Schedule, Zone

_CHANGES = 500
"""The most changes of schedules that are followed in search of a common moment."""


@dataclass
class Moments:
    """Knows when schedules of a rule set are open; all moments are seconds since 1970."""

    zone: Zone
    usual: int
    """For a cart that may be priced at any time: before any schedule with a beginning begins."""
    _first: dict[tuple[Schedule, ...], int | None] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: CheckedRules) -> Moments:
        starts = [each.schedule.starts for each in rules.promotions if each.schedule is not None]
        known = [start for start in starts if start is not None]
        # Noon of a working day in the middle of a month, where that is early enough.
        return cls(rules.zone, min([1_768_478_400, *(start - 86_400 for start in known)]))

    def common(self, *schedules: Schedule | None) -> int | None:
        """The first moment at which all are open, None when none is found; without any schedule the usual one."""
        wanted = tuple(dict.fromkeys(each for each in schedules if each is not None))
        if not wanted:
            return self.usual
        if wanted not in self._first:
            self._first[wanted] = self._search(wanted)
        return self._first[wanted]

    def _search(self, schedules: tuple[Schedule, ...]) -> int | None:
        moment = max([each.starts for each in schedules if each.starts is not None], default=self.usual)
        for _ in range(_CHANGES):
            closed = [each for each in schedules if not is_open(each, self.zone, moment)]
            if not closed:
                return moment
            changes = [next_change(each, self.zone, moment) for each in closed]
            if None in changes:
                return None
            moment = max(change for change in changes if change is not None)
        return None

    def never(self, schedule: Schedule) -> bool:
        """True only when a schedule is open at no moment at all."""
        start = schedule.starts if schedule.starts is not None else 0
        if schedule.ends is None and schedule.starts is None:
            return False
        # A schedule that is closed when it begins opens next, or ends.
        return not is_open(schedule, self.zone, start) and next_change(schedule, self.zone, start) == schedule.ends

    def within(self, inner: Schedule | None, outer: Schedule | None) -> bool:
        """True only when ``inner`` is never open while ``outer`` is closed."""
        if outer is None or inner == outer:
            return True
        if inner is None:
            return False
        if outer.starts is not None and (inner.starts is None or inner.starts < outer.starts):
            return False
        if outer.ends is not None and (inner.ends is None or inner.ends > outer.ends):
            return False
        same_pattern = inner.weekdays & ~outer.weekdays == 0 and set(inner.windows) <= set(outer.windows)
        return outer.whole_week or same_pattern
