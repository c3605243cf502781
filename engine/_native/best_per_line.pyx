"""Layers in which each line, or each shipment, gets the best of their promotions (docs/pricing.md §6).

Each promotion is granted as if there were no other, compared line by line, and rolled back. Then each line gives what
the best of them took of it. No line gives twice, so every promotion finds it as it entered the layer. Promotions of a
group with `policy: together` are neighbours in the order of granting, and are tried and granted as if they were one.
What is said of lines is true of the shipments of a shipping layer.
"""

from libc.stdint cimport INT64_MAX, int32_t

from engine._native.artifact cimport SHIPPING_REWARDS, Layer, Promotion
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
    cdef const int32_t* at
    cdef int32_t index, won = 0
    for index in range(basket.line_count + basket.shipment_count):
        basket.best_of_lines[index] = LineBest(0, 0, -1)
    basket.won_count = 0
    basket.journal.kept = True
    at = promotions
    while at < end and enough:
        count = as_one(rules, at, end)
        enough = try_together(rules, basket, layer, at, count)
        at += count
    if not was_kept:
        basket.journal.line_count = basket.journal.run_count = 0
    basket.journal.kept = was_kept
    at = promotions
    while at < end and enough:
        count = as_one(rules, at, end)
        enough = grant_together(rules, basket, layer, at, count, &won)
        at += count
    return enough


cdef int32_t as_one(const Rules* rules, const int32_t* promotions, const int32_t* end) noexcept nogil:
    """How many of these promotions, from the first on, are granted together."""
    cdef int32_t together = rules.promotions[promotions[0]].together
    cdef const int32_t* next = promotions + 1
    while together >= 0 and next < end and rules.promotions[next[0]].together == together:
        next += 1
    return <int32_t>(next - promotions)


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
        compare(basket, first, promotions[0])
        if count > 1 and not note_won(basket, first, promotions[0]):
            return False
        roll_back(basket, &before)
    return True


cdef void compare(Basket* basket, int32_t first_adjustment, int32_t first) noexcept nogil:
    """Keeps for each line the promotions that take most of it; of equal ones those granted first."""
    cdef int32_t begin = basket.adjustments[first_adjustment].first_share
    cdef const Share* share
    cdef LineBest* best
    for share in basket.shares[begin:basket.share_count]:
        basket.best_of_lines[share.target].tried += share.amount
    for share in basket.shares[begin:basket.share_count]:
        best = &basket.best_of_lines[share.target]
        if best.tried > best.amount:
            best.amount = best.tried
            best.first = first
        best.tried = 0


cdef bint note_won(Basket* basket, int32_t first_adjustment, int32_t first) noexcept nogil:
    """Notes what each of several promotions takes of the lines that are theirs so far; False when there is too little
    room.
    """
    cdef const Adjustment* adjustment
    cdef const Share* share
    cdef WonShare* won = &basket.won[basket.won_count]
    if basket.share_count - basket.adjustments[first_adjustment].first_share > basket.room - basket.won_count:
        return False
    for adjustment in basket.adjustments[first_adjustment:basket.adjustment_count]:
        for share in basket.shares[adjustment.first_share:adjustment.first_share + adjustment.share_count]:
            if basket.best_of_lines[share.target].first == first:
                won[0] = WonShare(share.amount, share.target, adjustment.promotion)
                won += 1
    basket.won_count = <int32_t>(won - basket.won)
    return True


cdef bint grant_together(
    const Rules* rules, Basket* basket, const Layer* layer, const int32_t* promotions, int32_t count, int32_t* won
) noexcept nogil:
    """Grants these promotions on the lines on which together they are the best; False when there is too little room.

    ``won`` is the place of their first share in ``basket.won``, and becomes that of the next promotions.
    """
    cdef int32_t index
    for index in promotions[:count]:
        if basket.outcomes[index] == NOT_BEST:
            if count > 1:
                recall(basket, index, promotions[0], won)
            if not grant_its_lines(rules, basket, layer, index, promotions[0]):
                return False
    return True


cdef void recall(Basket* basket, int32_t index, int32_t first, int32_t* won) noexcept nogil:
    """Makes the best of each line that it has won with others what it takes by itself."""
    cdef int32_t place
    cdef LineBest* best
    cdef const WonShare* share
    for place in range(basket.line_count + basket.shipment_count):
        best = &basket.best_of_lines[place]
        if best.first == first:
            best.amount = 0
    while won[0] < basket.won_count and basket.won[won[0]].promotion == index:
        share = &basket.won[won[0]]
        best = &basket.best_of_lines[share.target]
        if best.first == first:
            best.amount = share.amount
        won[0] += 1


cdef bint grant_its_lines(
    const Rules* rules, Basket* basket, const Layer* layer, int32_t index, int32_t first
) noexcept nogil:
    """Grants a promotion on the lines on which ``first``, with those beside it, is the best; False when there is too
    little room.
    """
    cdef const Promotion* promotion = &rules.promotions[index]
    cdef Offer offer = new_offer(rules, 0, INT64_MAX)
    if not has_room(basket, basket.line_count + basket.shipment_count):
        return False
    begin_adjustment(basket, index)
    if promotion.family == SHIPPING_REWARDS:
        take_off_shipments(basket, first, &offer)
    else:
        read_goods(rules, basket, layer, &rules.goods_rewards[promotion.reward], &offer)
        if not take_off_lines(basket, first, &offer):
            return False
    if end_adjustment(basket, &offer) == GRANTED:
        basket.outcomes[index] = GRANTED
        note_applied(rules, basket, promotion)
    return True


cdef bint take_off_lines(Basket* basket, int32_t first, Offer* offer) noexcept nogil:
    """False when there is too little room."""
    cdef Line* line
    cdef const LineBest* best
    cdef int32_t place
    for place in range(basket.line_count):
        best = &basket.best_of_lines[place]
        if best.first != first or best.amount == 0:
            continue
        line = &basket.lines[place]
        if basket.journal.kept and not save_line(basket, line):
            return False
        if not take_off(basket, line, offer, best.amount):
            return False
        line.subtotal -= best.amount
        line.changed = basket.changed = True
        add_share(basket, place, best.amount)
        offer.wanted += <int128>best.amount
    return True


cdef void take_off_shipments(Basket* basket, int32_t first, Offer* offer) noexcept nogil:
    cdef const LineBest* best
    cdef int32_t place
    for place in range(basket.shipment_count):
        best = &basket.best_of_lines[basket.line_count + place]
        if best.first == first and best.amount:
            basket.shipments[place].charge -= best.amount
            add_share(basket, basket.line_count + place, best.amount)
            offer.wanted += <int128>best.amount
