"""The undo log: lines as they were before grants changed them."""

from engine._native.basket cimport Basket, Line
from engine._native.search.candidates cimport Savepoint

cdef Savepoint savepoint(const Basket* basket) noexcept nogil
cdef bint save_line(Basket* basket, const Line* line) noexcept nogil
cdef void roll_back(Basket* basket, const Savepoint* point) noexcept nogil


cdef inline bint preserve(Basket* basket, const Line* line) noexcept nogil:
    """To be called before the promotion at hand changes a line; False when the journal has no room for it."""
    return not basket.journal.kept or line.touched or save_line(basket, line)
