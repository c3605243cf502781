"""Exact integers (docs/pricing.md §2): 128-bit products, rounding, and int64 arithmetic that detects overflow."""

from libc.stdint cimport INT64_MAX, int64_t, uint64_t

from engine._native.artifact cimport Rounding

cdef extern from *:
    """
    __extension__ typedef __int128 int128;
    __extension__ typedef unsigned __int128 uint128;
    static inline uint64_t upper_half(uint64_t left, uint64_t right) { return (uint64_t)((uint128)left * right >> 64); }
    static inline uint64_t inverse_of(uint64_t value, int shift) {
        return (uint64_t)((((uint128)((uint64_t)1 << shift) << 63) + (value - 1)) / value);
    }
    static inline uint64_t folded_product(uint64_t left, uint64_t right) {
        uint128 product = (uint128)left * right;
        return (uint64_t)product ^ (uint64_t)(product >> 64);
    }
    """
    # Cython takes it for a long long: cast every operand of a product or quotient.
    ctypedef long long int128
    bint add_overflows "__builtin_add_overflow" (int64_t left, int64_t right, int64_t* result) noexcept nogil
    bint subtract_overflows "__builtin_sub_overflow" (int64_t left, int64_t right, int64_t* result) noexcept nogil
    uint64_t upper_half(uint64_t left, uint64_t right) noexcept nogil
    uint64_t inverse_of(uint64_t value, int shift) noexcept nogil
    uint64_t folded_product(uint64_t left, uint64_t right) noexcept nogil
    bint multiply_overflows "__builtin_mul_overflow" (int64_t left, int64_t right, int64_t* result) noexcept nogil
    int leading_zeros "__builtin_clzll" (unsigned long long bits) noexcept nogil

cdef enum:
    WHOLE = 1_000_000             # 100 % in ppm
    MAX_AMOUNT = 1_000_000_000_000_000  # largest single amount, and the goods of a cart together, in minor units


cdef inline int64_t capped(int128 amount, int64_t cap) noexcept nogil:
    return <int64_t>amount if amount < <int128>cap else cap


cdef inline int64_t saturated(int128 amount) noexcept nogil:
    """The amount, at most MAX_AMOUNT."""
    return capped(amount, MAX_AMOUNT)


cdef inline int64_t minimum(int64_t left, int64_t right) noexcept nogil:
    return left if left < right else right


cdef inline int64_t maximum(int64_t left, int64_t right) noexcept nogil:
    return left if left > right else right


cdef inline void divide(int128 dividend, int64_t divisor, int64_t* quotient, int64_t* remainder) noexcept nogil:
    """Quotient and remainder of a dividend from 0, the quotient an int64. Most dividends fit one word, which is far
    faster.
    """
    if dividend <= <int128>INT64_MAX:
        quotient[0] = <int64_t>dividend // divisor
        remainder[0] = <int64_t>dividend - quotient[0] * divisor
    else:
        quotient[0] = <int64_t>(dividend // <int128>divisor)
        remainder[0] = <int64_t>(dividend - <int128>quotient[0] * <int128>divisor)


cdef struct Divisor:
    # A divisor from 1, used for many dividends: multiplying by its inverse is several times faster than dividing.
    int64_t value
    uint64_t inverse              # 2^(63 + shift) / value, rounded up
    int shift                     # the smallest with 2^shift >= value


cdef inline Divisor divisor_of(int64_t value) noexcept nogil:
    cdef Divisor divisor
    divisor.value = value
    divisor.shift = 63 - leading_zeros(2 * value - 1)
    divisor.inverse = inverse_of(<uint64_t>value, divisor.shift)
    return divisor


cdef inline int64_t quotient_by(int64_t dividend, const Divisor* divisor) noexcept nogil:
    """For dividends from 0.

    n * inverse / 2^(63 + shift) exceeds n / value by less than n / 2^63 / value, so it has the same whole part.
    """
    return <int64_t>(upper_half(2 * <uint64_t>dividend, divisor.inverse) >> divisor.shift)


cdef inline void divide_by(
    int128 dividend, const Divisor* divisor, int64_t* quotient, int64_t* remainder
) noexcept nogil:
    """As ``divide``."""
    if dividend <= <int128>INT64_MAX:
        quotient[0] = quotient_by(<int64_t>dividend, divisor)
        remainder[0] = <int64_t>dividend - quotient[0] * divisor.value
    else:
        divide(dividend, divisor.value, quotient, remainder)


cdef inline int64_t rounded(int64_t quotient, int64_t remainder, int64_t divisor, int rounding) noexcept nogil:
    """Rounds a quotient from 0 by the remainder of a divisor of at most 10^15."""
    if rounding == Rounding.HALF_UP:
        return quotient + (2 * remainder >= divisor)
    if rounding == Rounding.HALF_EVEN:
        return quotient + (2 * remainder + (quotient & 1) > divisor)
    if rounding == Rounding.HALF_DOWN:
        return quotient + (2 * remainder > divisor)
    return quotient


cdef inline int64_t percent_of(int64_t amount, int64_t ppm, int rounding) noexcept nogil:
    """The rounded part of an amount, neither negative: 125,000 ppm of 1999 is 249.875, half up 250."""
    cdef int64_t quotient, remainder
    divide(<int128>amount * <int128>ppm, WHOLE, &quotient, &remainder)
    return rounded(quotient, remainder, WHOLE, rounding)


cdef inline int64_t marked_up(int64_t cost, int64_t markup, int64_t limit) noexcept nogil:
    """Cost plus markup (ppm), rounded up, at most the limit: 733 and 50,000 ppm are 769.65, up to 770."""
    cdef int128 scaled = <int128>cost * (<int128>WHOLE + <int128>markup)
    return capped((scaled + <int128>(WHOLE - 1)) // <int128>WHOLE, limit)
