"""The Lagrangian bound of what candidates save that share lines and shipments (docs/search.md)."""

from libc.stdint cimport int64_t

from engine._native.basket cimport Basket
from engine._native.search.candidates cimport Search

cdef void tighten(const Basket* basket, Search* search, int64_t enough, int64_t* best) noexcept nogil
cdef int64_t reduce_savings(const Basket* basket, Search* search, int64_t* savings) noexcept nogil
