"""What the appraisals of all kinds of rewards share (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.artifact cimport Per, RewardKind, Rounding
from engine._native.basket cimport Basket, Piece
from engine._native.bits cimport contains
from engine._native.money cimport WHOLE, int128, minimum
from engine._native.rewards cimport Offer, is_carried, wanted
from engine._native.search.candidates cimport Candidate, Cap, Search
from engine._native.selection cimport gather, sort


cdef void add_cap(Search* search, Candidate* candidate, int32_t column, int64_t amount) noexcept nogil:
    """Caps what the candidate may take of a column. When there is no room to list all caps, none are listed."""
    cdef Cap* cap
    if amount <= 0 or candidate.cap_count < 0:
        return
    if search.cap_used == search.cap_room:
        search.cap_used = candidate.first_cap
        candidate.cap_count = -1
        return
    cap = &search.caps[search.cap_used]
    cap.amount = amount
    cap.share = cap.unusable = 0
    search.sure[search.cap_used] = 0
    cap.column = search.cap_columns[search.cap_used] = column
    search.cap_used += 1
    candidate.cap_count += 1


cdef void gather_reached(Appraisal* of, bint unclaimed, int order) noexcept nogil:
    """Gathers the units within reach in the basket's pieces, in the order given."""
    cdef Basket* basket = of.basket
    cdef Piece* piece
    of.count = gather(basket, unclaimed and of.entered, basket.pieces)
    if not of.entered:
        for piece in basket.pieces[:of.count]:
            piece.base = piece.price
    sort(basket.pieces, of.count, order)


cdef int64_t rounded_parts(const Offer* offer, int64_t base, int64_t times) noexcept nogil:
    """The most that a percentage of a base can be when it is rounded for each of so many parts of it."""
    cdef int128 scaled = <int128>2 * <int128>base * <int128>offer.number
    if is_carried(offer):
        scaled += <int128>2 * <int128>times * <int128>WHOLE
    elif offer.rounding != Rounding.DOWN:
        scaled += <int128>times * <int128>WHOLE
    return minimum(base, <int64_t>(scaled // <int128>(2 * <int64_t>WHOLE)))


cdef int64_t most_of_unit(const Appraisal* of, int64_t base) noexcept nogil:
    """The most that is wanted of a unit. A percentage of a whole line may put all its rounding on any unit: round up.
    """
    if of.reward.per != Per.UNIT and is_carried(&of.offer):
        return most_of_line_price(of, base)
    if of.offer.kind == RewardKind.PERCENT_OFF and of.reward.per != Per.UNIT:
        return <int64_t>((<int128>base * <int128>of.offer.number + <int128>(WHOLE - 1)) // <int128>WHOLE)
    return wanted(&of.offer, base)


cdef int64_t most_of_line_price(const Appraisal* of, int64_t base) noexcept nogil:
    """The most that is wanted of a line. Rounding may carry the error of lines before it: less than one minor unit
    more.
    """
    if is_carried(&of.offer):
        return minimum(base, <int64_t>(<int128>base * <int128>of.offer.number // <int128>WHOLE) + 1)
    return wanted(&of.offer, base)


cdef int64_t times(int64_t amount, int64_t count, int64_t limit) noexcept nogil:
    """An amount so many times, at most the limit."""
    return limit if count and amount > limit // count else amount * count


cdef int64_t units_of(const Appraisal* of, const uint64_t* members) noexcept nogil:
    cdef int64_t units = 0
    cdef const Piece* piece
    for piece in of.basket.pieces[:of.count]:
        if contains(members, piece.line):
            units += piece.count
    return units


cdef int64_t window(
    const Appraisal* of, const uint64_t* members, int64_t skip, int64_t units, const Offer* offer
) noexcept nogil:
    """Of these lines' pieces: the bases of so many units after skipping so many; with an offer, what it wants of each.
    """
    cdef int64_t total = 0, taken
    cdef const Piece* piece
    for piece in of.basket.pieces[:of.count]:
        if not contains(members, piece.line):
            continue
        if skip >= piece.count:
            skip -= piece.count
            continue
        taken = minimum(piece.count - skip, units)
        skip = 0
        units -= taken
        total += taken * (minimum(piece.base, wanted(offer, piece.base)) if offer != NULL else piece.base)
        if units == 0:
            break
    return total
