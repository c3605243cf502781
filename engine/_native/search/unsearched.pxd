"""Bounds that need no search, and what is granted when there are too many promotions (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Basket
from engine._native.program cimport Rules

cdef int64_t bound_by_rooms(const Rules* rules, Basket* basket) noexcept nogil
cdef void grant_unsearched(
    const Rules* rules, Basket* basket, const int32_t* promotions, int32_t count, const int32_t* granted,
    int32_t granted_count
) noexcept nogil
cdef void add_unsearched_gap(const Rules* rules, Basket* basket, int32_t first) noexcept nogil
