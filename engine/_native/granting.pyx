"""Granting one promotion, whatever its reward (docs/pricing.md §5)."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t

from engine._native.artifact cimport (
    CREDIT_REWARDS, GIFT_REWARDS, GOODS_REWARDS, POINTS_REWARDS, SHIPPING_REWARDS, Layer, Promotion,
)
from engine._native.basket cimport Adjustment, Basket
from engine._native.conditions cimport asked
from engine._native.goods cimport grant_goods
from engine._native.journal cimport Savepoint, roll_back, savepoint
from engine._native.program cimport Rules
from engine._native.rewards cimport BUDGET_EXCEEDED, GRANTED, OUT_OF_ROOM, Outcome, has_room
from engine._native.shipping cimport grant_shipping
from engine._native.without_money cimport grant_credit, grant_effect, grant_gift, grant_points


cdef Outcome grant(const Rules* rules, Basket* basket, const Layer* layer, int32_t index) noexcept nogil:
    """Grants a promotion that is compatible with what applies. If it is not GRANTED, the basket is as it was, or
    OUT_OF_ROOM.
    """
    cdef const Promotion* promotion = &rules.promotions[index]
    cdef Outcome outcome
    # Conditions of shipping rewards are asked for each shipment.
    if promotion.family != SHIPPING_REWARDS:
        outcome = asked(rules, &basket.facts, promotion.condition)
        if outcome != GRANTED:
            return outcome
    return grant_met(rules, basket, layer, index)


cdef Outcome grant_met(const Rules* rules, Basket* basket, const Layer* layer, int32_t index) noexcept nogil:
    """The same for a promotion whose condition is met.

    A budget that may be granted in part caps the reward; any other budget undoes a reward that exceeds it.
    """
    cdef int32_t limits = rules.promotions[index].limits
    cdef int64_t budget = INT64_MAX if limits < 0 else basket.budgets[index]
    if budget != INT64_MAX and not rules.limits[limits].partial:
        return grant_whole(rules, basket, layer, index, budget)
    return attempt(rules, basket, layer, index, budget)


cdef Outcome grant_whole(
    const Rules* rules, Basket* basket, const Layer* layer, int32_t index, int64_t budget
) noexcept nogil:
    """Grants all of a reward, or nothing if it exceeds the budget."""
    cdef const Adjustment* adjustment
    cdef Outcome outcome
    cdef Savepoint before
    cdef bint was_kept = basket.journal.kept
    basket.journal.kept = True
    before = savepoint(basket)
    outcome = attempt(rules, basket, layer, index, INT64_MAX)
    if outcome == GRANTED:
        adjustment = &basket.adjustments[basket.adjustment_count - 1]
        if adjustment.amount > budget - adjustment.credit:
            roll_back(basket, &before)
            outcome = BUDGET_EXCEEDED
    if not was_kept:
        basket.journal.line_count = before.line_count
        basket.journal.run_count = before.journal_run_count
    basket.journal.kept = was_kept
    return outcome


cdef Outcome grant_alone(const Rules* rules, Basket* basket, const Layer* layer, int32_t index) noexcept nogil:
    """The outcome that a promotion would have; the basket is left as it was, or OUT_OF_ROOM."""
    cdef bint was_kept = basket.journal.kept
    cdef Savepoint before
    cdef Outcome outcome
    basket.journal.kept = True
    before = savepoint(basket)
    outcome = grant(rules, basket, layer, index)
    if outcome != OUT_OF_ROOM:
        roll_back(basket, &before)
    basket.journal.kept = was_kept
    return outcome


cdef inline Outcome attempt(
    const Rules* rules, Basket* basket, const Layer* layer, int32_t index, int64_t most
) noexcept nogil:
    """``most``: what may be granted, in minor units."""
    cdef const Promotion* promotion = &rules.promotions[index]
    # Room for the shares of any reward.
    if not has_room(basket, basket.line_count + basket.shipment_count):
        return OUT_OF_ROOM
    if promotion.family == GOODS_REWARDS:
        return grant_goods(rules, basket, layer, index, most)
    if promotion.family == SHIPPING_REWARDS:
        return grant_shipping(rules, basket, layer, index, most)
    if promotion.family == GIFT_REWARDS:
        return grant_gift(rules, basket, index)
    if promotion.family == POINTS_REWARDS:
        return grant_points(rules, basket, index)
    if promotion.family == CREDIT_REWARDS:
        return grant_credit(rules, basket, index, most)
    return grant_effect(basket, index)
