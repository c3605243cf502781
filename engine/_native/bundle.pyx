"""Parts together at a percentage, an amount or a price per set (docs/pricing.md §5).

Consecutive sets are alike until a run is used up, and are made at once: a million units take no longer than two.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t

from engine._native.artifact cimport GoodsReward, Same
from engine._native.basket cimport Basket, Piece
from engine._native.bits cimport contains
from engine._native.different cimport Sets, begin_kinds, leave_out_kinds, select_different
from engine._native.money cimport minimum
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, INCOMPLETE, NO_EFFECT, OUT_OF_ROOM, UNITS_CLAIMED, Offer, Outcome
from engine._native.selection cimport BY_LINE, by_line, gather, lines_of_part, select, sort
from engine._native.sharing cimport claim, take


cdef Outcome grant_bundle(
    const Rules* rules, Basket* basket, const GoodsReward* reward, Offer* offer
) noexcept nogil:
    """Takes the offer off set after set, and claims the units of each that gave something."""
    cdef int64_t sets, granted
    cdef Sets state = begin_sets(rules, basket, reward, True, offer.repeat)
    cdef int32_t selected = next_set(rules, basket, reward, &state)
    cdef Outcome outcome, result = NO_EFFECT
    if selected == 0:
        if not basket.explains:
            return INCOMPLETE
        state = begin_sets(rules, basket, reward, False, offer.repeat)
        return UNITS_CLAIMED if next_set(rules, basket, reward, &state) else INCOMPLETE
    while selected and state.wanted and offer.cap:
        sets = state.passed
        granted = minimum(state.granted, state.wanted)
        outcome = take(basket, offer, state.reduced, &granted, True)
        if outcome == OUT_OF_ROOM:
            return OUT_OF_ROOM
        if outcome == GRANTED:
            sets = granted
            result = GRANTED
        leave_out(basket, selected, sets - 1)
        if reward.different != Same.SAME_NOTHING:
            leave_out_kinds(rules, basket, reward, selected, sets)
        if outcome == GRANTED and not claim_others(basket, state.reduced, selected, granted):
            return OUT_OF_ROOM
        pass_by(&state, sets, outcome == GRANTED)
        selected = next_set(rules, basket, reward, &state)
    return result


cdef Sets begin_sets(
    const Rules* rules, Basket* basket, const GoodsReward* reward, bint unclaimed, int64_t repeat
) noexcept nogil:
    """Gathers the units, or only unclaimed ones, in the order in which every part takes them."""
    cdef Sets state = Sets(
        wanted=repeat, count=gather(basket, unclaimed, basket.pieces), reduced=0, granted=0, passed=0, size=0,
        to_come=0, first=0,
    )
    cdef int32_t part
    sort(basket.pieces, state.count, reward.pick)
    for part in range(reward.part_count):
        basket.cursors[part] = 0
    if reward.different != Same.SAME_NOTHING:
        begin_kinds(rules, basket, reward, &state)
    return state


cdef int32_t next_set(const Rules* rules, Basket* basket, const GoodsReward* reward, Sets* state) noexcept nogil:
    """Selects the units of the next set; none when there is no other."""
    cdef int32_t selected, part
    if reward.different == Same.SAME_NOTHING:
        selected = select_set(rules, basket, reward, state.count, &state.reduced)
        if selected:
            state.granted = state.passed = 1 + sets_alike(basket, state.reduced, selected)
        return selected
    selected = select_different(rules, basket, reward, state)
    state.reduced = selected
    for part in range(reward.part_count - reward.full_price_parts, reward.part_count):
        state.reduced -= <int32_t>minimum(basket.quantities[part], selected)
    sort(basket.selected, state.reduced, BY_LINE)
    sort(&basket.selected[state.reduced], selected - state.reduced, BY_LINE)
    return selected


cdef inline void pass_by(Sets* state, int64_t sets, bint granted) noexcept nogil:
    """So many sets like the selected one are done."""
    cdef bint fewer = state.to_come < state.wanted
    if granted:
        state.wanted -= sets
    state.to_come = state.to_come - sets if fewer else state.wanted


cdef int32_t select_set(
    const Rules* rules, Basket* basket, const GoodsReward* reward, int32_t count, int32_t* reduced
) noexcept nogil:
    """Selects the units of the next set; none when a part of it cannot be filled.

    Pieces that are reduced come first, then those at full price, each by line.
    """
    cdef int32_t part, selected = 0, index
    cdef int64_t units, taken
    cdef const uint64_t* members
    for part in range(reward.part_count):
        if part == reward.part_count - reward.full_price_parts:
            selected = reduced[0] = by_line(basket.selected, 0, selected)
        units = basket.quantities[part]
        members = lines_of_part(rules, basket, reward, part)
        index = basket.cursors[part]
        while units:
            if index == count:
                return 0
            taken = minimum(units, basket.pieces[index].count) if contains(members, basket.pieces[index].line) else 0
            if taken:
                select(basket, &selected, index, taken)
                units -= taken
            if units:
                index += 1
        basket.cursors[part] = index
    if reward.full_price_parts:
        return by_line(basket.selected, reduced[0], selected)
    reduced[0] = by_line(basket.selected, 0, selected)
    return reduced[0]


cdef int64_t sets_alike(const Basket* basket, int32_t reduced, int32_t selected) noexcept nogil:
    """How many more sets of the selected pieces there are."""
    cdef int64_t sets = INT64_MAX, units
    cdef const Piece* piece
    cdef const Piece* other
    for piece in basket.selected[:selected]:
        units = piece.count
        # The run may also have units at full price.
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
    """Removes so many more sets of the selected pieces from the pieces within reach."""
    cdef const Piece* piece
    for piece in basket.selected[:selected]:
        basket.pieces[piece.source].count -= piece.count * sets
