"""Left-over minor units of a spread that do not go by the largest remainder (docs/pricing.md §7)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.spreading cimport Target

cdef void give_first(int64_t left, Target* targets, int32_t count, bint even) noexcept nogil
cdef void give_carried(
    int64_t total, Target* targets, int32_t count, bint even, int64_t divisor, int rounding
) noexcept nogil
cdef void give_last(
    int64_t left, Target* targets, int32_t count, bint even, int64_t divisor, int rounding
) noexcept nogil
cdef void give_rounded(
    int64_t left, Target* targets, int32_t count, bint even, int64_t divisor, int rounding
) noexcept nogil
