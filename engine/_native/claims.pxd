"""What candidates that claim units may still save (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Basket
from engine._native.candidates cimport Candidate, Search

cdef void sort_by_density(Search* search) noexcept nogil
cdef void count_unclaimed(const Basket* basket, Search* search) noexcept nogil
cdef void count_claims_before(
    const Basket* basket, Search* search, int32_t first, int32_t index, int64_t* claimed
) noexcept nogil
cdef void reach_lines(const Basket* basket, Search* search, int32_t index, const int64_t* claimed) noexcept nogil
cdef int64_t most_of_claims(
    const Search* search, const Candidate* candidate, const int64_t* claimed, int64_t* claiming
) noexcept nogil
cdef bint price_claims(const Basket* basket, Search* search) noexcept nogil
cdef int64_t saved_beyond(const Search* search, const Candidate* candidate, int64_t most) noexcept nogil


cdef inline bint is_claiming(const Search* search, const Candidate* candidate) noexcept nogil:
    """Whether what it may claim is listed, and is that of the layer at hand."""
    return candidate.claim_count >= 0 and candidate.layer == search.layer
