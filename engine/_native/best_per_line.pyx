"""Layers in which each line, or each shipment, gets the best of their promotions (docs/pricing.md §6).

Each promotion is granted as if there were no other, compared line by line, and rolled back. Then each line gives what
the best of them took of it. No line gives twice, so every promotion finds it as it entered the layer. What is said of
lines is true of the shipments of a shipping layer.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t

from engine._native.artifact cimport SHIPPING_REWARDS, Layer, Promotion
from engine._native.basket cimport Adjustment, Basket, Line, LineBest, Share
from engine._native.compatibility cimport is_compatible, note_applied
from engine._native.goods cimport read_goods
from engine._native.granting cimport grant
from engine._native.journal cimport Savepoint, roll_back, save_line, savepoint
from engine._native.money cimport int128
from engine._native.program cimport Rules
from engine._native.rewards cimport (
    DISPLACED, GRANTED, NOT_BEST, OUT_OF_ROOM, Offer, Outcome, add_share, begin_adjustment, end_adjustment, has_room,
    new_offer,
)
from engine._native.whole_lines cimport take_off


cdef bint grant_best_per_line(
    const Rules* rules, Basket* basket, const Layer* layer, const int32_t* promotions, int32_t count
) noexcept nogil:
    """Grants each of these promotions on the lines on which it is best; False when there is too little room."""
    cdef bint was_kept = basket.journal.kept, enough
    cdef int32_t index
    for index in range(basket.line_count + basket.shipment_count):
        basket.best_of_lines[index] = LineBest(0, -1)
    basket.journal.kept = True
    enough = try_each(rules, basket, layer, promotions, count)
    if not was_kept:
        basket.journal.line_count = basket.journal.run_count = 0
    basket.journal.kept = was_kept
    if not enough:
        return False
    for index in promotions[:count]:
        if basket.outcomes[index] == NOT_BEST and not grant_its_lines(rules, basket, layer, index):
            return False
    return True


cdef bint try_each(
    const Rules* rules, Basket* basket, const Layer* layer, const int32_t* promotions, int32_t count
) noexcept nogil:
    """Finds the best promotion of each line; one that would have an effect alone is NOT_BEST. False when there is too
    little room.
    """
    cdef int32_t index
    cdef Outcome outcome
    cdef Savepoint before
    for index in promotions[:count]:
        if not is_compatible(rules, basket, &rules.promotions[index]):
            basket.outcomes[index] = DISPLACED
            continue
        before = savepoint(basket)
        outcome = grant(rules, basket, layer, index)
        if outcome == OUT_OF_ROOM:
            return False
        basket.outcomes[index] = outcome
        if outcome == GRANTED:
            basket.outcomes[index] = NOT_BEST
            compare(basket, &basket.adjustments[basket.adjustment_count - 1])
            roll_back(basket, &before)
    return True


cdef void compare(Basket* basket, const Adjustment* adjustment) noexcept nogil:
    """Keeps for each line the promotion that takes most of it; of equal ones the one granted first."""
    cdef const Share* share
    cdef LineBest* best
    for share in basket.shares[adjustment.first_share:adjustment.first_share + adjustment.share_count]:
        best = &basket.best_of_lines[share.target]
        if share.amount > best.amount:
            best.amount = share.amount
            best.promotion = adjustment.promotion


cdef bint grant_its_lines(const Rules* rules, Basket* basket, const Layer* layer, int32_t index) noexcept nogil:
    """Grants a promotion on the lines on which it is the best; False when there is too little room."""
    cdef const Promotion* promotion = &rules.promotions[index]
    cdef Offer offer = new_offer(rules, 0, INT64_MAX)
    if not has_room(basket, basket.line_count + basket.shipment_count):
        return False
    begin_adjustment(basket, index)
    if promotion.family == SHIPPING_REWARDS:
        take_off_shipments(basket, index, &offer)
    else:
        read_goods(rules, basket, layer, &rules.goods_rewards[promotion.reward], &offer)
        if not take_off_lines(basket, index, &offer):
            return False
    if end_adjustment(basket, &offer) == GRANTED:
        basket.outcomes[index] = GRANTED
        note_applied(rules, basket, promotion)
    return True


cdef bint take_off_lines(Basket* basket, int32_t index, Offer* offer) noexcept nogil:
    """False when there is too little room."""
    cdef Line* line
    cdef int64_t share
    cdef int32_t place
    for place in range(basket.line_count):
        if basket.best_of_lines[place].promotion != index:
            continue
        line = &basket.lines[place]
        share = basket.best_of_lines[place].amount
        if basket.journal.kept and not save_line(basket, line):
            return False
        if not take_off(basket, line, offer, share):
            return False
        line.subtotal -= share
        line.changed = basket.changed = True
        add_share(basket, place, share)
        offer.wanted += <int128>share
    return True


cdef void take_off_shipments(Basket* basket, int32_t index, Offer* offer) noexcept nogil:
    cdef const LineBest* best
    cdef int32_t place
    for place in range(basket.shipment_count):
        best = &basket.best_of_lines[basket.line_count + place]
        if best.promotion == index:
            basket.shipments[place].charge -= best.amount
            add_share(basket, basket.line_count + place, best.amount)
            offer.wanted += <int128>best.amount
