"""The units that a goods reward may reach, as pieces, and which of them go first (docs/pricing.md §5)."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.artifact cimport GoodsReward
from engine._native.basket cimport Basket, Piece, Shipment, lines_of_segment
from engine._native.bits cimport is_empty
from engine._native.program cimport Rules

cdef enum Order:
    BY_LINE = -1                  # within a line dearest first; the other orders are those of Pick

cdef bint reach(const Rules* rules, Basket* basket, const GoodsReward* reward) noexcept nogil
cdef int32_t gather(Basket* basket, bint unclaimed, Piece* pieces) noexcept nogil
cdef int32_t select_units(Basket* basket, int32_t count, const GoodsReward* reward, int64_t quantity) noexcept nogil
cdef int32_t select_more(Basket* basket, int32_t selected, const GoodsReward* reward, int64_t quantity) noexcept nogil
cdef int64_t units_of(const Basket* basket, int32_t segment) noexcept nogil
cdef void leave_out_reduced(Basket* basket) noexcept nogil
cdef int32_t select_rates(Basket* basket, int32_t count, const GoodsReward* reward, bint compounding) noexcept nogil
cdef void sort(Piece* pieces, int32_t count, int order) noexcept nogil
cdef int32_t by_line(Piece* pieces, int32_t first, int32_t end) noexcept nogil
cdef void turn(Piece* pieces, int32_t count) noexcept nogil


cdef inline const uint64_t* lines_of_part(
    const Rules* rules, const Basket* basket, const GoodsReward* reward, int32_t part
) noexcept nogil:
    """Set of those in the segment of one of a reward's parts, counted from 0."""
    return lines_of_segment(basket, rules.parts[reward.first_part + part].segment)


cdef inline bint has_units(const Basket* basket, int32_t segment) noexcept nogil:
    return not is_empty(lines_of_segment(basket, segment), basket.word_count)


cdef inline int32_t end_of_line(const Piece* pieces, int32_t place, int32_t count) noexcept nogil:
    """Of pieces by line, the place behind the last one of the same line."""
    cdef int32_t line = pieces[place].line
    while place < count and pieces[place].line == line:
        place += 1
    return place


cdef inline bint is_reached(const GoodsReward* reward, const Shipment* shipment) noexcept nogil:
    """Whether a reward of goods and shipping reaches the rate chosen for a shipment, if there is one."""
    return shipment.chosen and not (reward.skip_reduced and shipment.entered < shipment.price)


cdef inline void select(Basket* basket, int32_t* count, int32_t source, int64_t units) noexcept nogil:
    """Moves units from one of the pieces within reach to a new one among those selected."""
    cdef Piece* piece = &basket.selected[count[0]]
    piece[0] = basket.pieces[source]
    piece.count = units
    piece.source = source
    basket.pieces[source].count -= units
    count[0] += 1
