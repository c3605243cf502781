"""Conflicts of candidates, and the clique bounds of what compatible ones save together (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.program cimport Rules
from engine._native.search.candidates cimport Search

cdef void find_conflicts(const Rules* rules, Search* search) noexcept nogil
cdef int32_t form_cliques(Search* search) noexcept nogil
cdef int64_t clique_bound(Search* search, const int64_t* savings) noexcept nogil
cdef int64_t clique_bound_of_open(Search* search, const int64_t* savings, const uint64_t* open) noexcept nogil
