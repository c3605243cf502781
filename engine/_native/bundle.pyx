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
from engine._native.sharing cimport take


cdef Outcome grant_bundle(
    const Rules* rules, Basket* basket, const GoodsReward* reward, Offer* offer, int64_t repeat
) noexcept nogil:
    """Takes the offer off set after set, and claims the units of each that gave something."""
    cdef int64_t left = repeat, sets, granted
    cdef int32_t count = begin_sets(basket, reward, True), selected = select_set(rules, basket, reward, count)
    cdef Outcome outcome, result = NO_EFFECT
    if selected == 0:
        if not basket.explains:
            return INCOMPLETE
        count = begin_sets(basket, reward, False)
        return UNITS_CLAIMED if select_set(rules, basket, reward, count) else INCOMPLETE
    while selected and left and offer.cap:
        sets = 1 + sets_alike(basket, selected)
        granted = minimum(sets, left)
        outcome = take(basket, offer, reward.per, selected, &granted, True)
        if outcome == OUT_OF_ROOM:
            return OUT_OF_ROOM
        if outcome == GRANTED:
            sets = granted
            left -= granted
            result = GRANTED
        leave_out(basket, selected, sets - 1)
        selected = select_set(rules, basket, reward, count)
    return result


cdef int32_t begin_sets(Basket* basket, const GoodsReward* reward, bint unclaimed) noexcept nogil:
    """Gathers the units, perhaps only unclaimed ones, in the order in which every part takes them."""
    cdef int32_t count = gather(basket, unclaimed, basket.pieces), part
    sort(basket.pieces, count, reward.pick)
    for part in range(reward.part_count):
        basket.cursors[part] = 0
    return count


cdef int32_t select_set(
    const Rules* rules, Basket* basket, const GoodsReward* reward, int32_t count
) noexcept nogil:
    """Selects the units of the next set; none when a part of it cannot be filled."""
    cdef int32_t part, selected = 0, last = 0, index
    cdef int64_t units, taken
    cdef const uint64_t* members
    for part in range(reward.part_count):
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
    sort(basket.selected, selected, BY_LINE)
    # Units of one run that fill several parts are one piece.
    for index in range(1, selected):
        if basket.selected[index].source == basket.selected[last].source:
            basket.selected[last].count += basket.selected[index].count
        else:
            last += 1
            basket.selected[last] = basket.selected[index]
    return last + 1


cdef int64_t sets_alike(const Basket* basket, int32_t selected) noexcept nogil:
    """How many more sets of the selected pieces there are."""
    cdef int64_t sets = INT64_MAX
    cdef const Piece* piece
    for piece in basket.selected[:selected]:
        sets = minimum(sets, basket.pieces[piece.source].count // piece.count)
    return sets


cdef void leave_out(Basket* basket, int32_t selected, int64_t sets) noexcept nogil:
    """Takes so many more sets of the selected pieces from those within reach."""
    cdef const Piece* piece
    for piece in basket.selected[:selected]:
        basket.pieces[piece.source].count -= piece.count * sets
