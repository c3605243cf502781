"""The units of lines as runs of those alike (docs/pricing.md §3)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Basket, Line
from engine._native.program cimport Rules

cdef void unpack_lines(const Rules* rules, Basket* basket) noexcept nogil
cdef void enter_lines(const Rules* rules, Basket* basket) noexcept nogil
cdef void settle(Basket* basket, bint compounding) noexcept nogil
cdef int32_t split(Basket* basket, Line* line, int32_t place, int64_t units) noexcept nogil


cdef inline int32_t cut(Basket* basket, Line* line, int32_t place, int64_t units) noexcept nogil:
    """The place at which so many units of a run are a run of their own; -1 when there is no room for another run."""
    if units == basket.runs[line.first_run + place].count:
        return place
    return split(basket, line, place, units)
