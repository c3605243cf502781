"""The table of a zone agrees with zoneinfo."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, reset_tzpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.zones import first_moment, last_moment, zone

ZONES = (
    "UTC",
    "Europe/Vienna",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Africa/Monrovia",
)
LAST = int(datetime(2101, 1, 1, tzinfo=UTC).timestamp()) - 1

# The package tzdata is compared with itself, because the machine's own database may be another release.
reset_tzpath(to=())


def local(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@given(st.sampled_from(ZONES), st.integers(0, LAST))
def test_offset_at_any_second(name: str, second: int) -> None:
    table = zone(name)
    offset = table.offsets[max(bisect_right(table.starts, second) - 1, 0)]
    assert timedelta(seconds=offset) == datetime.fromtimestamp(second, ZoneInfo(name)).utcoffset()


@pytest.mark.parametrize("name", ZONES)
def test_every_entry_is_a_change(name: str) -> None:
    table = zone(name)
    assert table.starts[0] == 0
    assert all(earlier < later for earlier, later in pairwise(table.starts))
    assert all(earlier != later for earlier, later in pairwise(table.offsets))


@given(st.sampled_from(ZONES), st.integers(0, LAST), st.sampled_from([0, 1]))
def test_wall_clock_to_moment_and_back(name: str, second: int, fold: int) -> None:
    wall = datetime.fromtimestamp(second, ZoneInfo(name)).replace(tzinfo=None)
    find = last_moment if fold else first_moment
    expected = wall.replace(tzinfo=ZoneInfo(name), fold=fold).timestamp()
    assert find(zone(name), int(wall.replace(tzinfo=UTC).timestamp())) == expected


def test_a_local_time_that_occurs_twice() -> None:
    assert first_moment(zone("Europe/Vienna"), local("2026-10-25T02:30")) == utc("2026-10-25T02:30+02:00")
    assert last_moment(zone("Europe/Vienna"), local("2026-10-25T02:30")) == utc("2026-10-25T02:30+01:00")


@pytest.mark.parametrize("find", [first_moment, last_moment])
def test_a_skipped_local_time_is_the_moment_of_the_change(find: object) -> None:
    assert callable(find)
    assert find(zone("Europe/Vienna"), local("2026-03-29T02:30")) == utc("2026-03-29T03:00+02:00")
    assert find(zone("Pacific/Apia"), local("2011-12-30T12:00")) == utc("2011-12-31T00:00+14:00")


def test_utc_needs_one_entry() -> None:
    assert (zone("UTC").starts, zone("UTC").offsets) == ((0,), (0,))
