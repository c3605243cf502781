"""What a rule set lets shoppers redeem, and so what a store has to count (docs/pricing.md §5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

_EPOCH = datetime(1970, 1, 1)


class Period(Enum):
    """A calendar period of the rule set's time zone; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Returns(Enum):
    """What happens to promotions when goods are returned (docs/pricing.md §11)."""

    KEEP = "keep"
    CLAW_BACK = "claw_back"
    REPRICE = "reprice"


class Limit(NamedTuple):
    """The most redemptions, in each calendar period or, without one, ever."""

    times: int
    period: Period | None = None


class Redeemable(NamedTuple):
    """A promotion that has limits, a budget or a coupon; None means no limit.

    ``budget`` is in minor units by currency, empty if there is none; ``partial`` allows part of a reward to use up the
    rest of it. ``codes`` are the shared codes, folded if `Program.folds_codes`; ``pool`` is the pool of unique codes,
    empty if there is none.
    """

    promotion_id: str
    total: Limit | None
    per_customer: Limit | None
    per_code: Limit | None
    budget: Mapping[str, int]
    partial: bool
    codes: tuple[str, ...]
    pool: str


def period_label(period: Period, local_second: int) -> str:
    """The period of a wall-clock second, counted from 1970, such as ``2026-06-05`` or ``2026-W23``.

    Weeks are those of ISO 8601, so 2027-01-01 is in ``2026-W53``.
    """
    day = _EPOCH + timedelta(seconds=local_second)
    match period:
        case Period.DAY:
            return day.date().isoformat()
        case Period.WEEK:
            year, week, _ = day.isocalendar()
            return f"{year:04}-W{week:02}"
        case Period.MONTH:
            return f"{day.year:04}-{day.month:02}"
        case Period.YEAR:
            return f"{day.year:04}"
