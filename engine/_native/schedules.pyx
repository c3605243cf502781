"""When a schedule is open, and when that changes next (docs/pricing.md §4). Moments are seconds since 1970 UTC."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t

from engine._native.artifact cimport TRANSITIONS, Schedule, Window
from engine._native.money cimport minimum
from engine._native.program cimport Rules

cdef enum:
    MINUTE = 60
    DAY = 86_400
    WEEK = 7
    FIRST_WEEKDAY = 3             # 1970-01-01 was a Thursday; Monday is 0
    SEARCH = 400                  # days after which a weekly pattern that has not changed is taken never to change


cdef bint is_open(const Rules* rules, int32_t index, int64_t second) noexcept nogil:
    cdef const Schedule* schedule = &rules.schedules[index]
    cdef const Window* window
    cdef int64_t local, day, minute
    cdef bint today, yesterday
    if not schedule.starts <= second < schedule.ends:
        return False
    if schedule.window_count == 0:
        return True
    local = second + offset_at(rules, second)
    day = floor_divide(local, DAY)
    minute = (local - day * DAY) // MINUTE
    today = has_weekday(schedule, day)
    yesterday = has_weekday(schedule, day - 1)
    for window in rules.windows[schedule.first_window:schedule.first_window + schedule.window_count]:
        if window.start < window.end:
            if today and window.start <= minute < window.end:
                return True
        elif (today and minute >= window.start) or (yesterday and minute < window.end):
            return True
    return False


cdef int64_t next_change(const Rules* rules, int32_t index, int64_t second) noexcept nogil:
    """The first second after ``second`` at which the schedule opens or closes; INT64_MAX when none comes.

    Between two zone transitions the wall clock runs evenly, so the state changes only at ``starts`` and ``ends``, at a
    transition, and where the wall clock shows an edge of a window. These moments are tried in order for SEARCH days.
    A weekly pattern that changes at all does so long before; one that is open all that time closes at ``ends``.
    """
    cdef const Schedule* schedule = &rules.schedules[index]
    cdef bint was_open = is_open(rules, index, second)
    cdef int64_t moment = second, last
    if schedule.starts > second:
        moment = schedule.starts
        if is_open(rules, index, moment):
            return moment
    if schedule.window_count:
        last = moment + <int64_t>SEARCH * DAY
        moment = next_edge(rules, schedule, moment)
        while moment <= last:
            if is_open(rules, index, moment) != was_open:
                return moment
            moment = next_edge(rules, schedule, moment)
    return schedule.ends if was_open else INT64_MAX


cdef int64_t next_edge(const Rules* rules, const Schedule* schedule, int64_t second) noexcept nogil:
    """The first moment after ``second`` at which the state may change, ``starts`` aside."""
    cdef const Window* window
    cdef int64_t offset = offset_at(rules, second)
    cdef int64_t midnight = floor_divide(second + offset, DAY) * DAY - offset
    cdef int64_t edge = INT64_MAX
    cdef int32_t transition = transitions_until(rules, second)
    if transition < rules.counts[<int>TRANSITIONS]:
        edge = rules.transitions[transition].start
    if schedule.ends > second:
        edge = minimum(edge, schedule.ends)
    for window in rules.windows[schedule.first_window:schedule.first_window + schedule.window_count]:
        edge = minimum(edge, after(second, midnight + window.start * MINUTE))
        edge = minimum(edge, after(second, midnight + window.end * MINUTE))
    return edge


cdef inline int64_t after(int64_t second, int64_t edge) noexcept nogil:
    """The edge of today or tomorrow that lies after the second."""
    return edge if edge > second else edge + DAY


cdef inline bint has_weekday(const Schedule* schedule, int64_t day) noexcept nogil:
    return (schedule.weekdays >> (day + FIRST_WEEKDAY - floor_divide(day + FIRST_WEEKDAY, WEEK) * WEEK)) & 1


cdef int64_t offset_at(const Rules* rules, int64_t second) noexcept nogil:
    """Seconds by which the wall clock of the rule set's zone is ahead of UTC."""
    cdef int32_t past = transitions_until(rules, second)
    return rules.transitions[past - 1 if past else 0].offset


cdef int32_t transitions_until(const Rules* rules, int64_t second) noexcept nogil:
    """How many transitions lie at or before the second."""
    cdef int32_t low = 0, high = rules.counts[<int>TRANSITIONS], middle
    while low < high:
        middle = (low + high) // 2
        if rules.transitions[middle].start <= second:
            low = middle + 1
        else:
            high = middle
    return low


cdef inline int64_t floor_divide(int64_t dividend, int64_t divisor) noexcept nogil:
    """C divides towards zero, and moments before 1970 are negative."""
    return dividend // divisor - (dividend % divisor < 0)
