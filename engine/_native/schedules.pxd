"""Schedules as a calendar, and the local time they follow (docs/pricing.md §4)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.calendar cimport Calendar
from engine._native.memory cimport Arena
from engine._native.program cimport Rules

cdef enum:
    DAY = 86_400                  # seconds
    WEEK = 7 * DAY

cdef int lay_out_calendar(const Rules* rules, Arena memory, Calendar* calendar) except -1
cdef int32_t second_of_week(const Rules* rules, int64_t moment) noexcept nogil
cdef int32_t transitions_until(const Rules* rules, int64_t moment) noexcept nogil
cdef int64_t offset_at(const Rules* rules, int64_t moment) noexcept nogil
