"""Whether the indices in records are within their sections."""

from libc.stdint cimport int64_t

from engine._native.program cimport Rules


cdef inline bint within(const Rules* rules, int64_t index, int section) noexcept:
    return 0 <= index < rules.counts[section]


cdef inline bint slice_within(const Rules* rules, int64_t first, int64_t count, int section) noexcept:
    return 0 <= first and 0 <= count and first + count <= rules.counts[section]


cdef inline bint is_row(const Rules* rules, int64_t row, int section) noexcept:
    """Of a section that has one record for each currency."""
    return 0 <= row < rules.counts[section] // rules.currency_count
