"""Whether sets that begin with the one at hand may be better than the best one found (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Basket
from engine._native.candidates cimport Search, Vector

cdef int64_t most_saved(const Basket* basket, Search* search, int32_t first) noexcept nogil
cdef void measure(const Basket* basket, Search* search) noexcept nogil
cdef void take(const Basket* basket, Search* search, int32_t index, bint telling) noexcept nogil
cdef bint promises(const Basket* basket, Search* search, int32_t first, int64_t* most) noexcept nogil


cdef inline bint grants_other(const Vector* vector) noexcept nogil:
    """Whether it is more than a saving."""
    return vector.credit or vector.points or vector.gifts or vector.effects
