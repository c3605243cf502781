"""Taking grants back: what they changed of lines and shipments, to be put back as it was."""

from engine._native.basket cimport Basket, Line
from engine._native.candidates cimport Mark

cdef Mark mark(const Basket* basket) noexcept nogil
cdef bint write_down(Basket* basket, const Line* line) noexcept nogil
cdef void rewind(Basket* basket, const Mark* mark) noexcept nogil


cdef inline bint preserve(Basket* basket, const Line* line) noexcept nogil:
    """To be called before the promotion at hand changes a line; False when the journal has no room for it."""
    return not basket.journal.kept or line.touched or write_down(basket, line)
