"""What a program says about redemptions: what to count, in which calendar period, and what returns do."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest

from engine._native.program import Program
from engine.pricing.redemption import Limit, Period, Redeemable, Returns
from tests.programs import program_of

SECOND = 10**9
REWARD = "reward: {percent_off: {of: cart, percent: 10}}"


def program(promotions: str = "  {}", head: str = "") -> Program:
    return program_of(f"ruleset: r\ncurrencies: [USD, EUR]\n{head}\npromotions:\n{promotions}")


def test_what_has_limits_a_budget_or_a_coupon_is_redeemable() -> None:
    found = program(
        f"""
  plain: {{layer: item, {REWARD}}}
  codes: {{layer: order, priority: 1, coupon: {{codes: [Summer, WINTER]}}, {REWARD}}}
  pool: {{layer: order, coupon: {{pool: Mail}}, limits: {{per_code: {{times: 2, per: month}}}}, {REWARD}}}
  both: {{layer: item, coupon: {{codes: [A], pool: Club}}, limits: {{budget: {{EUR: 5}}, partial: true}}, {REWARD}}}
  counted: {{layer: item, limits: {{total: 9, per_customer: {{times: 1, per: day}}}}, {REWARD}}}
"""
    )
    assert found.redeemables == (
        Redeemable("both", None, None, None, {"EUR": 500}, True, ("a",), "Club"),
        Redeemable("counted", Limit(9), Limit(1, Period.DAY), None, {}, False, (), ""),
        Redeemable("codes", None, None, None, {}, False, ("summer", "winter"), ""),
        Redeemable("pool", None, None, Limit(2, Period.MONTH), {}, False, (), "Mail"),
    )
    assert (found.pools, found.folds_codes, found.returns) == (("Club", "Mail"), True, Returns.KEEP)


def test_codes_are_as_written_where_case_tells() -> None:
    promotion = f"  a: {{layer: item, coupon: {{codes: [Summer]}}, {REWARD}}}"
    found = program(promotion, "coupons: {case_sensitive: true}\nreturns: claw_back")
    assert (found.folds_codes, found.redeemables[0].codes) == (False, ("Summer",))
    assert found.returns is Returns.CLAW_BACK


def label(period: Period, at: str, zone: str = "UTC") -> str:
    return program(head=f"timezone: {zone}").period(period, int(datetime.fromisoformat(at).timestamp()) * SECOND)


@pytest.mark.parametrize(
    ("period", "at", "expected"),
    [
        (Period.DAY, "2026-06-05T23:59:59Z", "2026-06-05"),
        (Period.WEEK, "2026-06-05T12:00:00Z", "2026-W23"),
        (Period.WEEK, "2026-06-07T23:59:59Z", "2026-W23"),
        (Period.WEEK, "2026-06-08T00:00:00Z", "2026-W24"),
        (Period.WEEK, "2027-01-01T00:00:00Z", "2026-W53"),
        (Period.MONTH, "2026-06-30T23:59:59Z", "2026-06"),
        (Period.YEAR, "2026-12-31T23:59:59Z", "2026"),
        (Period.DAY, "0001-01-01T00:00:00Z", "0001-01-01"),
        (Period.WEEK, "0001-01-01T00:00:00Z", "0001-W01"),
    ],
)
def test_a_period_has_a_label(period: Period, at: str, expected: str) -> None:
    assert label(period, at) == expected


def test_periods_are_those_of_the_rule_sets_zone() -> None:
    assert label(Period.DAY, "2026-06-30T22:30:00Z", "Europe/Vienna") == "2026-07-01"
    assert label(Period.MONTH, "2026-06-30T22:30:00Z", "Europe/Vienna") == "2026-07"
    assert label(Period.YEAR, "2027-01-01T04:59:59Z", "America/New_York") == "2026"
    # The last nanosecond of a day still belongs to it.
    vienna = program(head="timezone: Europe/Vienna")
    midnight = int(datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/Vienna")).timestamp()) * SECOND
    assert [vienna.period(Period.DAY, midnight + each) for each in (-1, 0)] == ["2026-06-30", "2026-07-01"]


@pytest.mark.parametrize("name", ["Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])
def test_labels_are_those_of_the_zone_at_any_moment(name: str) -> None:
    found, random, zone = program(head=f"timezone: {name}"), Random(name), ZoneInfo(name)
    for _ in range(2_000):
        second = random.randrange(4_102_444_800)
        local = datetime.fromtimestamp(second, UTC).astimezone(zone)
        expected = [f"{local:%Y-%m-%d}", f"{local:%G-W%V}", f"{local:%Y-%m}", f"{local:%Y}"]
        assert [found.period(each, second * SECOND + 999_999_999) for each in Period] == expected
