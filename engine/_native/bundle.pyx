"""Parts together at a percentage, an amount or a price per set (docs/pricing.md §5).

Sets that follow each other are alike until a run is used up, and such are made at once: a million units take no longer
than two.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t

from engine._native.artifact cimport GoodsReward
from engine._native.basket cimport Basket, Piece, has_line, lines_of_segment
from engine._native.money cimport minimum
from engine._native.program cimport Rules
from engine._native.rewards cimport (
    GRANTED, INCOMPLETE, NO_EFFECT, OUT_OF_ROOM, UNITS_CLAIMED, Offer, Outcome,
)
from engine._native.selection cimport BY_LINE, gather, select, sort
from engine._native.sharing cimport claim, take


cdef Outcome grant_bundle(
    const Rules* rules, Basket* basket, const GoodsReward* reward, Offer* offer, int64_t repeat
) noexcept nogil:
    """Takes the offer off set after set, and claims the units of each that gave something."""
    cdef int64_t left = repeat, sets, granted
    cdef int32_t reduced
    cdef int32_t count = begin_sets(basket, reward, True)
    cdef int32_t selected = select_set(rules, basket, reward, count, &reduced)
    cdef Outcome outcome, result = NO_EFFECT
    if selected == 0:
        if not basket.explains:
            return INCOMPLETE
        count = begin_sets(basket, reward, False)
        return UNITS_CLAIMED if select_set(rules, basket, reward, count, &reduced) else INCOMPLETE
    while selected and left and offer.cap:
        sets = 1 + sets_alike(basket, reduced, selected)
        granted = minimum(sets, left)
        outcome = take(basket, offer, reward.per, reduced, &granted, True)
        if outcome == OUT_OF_ROOM:
            return OUT_OF_ROOM
        if outcome == GRANTED:
            sets = granted
            left -= granted
            result = GRANTED
        leave_out(basket, selected, sets - 1)
        if outcome == GRANTED and not claim_others(basket, reduced, selected, granted):
            return OUT_OF_ROOM
        selected = select_set(rules, basket, reward, count, &reduced)
    return result


cdef int32_t begin_sets(Basket* basket, const GoodsReward* reward, bint unclaimed) noexcept nogil:
    """Gathers the units, perhaps only unclaimed ones, in the order in which every part takes them."""
    cdef int32_t count = gather(basket, unclaimed, basket.pieces), part
    sort(basket.pieces, count, reward.pick)
    for part in range(reward.part_count):
        basket.cursors[part] = 0
    return count


cdef int32_t select_set(
    const Rules* rules, Basket* basket, const GoodsReward* reward, int32_t count, int32_t* reduced
) noexcept nogil:
    """Selects the units of the next set; none when a part of it cannot be filled.

    The first pieces are what is reduced, behind them stand those at full price, each by line.
    """
    cdef int32_t part, selected = 0, index
    cdef int64_t units, taken
    cdef const uint64_t* members
    for part in range(reward.part_count):
        if part == reward.part_count - reward.full_price_parts:
            selected = reduced[0] = by_line(basket, 0, selected)
        units = basket.quantities[part]
        members = lines_of_segment(basket, rules.parts[reward.first_part + part].segment)
        index = basket.cursors[part]
        while units:
            if index == count:
                return 0
            taken = minimum(units, basket.pieces[index].count) if has_line(members, basket.pieces[index].line) else 0
            if taken:
                select(basket, &selected, index, taken)
                units -= taken
            if units:
                index += 1
        basket.cursors[part] = index
    if reward.full_price_parts:
        return by_line(basket, reduced[0], selected)
    reduced[0] = by_line(basket, 0, selected)
    return reduced[0]


cdef int32_t by_line(Basket* basket, int32_t first, int32_t end) noexcept nogil:
    """Puts selected pieces in order and returns where they end: units of one run that fill several parts are one."""
    cdef int32_t last = first, index
    sort(&basket.selected[first], end - first, BY_LINE)
    for index in range(first + 1, end):
        if basket.selected[index].source == basket.selected[last].source:
            basket.selected[last].count += basket.selected[index].count
        else:
            last += 1
            basket.selected[last] = basket.selected[index]
    return last + 1


cdef int64_t sets_alike(const Basket* basket, int32_t reduced, int32_t selected) noexcept nogil:
    """How many more sets of the selected pieces there are."""
    cdef int64_t sets = INT64_MAX, units
    cdef const Piece* piece
    cdef const Piece* other
    for piece in basket.selected[:selected]:
        units = piece.count
        # A run may have units at full price, too.
        for other in basket.selected[reduced:selected]:
            if other.source == piece.source and other != piece:
                units += other.count
        sets = minimum(sets, basket.pieces[piece.source].count // units)
    return sets


cdef bint claim_others(Basket* basket, int32_t reduced, int32_t selected, int64_t sets) noexcept nogil:
    """Claims the pieces at full price of so many sets; False when there is no room for another run."""
    cdef int32_t index
    for index in range(reduced, selected):
        basket.selected[index - reduced] = basket.selected[index]
    return claim(basket, selected - reduced, sets)


cdef void leave_out(Basket* basket, int32_t selected, int64_t sets) noexcept nogil:
    """Takes so many more sets of the selected pieces from those within reach."""
    cdef const Piece* piece
    for piece in basket.selected[:selected]:
        basket.pieces[piece.source].count -= piece.count * sets
