"""Schedules that end at minute 59, as in 23:59: that minute is not part of them, which is seldom meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.lint.desk import Desk, finding
from engine.lint.findings import Finding, Kind
from engine.lint.trials import Trial
from engine.pricing.reference.schedules import is_open, next_change
from engine.rules.checked import Promotion
from engine.rules.checked_schedules import Schedule, Window, Zone
from engine.rules.description import hours_text, until_text

_LAST_MINUTE = 59


@dataclass(frozen=True, slots=True)
class _Early:
    """One end of a schedule: how it is written, how it is to be written instead, and a moment at which it closes."""

    written: str
    meant: str
    closes: int


def early_end(desk: Desk, promotion: Promotion) -> Iterator[Finding]:
    """The ends of the promotion's schedule just before which it applies, and in the minute after which it does not."""
    schedule, zone = promotion.schedule, desk.rules.zone
    if schedule is None:
        return
    meant = _meant(schedule, zone)
    for end in _ends(desk, schedule, meant):
        lost = end.closes + (60 - zone.local(end.closes).second) // 2
        if not is_open(schedule, zone, end.closes - 1) or not is_open(meant, zone, lost):
            continue
        shown = _shown(desk, promotion, end.closes - 1, lost)
        if shown is not None:
            applies, misses = shown
            yield finding(
                Kind.EARLY_END,
                [promotion],
                f"ends as soon as the clock shows {end.written}, so the rest of that minute is lost: "
                f"to include it, write {end.meant}",
                (f"at {zone.local(end.closes - 1):%Y-%m-%d %H:%M:%S} it applies", applies),
                (f"at {zone.local(lost):%Y-%m-%d %H:%M:%S} it does not", misses),
            )


def _meant(schedule: Schedule, zone: Zone) -> Schedule:
    """The schedule with each end that is at minute 59 moved to the full hour."""
    ends = schedule.ends
    if ends is not None and (local := zone.local(ends)).minute == _LAST_MINUTE:
        ends += 60 - local.second
    windows = tuple(map(_to_full_hour, schedule.windows))
    return replace(schedule, ends=ends, windows=windows)


def _to_full_hour(window: Window) -> Window:
    later = Window(window.start, window.end + 1)
    return later if window.end % 60 == _LAST_MINUTE and later.start != later.end else window


def _ends(desk: Desk, schedule: Schedule, meant: Schedule) -> Iterator[_Early]:
    zone = desk.rules.zone
    if schedule.windows != meant.windows:
        opens = desk.moments.common(schedule)
        closes = None if opens is None else next_change(schedule, zone, opens)
        if closes is not None:
            written = f"{zone.local(closes):%H:%M}"
            yield _Early(written, f"hours: {hours_text(meant.windows)}", closes)
    if schedule.ends is not None and schedule.ends != meant.ends:
        assert meant.ends is not None
        local = zone.local(schedule.ends)
        written = f"{local:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
        yield _Early(written, f"until: {until_text(zone.local(meant.ends))}", schedule.ends)


def _shown(desk: Desk, promotion: Promotion, before: int, lost: int) -> tuple[Trial, Trial] | None:
    """A cart on which the promotion applies just before the end, and the same cart in the minute that is lost."""
    for trials in desk.priced_for(promotion):
        applies = trials.find(trials.goal(promotion), before, lambda trial: trial.applies(promotion))
        misses = None if applies is None else trials.price(replace(applies.cart, at=lost * 10**9))
        if applies is not None and misses is not None and not misses.applies(promotion):
            return applies, misses
    return None
