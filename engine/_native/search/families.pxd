"""Families: the sets of a search by which claimers they have (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Basket
from engine._native.search.candidates cimport Search

cdef bint find_claimers(Search* search) noexcept nogil
cdef void list_families(Basket* basket, Search* search, int64_t bound, int64_t most_work) noexcept nogil
cdef void clear_family(Search* search) noexcept nogil
cdef void begin_family(Search* search, int32_t family) noexcept nogil
cdef int64_t bound_of_families(const Search* search) noexcept nogil
