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


cdef inline void put_run(Run* run, int64_t base, int64_t price, int64_t count, bint claimed) noexcept nogil:
    """Field by field: a copy of the whole would wait until a field just written has come to the cache."""
    run.base = base
    run.price = price
    run.count = count
    run.claimed = claimed


cdef inline void arrange(Basket* basket, Line* line) noexcept nogil:
    """Puts a line's runs in order and merges those alike; mostly those alike stand together and all are in order."""
    cdef Run* last = &basket.runs[line.first_run]
    cdef const Run* run
    cdef bint in_order = True
    if line.run_count == 1:
        return
    for run in last[1:line.run_count]:
        if run.base == last.base and run.price == last.price and run.claimed == last.claimed:
            last.count += run.count
        else:
            in_order &= comes_before(last, run)
            last += 1
            put_run(last, run.base, run.price, run.count, run.claimed)
    line.run_count = <int32_t>(last - &basket.runs[line.first_run]) + 1
    if not in_order:
        sort(basket, line)


cdef inline void pay(Basket* basket, Line* line) noexcept nogil:
    """Takes what a line owes off its units, which are one run: off each the same, and off the first ones one more."""
    cdef Run* run = &basket.runs[line.first_run]
    cdef int64_t each, units
    if line.owed == 0:
        return
    each = line.owed // run.count
    units = line.owed - each * run.count
    # There is room for two runs, whether there are or not.
    put_run(&run[1], run.base, run.price - each - 1, units, run.claimed)
    put_run(run, run.base, run.price - each, run.count - units, run.claimed)
    line.run_count = 1 + (units > 0)
    line.owed = 0
