"""Buy so many units of one segment, get so many of another (docs/pricing.md §5). All sets are made at once."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.artifact cimport Part, Pick, Promotion
from engine._native.basket cimport Basket, Piece, has_line, lines_of_segment
from engine._native.money cimport minimum
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, OUT_OF_ROOM, Offer, Outcome
from engine._native.selection cimport BY_LINE, gather, select, sort
from engine._native.sharing cimport claim, take


cdef Outcome grant_buy_get(
    const Rules* rules, Basket* basket, const Promotion* promotion, Offer* offer
) noexcept nogil:
    """Takes the offer off the units got; they and those bought are claimed if that is anything."""
    cdef const Part* buy = &rules.parts[promotion.first_part]
    cdef const Part* get = &rules.parts[promotion.first_part + 1]
    cdef const uint64_t* buyable = lines_of_segment(basket, buy.segment)
    cdef const uint64_t* gettable = lines_of_segment(basket, get.segment)
    cdef int32_t count = gather(basket, True, basket.pieces), selected
    cdef int64_t to_buy = 0, to_get = 0, units = 0, sets
    cdef Outcome outcome
    cdef const Piece* piece
    for piece in basket.pieces[:count]:
        units += piece.count
        if has_line(buyable, piece.line):
            to_buy += piece.count
        if has_line(gettable, piece.line):
            to_get += piece.count
    sets = minimum(to_buy // buy.quantity, to_get // get.quantity)
    sets = minimum(sets, units // (<int64_t>buy.quantity + get.quantity))
    if promotion.repeat >= 0:
        sets = minimum(sets, promotion.repeat)
    sort(basket.pieces, count, promotion.pick)
    selected = select_got(basket, count, buyable, gettable, sets * get.quantity, to_buy - sets * buy.quantity)
    outcome = take(basket, offer, promotion.per, selected, 1, True)
    if outcome != GRANTED:
        return outcome
    sort(basket.pieces, count, Pick.DEAREST)
    selected = select_bought(basket, count, buyable, gettable, sets * buy.quantity)
    return GRANTED if claim(basket, selected, 1) else OUT_OF_ROOM


cdef int32_t select_got(
    Basket* basket, int32_t count, const uint64_t* buyable, const uint64_t* gettable, int64_t units, int64_t spare
) noexcept nogil:
    """Selects so many of the units that can be got, but of those that can be bought as well only the spare ones."""
    cdef int32_t index, selected = 0
    cdef int64_t taken
    cdef const Piece* piece
    for index in range(count):
        piece = &basket.pieces[index]
        if not has_line(gettable, piece.line):
            continue
        taken = minimum(units, piece.count)
        if has_line(buyable, piece.line):
            taken = minimum(taken, spare)
            spare -= taken
        units -= taken
        if taken:
            select(basket, &selected, index, taken)
    sort(basket.selected, selected, BY_LINE)
    return selected


cdef int32_t select_bought(
    Basket* basket, int32_t count, const uint64_t* buyable, const uint64_t* gettable, int64_t units
) noexcept nogil:
    """Selects so many of the units that can be bought, those first that can only be bought."""
    cdef int32_t index, selected = 0
    cdef int64_t taken
    cdef bint either
    cdef const Piece* piece
    for either in range(2):
        for index in range(count):
            piece = &basket.pieces[index]
            if has_line(buyable, piece.line) and has_line(gettable, piece.line) == either:
                taken = minimum(units, piece.count)
                units -= taken
                if taken:
                    select(basket, &selected, index, taken)
    return selected
