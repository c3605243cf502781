"""Buy so many units of one segment, get so many of another (docs/pricing.md §5). All sets are made at once."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.artifact cimport GoodsReward, Per, Pick, RewardKind, Selection
from engine._native.basket cimport Basket, Piece
from engine._native.bits cimport contains
from engine._native.money cimport capped, minimum
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, INCOMPLETE, OUT_OF_ROOM, UNITS_CLAIMED, Offer, Outcome
from engine._native.selection cimport BY_LINE, by_line, gather, lines_of_part, select, sort
from engine._native.sharing cimport claim, take, wanted_of_lines


cdef struct Sets:
    # How many units of all sets there are.
    int64_t bought
    int64_t got


cdef Outcome grant_buy_get(
    const Rules* rules, Basket* basket, const GoodsReward* reward, Offer* offer
) noexcept nogil:
    """Takes the offer off the units got, or off all units of the sets; all of them are claimed if that is anything."""
    cdef const uint64_t* buyable = lines_of_part(rules, basket, reward, 0)
    cdef const uint64_t* gettable = lines_of_part(rules, basket, reward, 1)
    cdef int64_t times = 1
    cdef int32_t count = gather(basket, True, basket.pieces), selected
    cdef Units units = counted(basket, count, buyable, gettable)
    cdef Sets sets = sets_of(basket, reward, &units, offer.repeat)
    cdef Offer amount
    cdef Outcome outcome
    if sets.got == 0:
        if not basket.explains:
            return INCOMPLETE
        count = gather(basket, False, basket.pieces)
        units = counted(basket, count, buyable, gettable)
        return UNITS_CLAIMED if sets_of(basket, reward, &units, offer.repeat).got else INCOMPLETE
    sort(basket.pieces, count, reward.pick)
    selected = select_got(basket, count, buyable, gettable, sets.got, units.buyable - sets.bought)
    if reward.selection == Selection.BUY_GET_SET:
        amount = amount_wanted(basket, offer, selected)
        sort(basket.pieces, count, Pick.DEAREST)
        selected = select_bought(basket, selected, count, buyable, gettable, sets.bought)
        outcome = take(basket, &amount, by_line(basket.selected, 0, selected), &times, True)
        offer.wanted = amount.wanted
        offer.cap = amount.cap
        return outcome
    outcome = take(basket, offer, selected, &times, True)
    if outcome != GRANTED:
        return outcome
    sort(basket.pieces, count, Pick.DEAREST)
    selected = select_bought(basket, 0, count, buyable, gettable, sets.bought)
    return GRANTED if claim(basket, selected, 1) else OUT_OF_ROOM


cdef Offer amount_wanted(Basket* basket, const Offer* offer, int32_t selected) noexcept nogil:
    """An offer of what another one wants of the selected units, as one amount: 10.00 for one of three free."""
    cdef Offer amount = offer[0]
    cdef int32_t lines
    amount.kind = RewardKind.AMOUNT_OFF
    amount.per = Per.ORDER
    amount.number = capped(wanted_of_lines(basket, offer, selected, &lines), offer.cap)
    return amount


cdef Units counted(
    const Basket* basket, int32_t count, const uint64_t* buyable, const uint64_t* gettable
) noexcept nogil:
    """Of the first pieces within reach, those that can be bought, got, or either."""
    cdef Units units = Units(0, 0, 0)
    cdef const Piece* piece
    for piece in basket.pieces[:count]:
        units.either += piece.count
        if contains(buyable, piece.line):
            units.buyable += piece.count
        if contains(gettable, piece.line):
            units.gettable += piece.count
    return units


cdef Sets sets_of(const Basket* basket, const GoodsReward* reward, const Units* units, int64_t repeat) noexcept nogil:
    """All complete sets; with ``incomplete`` one more of which all units can be bought and at least one can be got."""
    cdef int64_t to_buy = basket.quantities[0], to_get = basket.quantities[1], count, rest
    cdef Sets sets
    count = minimum(units.buyable // to_buy, units.gettable // to_get)
    count = minimum(minimum(count, units.either // (to_buy + to_get)), repeat)
    sets.bought = count * to_buy
    sets.got = count * to_get
    if reward.incomplete and count < repeat and units.buyable >= sets.bought + to_buy:
        rest = minimum(units.gettable, units.either - sets.bought - to_buy) - sets.got
        if rest > 0:
            sets.bought += to_buy
            sets.got += rest
    return sets


cdef int32_t select_got(
    Basket* basket, int32_t count, const uint64_t* buyable, const uint64_t* gettable, int64_t units, int64_t spare
) noexcept nogil:
    """Selects so many of the units that can be got, but of those that can be bought as well only the spare ones."""
    cdef int32_t index, selected = 0
    cdef int64_t taken
    cdef const Piece* piece
    for index in range(count):
        piece = &basket.pieces[index]
        if not contains(gettable, piece.line):
            continue
        taken = minimum(units, piece.count)
        if contains(buyable, piece.line):
            taken = minimum(taken, spare)
            spare -= taken
        units -= taken
        if taken:
            select(basket, &selected, index, taken)
    sort(basket.selected, selected, BY_LINE)
    return selected


cdef int32_t select_bought(
    Basket* basket, int32_t selected, int32_t count, const uint64_t* buyable, const uint64_t* gettable, int64_t units
) noexcept nogil:
    """Appends so many of the units that can be bought to the selected pieces, those first that can only be bought."""
    cdef int32_t index
    cdef int64_t taken
    cdef bint either
    cdef const Piece* piece
    for either in range(2):
        for index in range(count):
            piece = &basket.pieces[index]
            if contains(buyable, piece.line) and contains(gettable, piece.line) == either:
                taken = minimum(units, piece.count)
                units -= taken
                if taken:
                    select(basket, &selected, index, taken)
    return selected
