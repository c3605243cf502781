"""The units of lines as runs of those alike (docs/pricing.md §3)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Basket, Line, Run
from engine._native.program cimport Rules

cdef void unpack_lines(const Rules* rules, Basket* basket) noexcept nogil
cdef void enter_lines(const Rules* rules, Basket* basket) noexcept nogil
cdef void settle(Basket* basket, bint compounding) noexcept nogil
cdef int32_t split(Basket* basket, Line* line, int32_t place, int64_t units) noexcept nogil
cdef bint move(Basket* basket, Line* line) noexcept nogil
cdef void sort(Basket* basket, Line* line) noexcept nogil


cdef inline int32_t cut(Basket* basket, Line* line, int32_t place, int64_t units) noexcept nogil:
    """The place at which so many units of a run are a run of their own; -1 when there is no room for another run."""
    if units == basket.runs[line.first_run + place].count:
        return place
    return split(basket, line, place, units)


cdef inline bint comes_before(const Run* left, const Run* right) noexcept nogil:
    if left.base != right.base:
        return left.base > right.base
    if left.price != right.price:
        return left.price > right.price
    return left.claimed > right.claimed


cdef inline void arrange(Basket* basket, Line* line) noexcept nogil:
    """Puts a line's runs in order and merges those alike; mostly there is nothing to do."""
    cdef const Run* runs = &basket.runs[line.first_run]
    cdef int32_t place
    for place in range(1, line.run_count):
        if not comes_before(&runs[place - 1], &runs[place]):
            sort(basket, line)
            return


cdef inline void pay(Basket* basket, Line* line) noexcept nogil:
    """Takes what a line owes off its units, which are one run: off each the same, and off the first ones one more."""
    cdef Run* run = &basket.runs[line.first_run]
    cdef int64_t each, units
    if line.owed == 0:
        return
    each = line.owed // run.count
    units = line.owed - each * run.count
    run.price -= each
    if units:
        run[1] = run[0]
        run[1].price -= 1
        run[1].count = units
        run.count -= units
        line.run_count = 2
    line.owed = 0
