"""Which schedules of a program are open, as the clock moves."""

from libc.stdint cimport int32_t, int64_t

from engine._native.calendar cimport Calendar
from engine._native.memory cimport Arena
from engine._native.program cimport Program


cdef class Clock:
    cdef Program program
    cdef const Calendar* calendar
    cdef Arena memory
    cdef int64_t now
    cdef int32_t bound_place      # bounds that lie at or before it
    cdef int32_t flip_place       # flips of the week that do
    cdef int32_t* open            # schedules that are open now
    cdef int32_t open_count
    cdef int32_t* places          # of each schedule: its place among the open ones; -1: it is closed
    cdef unsigned char* hours     # of each pattern: 1 where it is open now
    cdef unsigned char* odd       # of each pattern, as patterns turn: 1 where it is not as it was
    # Schedules that run now and have a pattern, in a chain for each pattern; -1: none.
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
