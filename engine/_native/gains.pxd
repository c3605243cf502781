"""What a candidate may still save by units not claimed yet (docs/search.md)."""

from libc.stdint cimport int64_t

from engine._native.candidates cimport Candidate, Search

cdef int64_t most_of_claims(
    const Search* search, const Candidate* candidate, const int64_t* claimed, int64_t* claiming, int64_t* formed
) noexcept nogil
