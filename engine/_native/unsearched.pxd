"""What no search finds out: the most that any set saves, and what is granted of too many (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Basket
from engine._native.program cimport Rules

cdef int64_t most_of_all(const Rules* rules, Basket* basket) noexcept nogil
cdef void leave_unsearched(
    const Rules* rules, Basket* basket, const int32_t* promotions, int32_t count, const int32_t* granted,
    int32_t granted_count
) noexcept nogil
cdef void settle_unsearched(const Rules* rules, Basket* basket, int32_t first) noexcept nogil
