"""Bounds that charge for the lines and shipments that candidates share, at a rate for each (docs/search.md)."""

from libc.stdint cimport int64_t

from engine._native.basket cimport Basket
from engine._native.candidates cimport Search

cdef void relax_all(const Basket* basket, Search* search, int64_t enough, int64_t* best) noexcept nogil
cdef int64_t relaxed(const Basket* basket, Search* search, int64_t* savings) noexcept nogil
