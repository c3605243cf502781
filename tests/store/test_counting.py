"""The counters of a rule set, which of them matter for a cart, and what a quote takes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from engine.errors import InvalidCart
from engine.pricing.cart import Usage
from engine.store.counting import NOTHING, Counter, Counting, Granted, Kind, Redeemer, Take, Tally
from tests.programs import program_of

RULES = """\
ruleset: spring
currencies: [USD, EUR]
timezone: Europe/Berlin
promotions:
  free:
    layer: order
    reward: {percent_off: {of: cart, per: order, percent: 1}}
  total:
    layer: order
    reward: {percent_off: {of: cart, per: order, percent: 1}}
    limits: {total: 3, budget: {USD: 10.00, EUR: 9.00}}
  daily:
    layer: order
    reward: {percent_off: {of: cart, per: order, percent: 1}}
    limits: {total: {times: 2, per: day}, per_customer: {times: 1, per: month}}
  coded:
    layer: order
    coupon: {codes: [SUMMER, Winter]}
    reward: {percent_off: {of: cart, per: order, percent: 1}}
    limits: {total: 5, per_code: 2}
  pooled:
    layer: order
    coupon: {pool: club}
    reward: {percent_off: {of: cart, per: order, percent: 1}}
    limits: {budget: {USD: 10.00}}
"""
LATE = int(datetime(2026, 5, 31, 22, 30, tzinfo=UTC).timestamp()) * 10**9
"""Half past midnight on the first of June in Berlin."""
TOTAL = Counter(Kind.TOTAL)
TODAY = Counter(Kind.TOTAL, "2026-06-01")
ANNA = Counter(Kind.CUSTOMER, "2026-06", "anna")
SUMMER = Counter(Kind.CODE, "", "summer")
DOLLARS = Counter(Kind.SPENT, "", "USD")


def counting(rules: str = RULES) -> Counting:
    return Counting(program_of(rules))


def redeemer(customer: str = "", *codes: str, currency: str = "USD", at: int = LATE) -> Redeemer:
    return Redeemer("c1", currency, at, customer, codes)


def usage(cart: Redeemer, tallies: Mapping[Counter, Tally]) -> dict[str, Usage]:
    return dict(counting().usage(cart, lambda counter: tallies.get(counter, NOTHING)))


@pytest.mark.parametrize(
    "limited",
    [
        "limits: {total: 3}",
        "limits: {per_customer: 1}",
        "limits: {budget: 5.00}",
        "coupon: {codes: [SUMMER]}\n    limits: {per_code: 2}",
        "coupon: {pool: club}",
    ],
)
def test_a_rule_set_with_one_limit_of_any_kind_counts(limited: str) -> None:
    rules = RULES[: RULES.index("  total:")].replace("[USD, EUR]", "[USD]")
    assert not counting(rules).counts
    assert counting(f"{rules}    {limited}\n").counts


def test_counters_are_those_of_the_cart_in_the_periods_of_its_moment() -> None:
    found = counting()
    assert found.counters(redeemer()) == (TOTAL, TODAY, DOLLARS)
    own = {ANNA, SUMMER}
    assert set(found.counters(redeemer("anna", "Summer", "SUMMER", "other"))) == {TOTAL, TODAY, DOLLARS} | own
    before = found.counters(redeemer("anna", at=LATE - 3_600 * 10**9))
    assert set(before) == {TOTAL, DOLLARS, TODAY._replace(period="2026-05-31"), ANNA._replace(period="2026-05")}


def test_what_cannot_matter_is_left_out() -> None:
    tallies = {
        TOTAL: {"total": 2, "coded": 5, "gone": 9, "daily": 9},
        TODAY: {"daily": 1, "total": 9},
        DOLLARS: {"pooled": 500, "total": 0, "daily": 9},
        ANNA: {"total": 1},
    }
    assert usage(redeemer("anna"), tallies) == {}
    assert usage(redeemer("anna", "SUMMER"), tallies) == {"coded": Usage(promotion_id="coded", total=5)}
    assert usage(redeemer("", "of-a-pool"), tallies) == {"pooled": Usage(promotion_id="pooled", spent=500)}


def test_what_can_matter_of_a_promotion_comes_together() -> None:
    tallies = {
        TOTAL: {"total": 3},
        TODAY: {"daily": 2},
        DOLLARS: {"total": 999},
        ANNA: {"daily": 1},
        SUMMER: {"coded": 1},
    }
    assert usage(redeemer("anna", "Summer"), tallies) == {
        "total": Usage(promotion_id="total", total=3, spent=999),
        "daily": Usage(promotion_id="daily", total=2, customer=1),
        "coded": Usage(promotion_id="coded", codes={"summer": 1}),
    }
    assert usage(redeemer(currency="EUR"), tallies)["total"] == Usage(promotion_id="total", total=3)


def test_what_all_carts_share_is_worked_out_once_for_each_change() -> None:
    found, read = counting(), list[Counter]()

    def reading(counter: Counter) -> Tally:
        read.append(counter)
        return {"total": 3} if counter == TOTAL else NOTHING

    first = found.usage(redeemer(), reading, 1)
    assert found.usage(redeemer(), reading, 1) is first
    assert len(read) == 3
    assert found.usage(redeemer(), reading, 2) is not first
    later = redeemer(at=LATE + 24 * 3_600 * 10**9)
    found.usage(later, reading, 2)
    assert read[-3:] == [TOTAL, TODAY._replace(period="2026-06-02"), DOLLARS]


def test_a_quote_takes_what_its_promotions_are_limited_by() -> None:
    granted = [
        Granted("free", "", 1),
        Granted("total", "", 250),
        Granted("daily", "", 5),
        Granted("coded", "Summer", 7),
    ]
    day, month = 24 * 3_600_000, 32 * 24 * 3_600_000
    assert counting().takes(redeemer("anna", "Summer"), granted) == {
        "total": [Take(TOTAL, "total", 1, 3, 0), Take(DOLLARS, "total", 250, 1_000, 0)],
        "daily": [Take(TODAY, "daily", 1, 2, 2 * day), Take(ANNA, "daily", 1, 1, month)],
        "coded": [Take(TOTAL, "coded", 1, 5, 0), Take(SUMMER, "coded", 1, 2, 0)],
    }
    with pytest.raises(InvalidCart, match=r"customer\.id: is missing: daily"):
        counting().takes(redeemer(), granted)


@pytest.mark.parametrize(("period", "days"), [("day", 2), ("week", 8), ("month", 32), ("year", 367)])
def test_a_counter_outlives_its_period_by_a_day(period: str, days: int) -> None:
    rules = RULES.replace("per: day", f"per: {period}")
    [take, _] = counting(rules).takes(redeemer("anna"), [Granted("daily", "", 5)])["daily"]
    assert take.kept == days * 24 * 3_600_000


def test_codes_that_the_rule_set_does_not_list_may_be_of_its_pools() -> None:
    assert counting().unlisted(redeemer("", "SUMMER", "A-1", "", "a-1", "A-1")) == ["A-1", "a-1"]
    without = RULES[: RULES.index("  pooled:")]
    assert counting(without).unlisted(redeemer("", "A-1")) == []
