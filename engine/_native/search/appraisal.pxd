"""What a candidate may grant at most, in all and of each line (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Basket
from engine._native.program cimport Rules

cdef bint appraise(
    const Rules* rules, Basket* basket, int32_t index, int32_t first, int64_t points_before
) noexcept nogil
