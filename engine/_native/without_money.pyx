"""Rewards without money off: gifts, points, credit, effects (docs/pricing.md §5)."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t

from engine._native.artifact cimport (
    GIFT_REWARDS, POINTS_MULTIPLIER, POINTS_PER_UNIT_SPENT, POINTS_REWARDS, SUBTOTAL, GiftReward, Part, PointsReward,
    Promotion,
)
from engine._native.basket cimport Adjustment, Basket, facts_of_segment
from engine._native.conditions cimport figure, read_number
from engine._native.money cimport WHOLE, add_overflows, int128, minimum, saturated
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, INCOMPLETE, NO_EFFECT, NO_VALUE, NOT_IN_CART, Outcome, begin_adjustment
from engine._native.selection cimport units_of

cdef enum:
    VALUED_POINTS = 100           # a promotion's value is that of so many points


cdef Outcome grant_gift(const Rules* rules, Basket* basket, int32_t index) noexcept nogil:
    """Two for every 3 of 7 units are 4."""
    cdef const GiftReward* reward = &rules.gift_rewards[rules.promotions[index].reward]
    cdef const Part* part
    cdef int64_t quantity, size, units
    if not read_number(rules, &basket.facts, reward.quantity, &quantity):
        return NO_VALUE
    if reward.part >= 0:
        part = &rules.parts[reward.part]
        if not read_number(rules, &basket.facts, part.quantity, &size):
            return NO_VALUE
        units = units_of(basket, part.segment)
        if units == 0:
            return NOT_IN_CART
        if units < size:
            return INCOMPLETE
        quantity *= units // size
    return add_grant(basket, index, 0, 0, minimum(quantity, MOST_GIFTS))


cdef Outcome grant_points(const Rules* rules, Basket* basket, int32_t index) noexcept nogil:
    """1.25 points per unit of 95.74 USD are 119; a multiplier of 2 gives as many again as the layer gave so far."""
    cdef const PointsReward* reward = &rules.points_rewards[rules.promotions[index].reward]
    cdef int64_t number, earlier, points
    cdef int128 scaled
    if not read_number(rules, &basket.facts, reward.number, &number):
        return NO_VALUE
    points = number
    if reward.kind == POINTS_PER_UNIT_SPENT:
        scaled = <int128>facts_of_segment(&basket.facts, reward.segment)[<int>SUBTOTAL].value
        scaled *= <int128>number
        points = saturated(scaled // <int128>(<int64_t>WHOLE * rules.currencies[basket.facts.currency].unit))
    elif reward.kind == POINTS_MULTIPLIER:
        earlier = points_of_layer(basket)
        points = saturated(<int128>earlier * <int128>number // <int128>WHOLE - <int128>earlier)
    if points:
        return add_grant(basket, index, points, 0, 0)
    if reward.kind == POINTS_PER_UNIT_SPENT and units_of(basket, reward.segment) == 0:
        return NOT_IN_CART
    return NO_EFFECT


cdef int64_t points_of_layer(const Basket* basket) noexcept nogil:
    """Each grants at most 10^15, and there are too few promotions for the sum to overflow."""
    cdef int64_t points = 0
    cdef const Adjustment* adjustment
    for adjustment in basket.adjustments[basket.first_of_layer:basket.adjustment_count]:
        points += adjustment.points
    return points


cdef Outcome grant_credit(const Rules* rules, Basket* basket, int32_t index, int64_t most) noexcept nogil:
    cdef int64_t credit
    if not read_number(rules, &basket.facts, rules.credit_rewards[rules.promotions[index].reward].number, &credit):
        return NO_VALUE
    credit = minimum(credit, most)
    return add_grant(basket, index, 0, credit, 0) if credit else NO_EFFECT


cdef Outcome grant_effect(Basket* basket, int32_t index) noexcept nogil:
    return add_grant(basket, index, 0, 0, 0)


cdef Outcome add_grant(Basket* basket, int32_t index, int64_t points, int64_t credit, int64_t gifts) noexcept nogil:
    """The adjustment of a promotion that takes no money off."""
    cdef Adjustment* adjustment = &basket.adjustments[basket.adjustment_count]
    begin_adjustment(basket, index)
    adjustment.points = points
    adjustment.credit = credit
    adjustment.gifts = gifts
    basket.adjustment_count += 1
    return GRANTED


cdef int64_t value_of(const Rules* rules, const Basket* basket, const Adjustment* adjustment) noexcept nogil:
    """Minor units that an adjustment counts for in a search beside its amount; at most 10^15."""
    cdef const Promotion* promotion = &rules.promotions[adjustment.promotion]
    cdef int64_t value
    if promotion.value < 0:
        return 0
    value = figure(rules, &basket.facts, promotion.value).value
    if promotion.family == GIFT_REWARDS:
        return saturated(<int128>value * <int128>adjustment.gifts)
    if promotion.family == POINTS_REWARDS:
        return saturated(<int128>value * <int128>adjustment.points // <int128>VALUED_POINTS)
    return value


cdef int64_t weight_of_gifts(const Rules* rules, const Basket* basket) noexcept nogil:
    """Grams of all gifts so far, at most INT64_MAX."""
    cdef int64_t weight = 0, grams
    cdef const Adjustment* adjustment
    for adjustment in basket.adjustments[:basket.adjustment_count]:
        if adjustment.gifts:
            grams = rules.gift_rewards[rules.promotions[adjustment.promotion].reward].weight
            if add_overflows(weight, grams * adjustment.gifts, &weight):
                return INT64_MAX
    return weight
