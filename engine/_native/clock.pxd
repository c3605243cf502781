"""Which schedules of a program are open at a moment."""

from libc.stdint cimport int32_t, int64_t

from engine._native.calendar cimport Calendar
from engine._native.memory cimport Arena
from engine._native.program cimport Program


cdef class Clock:
    cdef Program program
    cdef const Calendar* calendar
    cdef Arena memory
    cdef int64_t now
    cdef int32_t bound_place      # bounds at or before now
    cdef int32_t flip_place       # flips of the week at or before now
    cdef int32_t* open            # schedules that are open now
    cdef int32_t open_count
    cdef int32_t* places          # of each schedule: its place in ``open``; -1: closed
    cdef unsigned char* hours     # of each pattern: 1 when it is open now
    cdef unsigned char* odd       # scratch, of each pattern: 1 after an odd number of flips
    # Schedules with a pattern that run now, in a linked list for each pattern; -1: none.
    cdef int32_t* first_follower  # of each pattern
    cdef int32_t* next_follower   # of each schedule
    cdef int32_t* earlier_follower
    cdef int32_t follower_count
    # No schedule begins, opens, closes or ends in the seconds [since, until).
    cdef int64_t since
    cdef int64_t until            # INT64_MAX: forever

    cdef void look(self, int64_t second) noexcept
    cdef void move(self, int64_t second) noexcept
    cdef bint step(self, int64_t edge) noexcept
    cdef int64_t next_edge(self, int64_t last) noexcept
    cdef int64_t next_flip(self) noexcept
    cdef void set_running(self, int32_t schedule, bint runs) noexcept
    cdef void follow(self, int32_t schedule, int32_t pattern) noexcept
    cdef void unfollow(self, int32_t schedule, int32_t pattern) noexcept
    cdef void set_open(self, int32_t schedule, bint opens) noexcept
    cdef bint turn(self, int64_t second) noexcept
    cdef int32_t flips_until(self, int32_t week) noexcept


cdef inline bint is_open(Clock clock, int32_t schedule) noexcept:
    """At the second last looked at."""
    return clock.places[schedule] >= 0
