"""Left-over minor units of a spread that do not go by the largest remainder (docs/pricing.md §7)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.spreading cimport Target

cdef void give_left_over(
    int leftover, int64_t total, int64_t floored, Target* targets, int32_t count, bint even, int64_t divisor,
    int rounding
) noexcept nogil
