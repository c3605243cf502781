"""The upper bound of a node: whether a set below it may be better than the incumbent (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Basket
from engine._native.search.candidates cimport Search, Vector

cdef int64_t upper_bound(const Basket* basket, Search* search, int32_t first) noexcept nogil
cdef void measure(const Basket* basket, Search* search) noexcept nogil
cdef void add_takeable(const Basket* basket, Search* search, int32_t index, bint recording) noexcept nogil
cdef bint may_improve(const Basket* basket, Search* search, int32_t first, int64_t* most) noexcept nogil


cdef inline bint grants_other(const Vector* vector) noexcept nogil:
    """Whether anything but a saving is granted."""
    return vector.credit or vector.points or vector.gifts or vector.effects
