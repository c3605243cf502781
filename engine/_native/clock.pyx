"""Which schedules of a program are open at a moment: a clock moves forwards or backwards over the calendar and touches
only the schedules that begin, open, close or end on the way.
"""

from libc.stdint cimport INT64_MAX, INT64_MIN, int32_t, int64_t
from libc.string cimport memcpy

from engine._native.artifact cimport SCHEDULES, TRANSITIONS
from engine._native.calendar cimport ALWAYS, NEVER, Bound, Flip
from engine._native.memory cimport Arena
from engine._native.money cimport minimum
from engine._native.program cimport Program
from engine._native.schedules cimport DAY, WEEK, second_of_week, transitions_until

cdef enum:
    SEARCH = 400 * DAY            # hours that do not change for so long are taken never to change


cdef class Clock:
    """Goes to any second, forwards or backwards."""

    def __cinit__(self, Program program not None):
        cdef int32_t schedules = program.rules.counts[<int>SCHEDULES], patterns = program.calendar.pattern_count
        self.program = program
        self.calendar = &program.calendar
        self.memory = Arena()
        self.open = self.memory.indices(schedules)
        self.places = <int32_t*>self.memory.filled(schedules, sizeof(int32_t), 0xFF)
        self.hours = <unsigned char*>self.memory.take(patterns, sizeof(char))
        memcpy(self.hours, self.calendar.open, patterns * sizeof(char))
        self.odd = <unsigned char*>self.memory.filled(patterns, sizeof(char), 0)
        self.first_follower = <int32_t*>self.memory.filled(patterns, sizeof(int32_t), 0xFF)
        self.next_follower = self.memory.indices(schedules)
        self.earlier_follower = self.memory.indices(schedules)
        self.now = INT64_MIN

    cdef void look(self, int64_t second) noexcept:
        """Goes to a second, and finds the one at which the next schedule begins, opens, closes or ends."""
        cdef int64_t edge, last = second + <int64_t>SEARCH
        if self.since <= second < self.until:
            return
        self.move(second)
        self.since = second
        while True:
            edge = self.next_edge(last)
            if edge == INT64_MAX or self.step(edge):
                break
        self.until = edge
        if edge < INT64_MAX:
            self.move(edge - 1)

    cdef void move(self, int64_t second) noexcept:
        cdef const Bound* bound
        while self.bound_place < self.calendar.bound_count:
            bound = &self.calendar.bounds[self.bound_place]
            if bound.moment > second:
                break
            self.bound_place += 1
            self.set_running(bound.schedule, bound.starts)
        while self.bound_place:
            bound = &self.calendar.bounds[self.bound_place - 1]
            if bound.moment <= second:
                break
            self.bound_place -= 1
            self.set_running(bound.schedule, not bound.starts)
        self.turn(second)
        self.now = second

    cdef bint step(self, int64_t edge) noexcept:
        """Goes to the next edge; says whether a schedule begins, opens, closes or ends there."""
        if self.bound_place < self.calendar.bound_count and self.calendar.bounds[self.bound_place].moment == edge:
            self.move(edge)
            return True
        self.now = edge
        return self.turn(edge)

    cdef int64_t next_edge(self, int64_t last) noexcept:
        """The next bound or, if earlier and not after ``last``, the next moment at which a followed pattern may change.
        """
        cdef int64_t bound = INT64_MAX, edge
        if self.bound_place < self.calendar.bound_count:
            bound = self.calendar.bounds[self.bound_place].moment
        if self.follower_count == 0:
            return bound
        edge = self.next_flip()
        return edge if edge < bound and edge <= last else bound

    cdef int64_t next_flip(self) noexcept:
        """The next moment at which a followed pattern opens or closes, or the offset of local time changes."""
        cdef int32_t transition = transitions_until(&self.program.rules, self.now), place = self.flip_place
        cdef int64_t edge = self.now - second_of_week(&self.program.rules, self.now)
        while place < self.calendar.flip_count and self.first_follower[self.calendar.flips[place].pattern] < 0:
            place += 1
        if place == self.calendar.flip_count:
            edge += WEEK
            place = 0
            while self.first_follower[self.calendar.flips[place].pattern] < 0:
                place += 1
        edge += self.calendar.flips[place].second
        if transition < self.program.rules.counts[<int>TRANSITIONS]:
            edge = minimum(edge, self.program.rules.transitions[transition].start)
        return edge

    cdef void set_running(self, int32_t schedule, bint runs) noexcept:
        cdef int32_t pattern = self.calendar.patterns[schedule]
        if pattern == ALWAYS:
            self.set_open(schedule, runs)
        elif pattern == NEVER:
            return
        elif runs:
            self.follow(schedule, pattern)
            if self.hours[pattern]:
                self.set_open(schedule, True)
        else:
            self.unfollow(schedule, pattern)
            if self.hours[pattern]:
                self.set_open(schedule, False)

    cdef void follow(self, int32_t schedule, int32_t pattern) noexcept:
        cdef int32_t* first = &self.first_follower[pattern]
        if first[0] >= 0:
            self.earlier_follower[first[0]] = schedule
        self.next_follower[schedule] = first[0]
        self.earlier_follower[schedule] = -1
        first[0] = schedule
        self.follower_count += 1

    cdef void unfollow(self, int32_t schedule, int32_t pattern) noexcept:
        cdef int32_t later = self.next_follower[schedule], earlier = self.earlier_follower[schedule]
        if later >= 0:
            self.earlier_follower[later] = earlier
        if earlier >= 0:
            self.next_follower[earlier] = later
        else:
            self.first_follower[pattern] = later
        self.follower_count -= 1

    cdef void set_open(self, int32_t schedule, bint opens) noexcept:
        cdef int32_t last
        if opens:
            self.places[schedule] = self.open_count
            self.open[self.open_count] = schedule
            self.open_count += 1
            return
        # The last open schedule takes its place.
        self.open_count -= 1
        last = self.open[self.open_count]
        self.open[self.places[schedule]] = last
        self.places[last] = self.places[schedule]
        self.places[schedule] = -1

    cdef bint turn(self, int64_t second) noexcept:
        """Takes all patterns to their state at a second; says whether a followed one changes.

        Only the flips between both places of the week count, even when the moments are weeks apart: each pattern flips
        an even number of times in a week.
        """
        cdef const Flip* flips = self.calendar.flips
        cdef int32_t first = self.flip_place, behind, place, pattern, schedule
        cdef bint changed = False
        if self.calendar.flip_count == 0:
            return False
        behind = self.flip_place = self.flips_until(second_of_week(&self.program.rules, second))
        if first > behind:
            first, behind = behind, first
        for place in range(first, behind):
            self.odd[flips[place].pattern] ^= 1
        for place in range(first, behind):
            pattern = flips[place].pattern
            if not self.odd[pattern]:
                continue
            self.odd[pattern] = 0
            self.hours[pattern] ^= 1
            schedule = self.first_follower[pattern]
            changed |= schedule >= 0
            while schedule >= 0:
                self.set_open(schedule, self.hours[pattern])
                schedule = self.next_follower[schedule]
        return changed

    cdef int32_t flips_until(self, int32_t week) noexcept:
        """How many flips there are at or before a second of the week."""
        cdef int32_t low = 0, high = self.calendar.flip_count, middle
        while low < high:
            middle = (low + high) // 2
            if self.calendar.flips[middle].second <= week:
                low = middle + 1
            else:
                high = middle
        return low
