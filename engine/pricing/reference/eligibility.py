"""What is decided about a promotion before any layer, for the cart as a whole (docs/pricing.md §5, §8)."""

from __future__ import annotations

from collections.abc import Container, Iterable

from engine.pricing.cart import Cart, Usage
from engine.pricing.coupons import Coded, SentCodes, fold
from engine.pricing.quote import Reason
from engine.pricing.reference.numbers import has_figures
from engine.pricing.reference.schedules import is_open
from engine.rules.checked import CheckedRules, Promotion, RedemptionLimits

_NO_LIMITS = RedemptionLimits()


def coded(promotion: Promotion, rules: CheckedRules) -> Coded:
    """The promotion's codes, folded as the rule set says."""
    per_code = (promotion.limits or _NO_LIMITS).per_code
    times = None if per_code is None else per_code.times
    return Coded(promotion.id, _folded(rules, promotion), promotion.pool, times)


def listed_codes(rules: CheckedRules) -> frozenset[str]:
    """The shared codes of all promotions, folded as the rule set says."""
    return _folded(rules, *rules.promotions)


def _folded(rules: CheckedRules, *promotions: Promotion) -> frozenset[str]:
    return frozenset(fold(code, rules.coupons.case_sensitive) for each in promotions for code in each.codes)


def sent_codes(rules: CheckedRules, cart: Cart, listed: Container[str]) -> SentCodes:
    """The codes that the cart sends; ``listed`` are the codes of the rule set (`listed_codes`)."""
    return SentCodes(cart, listed, rules.coupons.case_sensitive, rules.coupons.one_per_cart)


class Eligibility:
    """Decides which promotions may apply to one cart."""

    def __init__(self, rules: CheckedRules, cart: Cart) -> None:
        self._rules = rules
        self._cart = cart
        self._currency = rules.currencies.index(cart.currency)
        self._is_empty = all(line.gift_of for line in cart.lines)
        self._usage = {usage.promotion_id: usage for usage in cart.usage}
        self.codes = sent_codes(rules, cart, listed_codes(rules))

    def obstacle(self, promotion: Promotion) -> Reason | None:
        """Why the promotion cannot apply, whatever the layers do; None if it may."""
        if self._is_empty:
            return Reason.EMPTY_CART
        if promotion.id in self._cart.declined_promotions:
            return Reason.DECLINED
        if not has_figures(promotion, self._currency):
            return Reason.NO_AMOUNT_IN_CURRENCY
        return self._schedule(promotion) or self._coupon(promotion) or self._limits(promotion)

    def coupon(self, promotion: Promotion) -> str:
        """The code that the promotion uses, as first sent; empty if it needs none."""
        return next((self.codes.sent[code] for code in self._counting(promotion) if self._serves(promotion, code)), "")

    def budget(self, promotion: Promotion) -> int | None:
        """What is left of the promotion's budget, in minor units; None if it has no budget."""
        budget = (promotion.limits or _NO_LIMITS).budget
        figure = None if budget is None else budget[self._currency]
        return None if figure is None else figure - self._used(promotion).spent

    def _schedule(self, promotion: Promotion) -> Reason | None:
        schedule = promotion.schedule
        second = self._cart.at // 10**9
        if schedule is None or is_open(schedule, self._rules.zone, second):
            return None
        if schedule.starts is not None and second < schedule.starts:
            return Reason.NOT_STARTED
        if schedule.ends is not None and second >= schedule.ends:
            return Reason.EXPIRED
        return Reason.OUTSIDE_SCHEDULE

    def _coupon(self, promotion: Promotion) -> Reason | None:
        if not promotion.needs_coupon or self._counting(promotion):
            return None
        return Reason.COUPON_REPLACED if self._among(promotion, self.codes.sent) else Reason.NO_COUPON

    def _limits(self, promotion: Promotion) -> Reason | None:
        limits = promotion.limits or _NO_LIMITS
        used = self._used(promotion)
        budget = self.budget(promotion)
        if limits.total is not None and used.total >= limits.total.times:
            return Reason.LIMIT_TOTAL
        if limits.per_customer is not None and used.customer >= limits.per_customer.times:
            return Reason.LIMIT_CUSTOMER
        if promotion.needs_coupon and not any(self._serves(promotion, code) for code in self._counting(promotion)):
            return Reason.LIMIT_CODE
        return Reason.BUDGET_SPENT if budget is not None and budget <= 0 else None

    def _used(self, promotion: Promotion) -> Usage:
        return self._usage.get(promotion.id, Usage(promotion_id=promotion.id))

    def _counting(self, promotion: Promotion) -> list[str]:
        """The promotion's codes that were sent and not replaced, in the order sent."""
        return self._among(promotion, self.codes.counting)

    def _among(self, promotion: Promotion, codes: Iterable[str]) -> list[str]:
        needing = coded(promotion, self._rules)
        return [code for code in codes if self.codes.belongs_to(needing, code)]

    def _serves(self, promotion: Promotion, code: str) -> bool:
        return not self.codes.is_used_up(coded(promotion, self._rules), code)
