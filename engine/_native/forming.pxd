"""What the sets of a bundle save at most, formed one after the other (docs/search.md)."""

from libc.stdint cimport int64_t

from engine._native.candidates cimport Candidate, Search

cdef int64_t most_of_sets(
    const Search* search, const Candidate* candidate, const int64_t* claimed, const int64_t* available, int64_t sets,
    int64_t* formed
) noexcept nogil
