"""Layers in which each line, or each shipment, gets the best of their promotions (docs/pricing.md §6).

Each promotion is granted as if there were no other, compared line by line, and rolled back. Then each line gives what
the best of them took of it. No line gives twice, so every promotion finds it as it entered the layer. Promotions of a
group with `policy: together` are neighbours in the order of granting, and are tried and compared as if they were one.
What is said of lines is true of the shipments of a shipping layer.
"""

from libc.stdint cimport INT64_MAX, int32_t

from engine._native.artifact cimport GOODS_REWARDS, Layer, Promotion
from engine._native.basket cimport Adjustment, Basket, Line, LineBest, Share, WonShare
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
    cdef bint was_kept = basket.journal.kept, enough = True
    cdef const int32_t* end = promotions + count
    cdef const WonShare* won = basket.won
    cdef int32_t index
    for index in range(basket.line_count + basket.shipment_count):
        basket.best_of_lines[index] = LineBest(0, 0, -1)
    basket.won_count = 0
    basket.journal.kept = True
    while promotions < end and enough:
        count = as_one(rules, promotions, end)
        enough = try_together(rules, basket, layer, promotions, count)
        promotions += count
    if not was_kept:
        basket.journal.line_count = basket.journal.run_count = 0
    basket.journal.kept = was_kept
    while won < basket.won + basket.won_count and enough:
        count = of_one(won, basket.won + basket.won_count)
        enough = grant_won(rules, basket, layer, won, count)
        won += count
    return enough


cdef int32_t as_one(const Rules* rules, const int32_t* promotions, const int32_t* end) noexcept nogil:
    """How many of these promotions, from the first on, are granted together."""
    cdef int32_t together = rules.promotions[promotions[0]].together
    cdef const int32_t* next = promotions + 1
    while together >= 0 and next < end and rules.promotions[next[0]].together == together:
        next += 1
    return <int32_t>(next - promotions)


cdef int32_t of_one(const WonShare* won, const WonShare* end) noexcept nogil:
    """How many of these shares, from the first on, are of the same promotion."""
    cdef const WonShare* next = won + 1
    while next < end and next.promotion == won.promotion:
        next += 1
    return <int32_t>(next - won)


cdef bint try_together(
    const Rules* rules, Basket* basket, const Layer* layer, const int32_t* promotions, int32_t count
) noexcept nogil:
    """Finds the lines of which these promotions take more than those before; one that would have an effect is NOT_BEST.
    False when there is too little room.
    """
    cdef Savepoint before = savepoint(basket)
    cdef int32_t index, first = basket.adjustment_count
    cdef Outcome outcome
    for index in promotions[:count]:
        outcome = DISPLACED
        if is_compatible(rules, basket, &rules.promotions[index]):
            outcome = grant(rules, basket, layer, index)
        if outcome == OUT_OF_ROOM:
            return False
        basket.outcomes[index] = NOT_BEST if outcome == GRANTED else outcome
    if basket.adjustment_count > first:
        if compare(basket, first, promotions[0]) and not note_won(basket, first, promotions[0]):
            return False
        roll_back(basket, &before)
    return True


cdef bint compare(Basket* basket, int32_t first_adjustment, int32_t first) noexcept nogil:
    """Makes the lines of which these adjustments take more than those before theirs; False when there are none."""
    cdef int32_t begin = basket.adjustments[first_adjustment].first_share
    cdef const Share* share
    cdef LineBest* best
    cdef bint found = False
    for share in basket.shares[begin:basket.share_count]:
        basket.best_of_lines[share.target].tried += share.amount
    for share in basket.shares[begin:basket.share_count]:
        best = &basket.best_of_lines[share.target]
        if best.tried > best.amount:
            best.amount = best.tried
            best.first = first
            found = True
        best.tried = 0
    return found


cdef bint note_won(Basket* basket, int32_t first_adjustment, int32_t first) noexcept nogil:
    """Notes what these adjustments take of the lines that are theirs, and forgets what others took of these; False when
    there is too little room.
    """
    cdef const Adjustment* adjustment
    cdef const Share* share
    cdef WonShare* won = basket.won
    cdef int32_t index
    for index in range(basket.won_count):
        if basket.best_of_lines[basket.won[index].target].first != first:
            won[0] = basket.won[index]
            won += 1
    if basket.share_count - basket.adjustments[first_adjustment].first_share > basket.won + basket.room - won:
        return False
    for adjustment in basket.adjustments[first_adjustment:basket.adjustment_count]:
        for share in basket.shares[adjustment.first_share:adjustment.first_share + adjustment.share_count]:
            if basket.best_of_lines[share.target].first == first:
                won[0] = WonShare(share.amount, share.target, adjustment.promotion)
                won += 1
    basket.won_count = <int32_t>(won - basket.won)
    return True


cdef bint grant_won(
    const Rules* rules, Basket* basket, const Layer* layer, const WonShare* won, int32_t count
) noexcept nogil:
    """Grants a promotion, which took these shares of the lines that it won; False when there is too little room."""
    cdef int32_t index = won.promotion
    cdef const Promotion* promotion = &rules.promotions[index]
    cdef const WonShare* share
    cdef Offer offer = new_offer(rules, 0, INT64_MAX)
    if not has_room(basket, count):
        return False
    begin_adjustment(basket, index)
    if promotion.family == GOODS_REWARDS:
        read_goods(rules, basket, layer, &rules.goods_rewards[promotion.reward], &offer)
    for share in won[:count]:
        if not take_won(basket, share, &offer):
            return False
        add_share(basket, share.target, share.amount)
        offer.wanted += <int128>share.amount
    basket.outcomes[index] = end_adjustment(basket, &offer)
    note_applied(rules, basket, promotion)
    return True


cdef bint take_won(Basket* basket, const WonShare* share, const Offer* offer) noexcept nogil:
    """Takes a share off its line or shipment; False when there is too little room."""
    cdef Line* line
    if share.target >= basket.line_count:
        basket.shipments[share.target - basket.line_count].charge -= share.amount
        return True
    line = &basket.lines[share.target]
    if basket.journal.kept and not save_line(basket, line):
        return False
    if not take_off(basket, line, offer, share.amount):
        return False
    line.subtotal -= share.amount
    line.changed = basket.changed = True
    return True
