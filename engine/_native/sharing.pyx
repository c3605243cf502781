"""How much each selected unit gives of what a goods reward wants (docs/pricing.md §5, §7).

Every goods reward that selects units goes this way. The amount wanted is spread over the lines, each a target with a
weight and a capacity, and the share of a line over its selected pieces. ``Offer.per`` decides the weights and limits.
"""

from libc.stdint cimport int32_t, int64_t

from engine._native.artifact cimport Leftover, Per
from engine._native.basket cimport Basket, Line, Piece, Shipment
from engine._native.journal cimport preserve
from engine._native.money cimport capped, int128, minimum
from engine._native.rewards cimport (
    GRANTED, NO_EFFECT, OUT_OF_ROOM, Offer, Outcome, is_carried, wanted, wanted_of_line, wanted_off_list, weight,
)
from engine._native.runs cimport cut, take_off_run
from engine._native.selection cimport end_of_line
from engine._native.spreading cimport Target, spread


cdef struct Prices:
    # Of a unit, or the sums of several.
    int64_t base
    int64_t list                  # the list price, or the base of lines that have none


cdef Outcome take(Basket* basket, Offer* offer, int32_t count, int64_t* times, bint claiming) noexcept nogil:
    """Takes the offer off the selected pieces, which are ordered by line, and claims them if asked to.

    This is done ``times`` over, each time with as many units of every piece, all alike. ``times`` is lowered to what
    the cap allows.
    """
    cdef int32_t lines
    cdef int64_t share, granted
    cdef int128 total = wanted_of_lines(basket, offer, count, &lines)
    cdef const Target* target
    granted = spread(capped(total, offer.cap), basket.line_targets, lines, offer.leftover, offer.rounding)
    if granted == 0:
        return NO_EFFECT
    times[0] = minimum(times[0], offer.cap // granted)
    if claiming and not claim(basket, count, times[0]):
        return OUT_OF_ROOM
    offer.wanted += wanted_under(offer.cap, total, granted, times[0])
    offer.cap -= granted * times[0]
    for target in basket.line_targets[:lines]:
        # A line is a target of one unit: it gives its share, and perhaps one more.
        share = target.share + target.extra
        if basket.selected[target.first].line >= basket.line_count:
            take_from_rate(&basket.shipments[basket.selected[target.first].line - basket.line_count], share)
        elif share and not take_from_line(basket, target, offer, share, times[0]):
            return OUT_OF_ROOM
    return GRANTED


cdef int128 wanted_of_lines(Basket* basket, const Offer* offer, int32_t count, int32_t* lines) noexcept nogil:
    """What is wanted of the selected pieces, which are ordered by line. Makes a target of each of their ``lines`` that
    can give something.
    """
    cdef int32_t place = 0
    cdef Prices prices = Prices(0, 0)
    cdef int128 total = 0
    cdef Target* target
    lines[0] = 0
    while place < count:
        target = &basket.line_targets[lines[0]]
        target.first = place
        target.end = place = end_of_line(basket.selected, place, count)
        total += measure(basket, offer, &prices, target)
        lines[0] += target.capacity > 0
    return <int128>wanted_of(offer, &prices) if offer.per == Per.ORDER else total


cdef int128 wanted_under(int64_t cap, int128 want, int64_t granted, int64_t times) noexcept nogil:
    """What is wanted in so many repetitions, in each at most what the grants before have left of the cap.

    Three times 10.00 under a cap of 18.00, 5.00 granted each time, are 10.00, 10.00 and 8.00.
    """
    cdef int64_t whole = 0
    if <int128>cap >= want:
        whole = minimum(times, <int64_t>((<int128>cap - want) // <int128>granted + <int128>1))
    return (
        want * <int128>whole + <int128>cap * <int128>(times - whole)
        - <int128>granted * (<int128>(times - whole) * <int128>(whole + times - 1) // <int128>2)
    )


cdef inline Prices prices_of(const Basket* basket, const Piece* piece) noexcept nogil:
    cdef Prices prices = Prices(piece.base, piece.base)
    if piece.line < basket.line_count and basket.lines[piece.line].list_price >= 0:
        prices.list = basket.lines[piece.line].list_price
    return prices


cdef inline int64_t wanted_of(const Offer* offer, const Prices* prices) noexcept nogil:
    if offer.of_list_price:
        return wanted_off_list(offer, prices.base, prices.list)
    return wanted(offer, prices.base)


cdef inline int64_t weight_of(const Offer* offer, const Prices* prices) noexcept nogil:
    return wanted_of(offer, prices) if offer.of_list_price else weight(offer, prices.base)


cdef inline int128 measure(
    const Basket* basket, const Offer* offer, Prices* before, Target* target
) noexcept nogil:
    """Sets weight and capacity of a line's target, and adds its prices; returns what is wanted of the line by itself.
    """
    cdef int64_t floor = floor_of(basket, basket.selected[target.first].line), want
    cdef int128 total = 0
    cdef Prices prices, unit
    cdef const Piece* piece
    target.units = 1
    target.weight = 0
    target.capacity = 0
    if offer.per == Per.UNIT:
        for piece in basket.selected[target.first:target.end]:
            prices = prices_of(basket, piece)
            want = wanted_of(offer, &prices)
            target.weight += weight_of(offer, &prices) * piece.count
            target.capacity += minimum(want, piece.price - floor) * piece.count
            total += <int128>want * <int128>piece.count
        return total
    prices = Prices(0, 0)
    for piece in basket.selected[target.first:target.end]:
        unit = prices_of(basket, piece)
        prices.base += unit.base * piece.count
        prices.list += unit.list * piece.count
        target.capacity += (piece.price - floor) * piece.count
    target.weight = prices.base
    if offer.per == Per.LINE:
        want = wanted_of_line(offer, before.base, prices.base) if is_carried(offer) else wanted_of(offer, &prices)
        target.weight = weight_of(offer, &prices)
        target.capacity = minimum(want, target.capacity)
        total = <int128>want
    before.base += prices.base
    before.list += prices.list
    return total


cdef inline int64_t floor_of(const Basket* basket, int32_t line) noexcept nogil:
    """Of a unit of a line; shipping has none."""
    return basket.lines[line].floor if line < basket.line_count else 0


cdef inline void take_from_rate(Shipment* shipment, int64_t share) noexcept nogil:
    shipment.charge -= share
    shipment.granted = share


cdef bint take_from_line(
    Basket* basket, const Target* line_target, const Offer* offer, int64_t share, int64_t times
) noexcept nogil:
    """Takes a line's share off its selected pieces; False when there is no room for another run."""
    cdef const Piece* pieces = &basket.selected[line_target.first]
    cdef const Piece* piece
    cdef Target* targets = basket.piece_targets
    cdef Line* line = &basket.lines[pieces.line]
    cdef int32_t count = line_target.end - line_target.first, place, index
    cdef Prices prices
    if not preserve(basket, line):
        return False
    for index in range(count):
        piece = &pieces[index]
        targets[index].units = piece.count
        if offer.per == Per.UNIT:
            prices = prices_of(basket, piece)
            targets[index].weight = weight_of(offer, &prices)
            targets[index].capacity = minimum(wanted_of(offer, &prices), piece.price - line.floor)
        else:
            targets[index].weight = piece.base
            targets[index].capacity = piece.price - line.floor
    spread(share, targets, count, Leftover.LARGEST_REMAINDER, offer.rounding)
    for index in range(count):
        piece = &pieces[index]
        place = cut(basket, line, piece.place, piece.count * times)
        if place < 0 or not take_off_run(basket, line, place, &targets[index], times):
            return False
    line.granted += share * times
    line.touched = True
    return True


cdef bint claim(Basket* basket, int32_t count, int64_t times) noexcept nogil:
    """Claims ``times`` the units of the selected pieces; False when there is no room for another run."""
    cdef Line* line
    cdef Piece* piece
    for piece in basket.selected[:count]:
        line = &basket.lines[piece.line]
        if not preserve(basket, line):
            return False
        piece.place = cut(basket, line, piece.place, piece.count * times)
        if piece.place < 0:
            return False
        line.runs[piece.place].claimed = True
        line.touched = True
    return True
