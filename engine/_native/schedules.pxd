"""When a schedule is open, and when that changes next (docs/pricing.md §4)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.program cimport Rules

cdef bint is_open(const Rules* rules, int32_t schedule, int64_t second) noexcept nogil
cdef int64_t offset_at(const Rules* rules, int64_t second) noexcept nogil
cdef int64_t next_change(const Rules* rules, int32_t schedule, int64_t second) noexcept nogil
