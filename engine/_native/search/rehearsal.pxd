"""Rehearsals: which units claimers would take one after the other, without granting anything (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.basket cimport Basket
from engine._native.search.candidates cimport Candidate, Passes, Search, Stock, Worth

cdef enum Rehearsed:
    IMPOSSIBLE                    # there is nothing to claim, so the candidate cannot be granted
    UNKNOWN_CLAIMS                # nor is it known any more what is left of its lines
    KNOWN_CLAIMS

cdef void order_claims(Search* search, int32_t place, int32_t line_count) noexcept nogil
cdef void begin_rehearsal(const Basket* basket, Search* search) noexcept nogil
cdef void record_taken_before(Search* search, int32_t place, int32_t line_count) noexcept nogil
cdef bint has_open_dependents(const Search* search, int32_t place, const uint64_t* open) noexcept nogil
cdef Rehearsed rehearse(
    const Basket* basket, Search* search, int32_t place, Stock* stocks, Passes* passes, Worth* worth
) noexcept nogil
cdef bint is_sure_to_save(const Search* search, const Candidate* candidate) noexcept nogil
cdef bint next_passes(Passes* passes) noexcept nogil
cdef void mark_unknown(const Search* search, int32_t index, int32_t line_count, Stock* stocks) noexcept nogil


cdef inline Stock* stocks_of(const Basket* basket, const Search* search, int32_t row) noexcept nogil:
    """The lines in a scenario; or, while families are listed, before the turn of a claimer."""
    return &search.stocks[<int64_t>row * basket.line_count]
