"""Coupon codes and limits of promotions (docs/pricing.md §5)."""

from __future__ import annotations

from engine.pricing.coupons import fold
from engine.pricing.redemption import Limit, Period
from engine.pricing.validation import CART_LIMITS
from engine.rules import model
from engine.rules.amounts import Amounts
from engine.rules.checked import Coupons, RedemptionLimits
from engine.rules.issues import Issues
from engine.rules.nodes import Scalar

_WITHOUT_MONEY = frozenset({"gift", "points", "effect"})
"""Kinds of reward that spend no budget."""


class Redemption:
    """Resolves the codes of the promotions of one rule set and the limits of their redemption."""

    def __init__(self, coupons: Coupons, amounts: Amounts, issues: Issues) -> None:
        self._coupons = coupons
        self._amounts = amounts
        self._issues = issues

    def codes(self, written: model.Coupon | None) -> tuple[str, ...]:
        """The shared codes as written; empty when there are none."""
        if written is None:
            return ()
        if not written.written:
            self._issues.missing_key(written.place(), "codes")
        codes: dict[str, Scalar] = {}
        for code in written.codes or ():
            first = codes.setdefault(fold(code, self._coupons.case_sensitive), code)
            if first is not code:
                self._issues.duplicate_code(code.place, code, first, first.place)
            elif code != code.strip() or len(code) > CART_LIMITS.text:
                self._issues.invalid_code(code.place, code, CART_LIMITS.text)
        return tuple(code.text for code in codes.values())

    def limits(self, written: model.Promotion) -> RedemptionLimits | None:
        limits = written.limits
        if limits is None:
            return None
        if limits.per_code is not None and "coupon" not in written.written:
            self._issues.pointless(limits.key_place("per_code"), "per_code")
        if limits.budget is not None and written.reward is not None and written.reward.kind in _WITHOUT_MONEY:
            self._issues.pointless(limits.key_place("budget"), "budget")
        if limits.partial and "budget" not in limits.written:
            self._issues.pointless(limits.key_place("partial"), "partial")
        budget = None if limits.budget is None else self._amounts.read(limits.budget)
        if budget is not None and 0 in budget:
            self._issues.empty_budget(limits.place("budget"))
        return RedemptionLimits(
            _limit(limits.total), _limit(limits.per_customer), _limit(limits.per_code), budget, limits.partial
        )


def _limit(written: int | model.PeriodLimit | None) -> Limit | None:
    match written:
        case None:
            return None
        case int(times):
            return Limit(times)
        case model.PeriodLimit():
            return Limit(written.times, Period(written.per))
