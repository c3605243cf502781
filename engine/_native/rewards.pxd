"""What all rewards share: outcomes, offers, what an offer wants of a price, and how grants are recorded."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t

from engine._native.artifact cimport GoodsReward, Layer, Leftover, Per, Percentages, RewardKind
from engine._native.basket cimport Adjustment, Basket, Share
from engine._native.money cimport int128, maximum, percent_of, saturated
from engine._native.program cimport Rules

cpdef enum Outcome:
    # Why a promotion is not applied (engine/pricing/quote.py Reason); the first one that is true counts.
    EMPTY_CART, DECLINED, NO_AMOUNT_IN_CURRENCY, NOT_STARTED, EXPIRED, OUTSIDE_SCHEDULE, NO_COUPON, COUPON_REPLACED,
    LIMIT_TOTAL, LIMIT_CUSTOMER, LIMIT_CODE, BUDGET_SPENT, DISPLACED, MISSING_FACT, CONDITION, NO_RATE, NO_VALUE,
    NOT_IN_CART, INCOMPLETE, UNITS_CLAIMED, NO_EFFECT, BUDGET_EXCEEDED, NOT_BEST,
    UNVERIFIED,                   # only of a code
    GRANTED,
    OUT_OF_ROOM                   # scratch memory is too small: price again with more

cdef struct Offer:
    # A reward with its numbers read, and how much it wants and may still grant.
    int128 wanted                 # in all so far, after the cap
    int64_t number                # ppm or minor units, by kind
    int64_t cap                   # on what may still be granted
    int64_t repeat                # the most sets
    int kind
    int per                       # of goods: Per, what the number applies to
    int rounding
    int leftover
    # Truth values.
    bint of_list_price            # a percentage off the list price
    bint compounding              # reads what is left of prices, not what entered the layer


cdef inline Offer new_offer(const Rules* rules, int kind, int64_t cap) noexcept nogil:
    """An offer without its number, off each unit as the layer found it."""
    cdef Offer offer
    offer.wanted = 0
    offer.number = 0
    offer.cap = cap
    offer.repeat = INT64_MAX
    offer.kind = kind
    offer.per = Per.UNIT
    offer.rounding = rules.rule_set.rounding
    offer.leftover = rules.rule_set.leftover
    offer.of_list_price = offer.compounding = False
    return offer


cdef inline Offer new_goods_offer(
    const Rules* rules, const Layer* layer, const GoodsReward* reward, int64_t cap
) noexcept nogil:
    """The same of a goods reward."""
    cdef Offer offer = new_offer(rules, reward.kind, cap)
    offer.per = reward.per
    offer.of_list_price = reward.of_list_price
    offer.compounding = layer.percentages == Percentages.COMPOUNDING
    return offer


cdef inline int64_t wanted(const Offer* offer, int64_t price) noexcept nogil:
    """Minor units off a price: 12.5 % of 1999 is 250 half up; a fixed price of 2500 wants nothing of it."""
    if offer.kind == RewardKind.PERCENT_OFF:
        return percent_of(price, offer.number, offer.rounding)
    if offer.kind == RewardKind.AMOUNT_OFF:
        return offer.number
    return maximum(0, price - offer.number)


cdef inline bint is_carried(const Offer* offer) noexcept nogil:
    """Whether percentages of lines are rounded with the error of the lines before."""
    return offer.leftover == Leftover.CARRIED and offer.kind == RewardKind.PERCENT_OFF and not offer.of_list_price


cdef inline int64_t wanted_of_line(const Offer* offer, int64_t before, int64_t price) noexcept nogil:
    """Minor units off the price of a line, given the sum of the prices of the lines before."""
    if is_carried(offer):
        return wanted(offer, before + price) - wanted(offer, before)
    return wanted(offer, price)


cdef inline int64_t wanted_off_list(const Offer* offer, int64_t price, int64_t list_price) noexcept nogil:
    """Minor units off a price that make it the list price less a percentage: a quarter off 2400 is 601 off 2401."""
    return maximum(0, price - list_price + percent_of(list_price, offer.number, offer.rounding))


cdef inline int64_t weight(const Offer* offer, int64_t price) noexcept nogil:
    """Weight of a price in a spread, proportional to what is wanted of it before rounding: for percentages the price,
    for amounts 1.
    """
    if offer.kind == RewardKind.PERCENT_OFF:
        return price
    if offer.kind == RewardKind.AMOUNT_OFF:
        return 1
    return maximum(0, price - offer.number)


cdef inline void begin_adjustment(Basket* basket, int32_t promotion) noexcept nogil:
    """The next shares are those of the promotion."""
    cdef Adjustment* adjustment = &basket.adjustments[basket.adjustment_count]
    adjustment.promotion = promotion
    adjustment.before = -1
    adjustment.first_share = basket.share_count
    adjustment.share_count = 0
    adjustment.amount = 0
    adjustment.ungranted = 0
    adjustment.points = 0
    adjustment.credit = 0
    adjustment.gifts = 0


cdef inline void add_share(Basket* basket, int32_t target, int64_t amount) noexcept nogil:
    cdef Adjustment* adjustment = &basket.adjustments[basket.adjustment_count]
    cdef Share* share = &basket.shares[basket.share_count]
    share.target = target
    share.amount = amount
    adjustment.amount += amount
    adjustment.share_count += 1
    basket.share_count += 1


cdef inline Outcome end_adjustment(Basket* basket, const Offer* offer) noexcept nogil:
    """A promotion that granted nothing has no adjustment."""
    cdef Adjustment* adjustment = &basket.adjustments[basket.adjustment_count]
    if adjustment.amount == 0:
        return NO_EFFECT
    adjustment.ungranted = saturated(offer.wanted - <int128>adjustment.amount)
    basket.adjustment_count += 1
    return GRANTED


cdef inline bint has_room(const Basket* basket, int32_t shares) noexcept nogil:
    """Whether there is room for one more adjustment with so many shares."""
    return basket.adjustment_count < basket.room and shares <= basket.room - basket.share_count
