"""What candidates claim one after the other, as far as that is known before they are granted (docs/search.md)."""

from libc.stdint cimport int32_t, uint64_t

from engine._native.candidates cimport Search, Stock, Worth

cdef enum Rehearsed:
    IMPOSSIBLE                    # it can claim nothing, so it is not granted
    UNKNOWN_CLAIMS                # nor is it known what is left of the lines that it reaches for
    KNOWN_CLAIMS

cdef void order_claims(Search* search, int32_t place, int32_t line_count) noexcept nogil
cdef Rehearsed rehearse(
    Search* search, int32_t place, int32_t line_count, const uint64_t* drainable, Stock* stocks, Worth* worth
) noexcept nogil
cdef void lose_sight(const Search* search, int32_t index, int32_t line_count, Stock* stocks) noexcept nogil
