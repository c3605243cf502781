"""What Python asks of a program to count redemptions: engine/pricing/redemption.py."""

from libc.stdint cimport int32_t, int64_t

from engine._native.artifact cimport PROMOTIONS, Figure, Limits, Promotion
from engine._native.program cimport Rules, needs_coupon

from engine.pricing.redemption import Limit, Period, Redeemable

PERIODS = tuple(Period)


cdef tuple redeemables_of(const Rules* rules, tuple texts):
    """Every promotion that has limits or needs a coupon, in the order of granting."""
    cdef const Promotion* promotion
    found = []
    for promotion in rules.promotions[:rules.counts[<int>PROMOTIONS]]:
        if promotion.limits >= 0 or needs_coupon(promotion):
            found.append(redeemable(rules, promotion, texts))
    return tuple(found)


cdef object redeemable(const Rules* rules, const Promotion* promotion, tuple texts):
    cdef const Limits* limits = &rules.limits[promotion.limits] if promotion.limits >= 0 else NULL
    cdef int32_t place, first = promotion.first_code
    codes = [texts[rules.text_lists[place]] for place in range(first, first + promotion.code_count)]
    return Redeemable(
        promotion_id=texts[promotion.id],
        total=None if limits == NULL else limit(limits.total, limits.total_period),
        per_customer=None if limits == NULL else limit(limits.per_customer, limits.customer_period),
        per_code=None if limits == NULL else limit(limits.per_code, limits.code_period),
        budget={} if limits == NULL or limits.budget < 0 else budget(rules, limits.budget, texts),
        partial=limits != NULL and limits.partial != 0,
        codes=tuple(codes),
        pool=texts[promotion.pool] if promotion.pool >= 0 else "",
    )


cdef object limit(int64_t times, int32_t period):
    return None if times < 0 else Limit(times, PERIODS[period] if period >= 0 else None)


cdef dict budget(const Rules* rules, int64_t row, tuple texts):
    """By currency, where it has a figure."""
    cdef const Figure* figures = &rules.figures[row * rules.currency_count]
    cdef int32_t index
    return {
        texts[rules.currencies[index].code]: figures[index].amount
        for index in range(rules.currency_count) if figures[index].present
    }
