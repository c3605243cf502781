"""Which candidates do not go together, and what a set saves of which at most one of each clique applies."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.candidates cimport Search
from engine._native.program cimport Rules

cdef void find_conflicts(const Rules* rules, Search* search) noexcept nogil
cdef int32_t form_cliques(Search* search) noexcept nogil
cdef int64_t most_together(Search* search, const int64_t* savings) noexcept nogil
cdef int64_t most_of_open(Search* search, const int64_t* savings, const uint64_t* open) noexcept nogil
