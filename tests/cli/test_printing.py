"""Moments as people read them."""

from __future__ import annotations

import pytest

from engine.cli.printing import clock
from engine.rules.zones import zone

CHANGE = 1792890000
"""2026-10-25T01:00Z: clocks in Vienna go back from 03:00 to 02:00."""


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (CHANGE - 3601, "2026-10-25 01:59 Europe/Vienna"),
        (CHANGE - 1800, "2026-10-25 02:30 Europe/Vienna (UTC+02:00)"),
        (CHANGE + 1800, "2026-10-25 02:30 Europe/Vienna (UTC+01:00)"),
        (CHANGE + 3600, "2026-10-25 03:00 Europe/Vienna"),
    ],
)
def test_two_moments_of_one_time_are_told_apart(seconds: int, shown: str) -> None:
    assert clock(seconds, zone("Europe/Vienna")) == shown
