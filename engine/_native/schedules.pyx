"""Schedules as a calendar, and the local time they follow (docs/pricing.md §4)."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t
from libc.stdlib cimport qsort

from engine._native.artifact cimport SCHEDULES, TRANSITIONS, Schedule, Window
from engine._native.calendar cimport ALWAYS, NEVER, Bound, Calendar, Flip
from engine._native.memory cimport Arena
from engine._native.program cimport Rules

cdef enum:
    MINUTE = 60                   # seconds
    DAYS = 7
    FIRST_DAY = 3                 # of the week: 1970-01-01 was a Thursday; Monday is 0
    EDGES = 2 * DAYS              # of a window, in a week

cdef struct Hours:
    int32_t weekdays
    int32_t first_window
    int32_t window_count
    int32_t schedule


cdef int lay_out_calendar(const Rules* rules, Arena memory, Calendar* calendar) except -1:
    """Raises MemoryError."""
    cdef int32_t count = rules.counts[<int>SCHEDULES], place
    cdef int64_t windows = 0
    cdef const Schedule* schedule
    cdef Hours* hours = <Hours*>memory.take(count, sizeof(Hours))
    for place in range(count):
        schedule = &rules.schedules[place]
        hours[place] = Hours(schedule.weekdays, schedule.first_window, schedule.window_count, place)
    qsort(hours, count, sizeof(Hours), by_hours)
    for place in range(count):
        if place == 0 or by_hours(&hours[place - 1], &hours[place]):
            windows += hours[place].window_count
    calendar.patterns = memory.indices(count)
    calendar.open = <unsigned char*>memory.take(count, sizeof(char))
    calendar.flips = <Flip*>memory.take(EDGES * windows, sizeof(Flip))
    calendar.pattern_count = calendar.flip_count = 0
    for place in range(count):
        if place and by_hours(&hours[place - 1], &hours[place]) == 0:
            calendar.patterns[hours[place].schedule] = calendar.patterns[hours[place - 1].schedule]
        else:
            calendar.patterns[hours[place].schedule] = add_pattern(rules, &hours[place], calendar)
    qsort(calendar.flips, calendar.flip_count, sizeof(Flip), by_second)
    calendar.bounds = <Bound*>memory.take(2 * count, sizeof(Bound))
    calendar.bound_count = 0
    for place in range(count):
        schedule = &rules.schedules[place]
        if schedule.starts < schedule.ends:
            add_bound(calendar, Bound(schedule.starts, place, True))
            if schedule.ends < INT64_MAX:
                add_bound(calendar, Bound(schedule.ends, place, False))
    qsort(calendar.bounds, calendar.bound_count, sizeof(Bound), by_moment)
    return 0


cdef void add_bound(Calendar* calendar, Bound bound) noexcept:
    calendar.bounds[calendar.bound_count] = bound
    calendar.bound_count += 1


cdef int32_t add_pattern(const Rules* rules, const Hours* hours, Calendar* calendar) noexcept:
    """Adds the flips of a pattern and returns its number; ALWAYS or NEVER when it has none."""
    cdef Flip* flips = &calendar.flips[calendar.flip_count]
    cdef const Window* window
    cdef int32_t day, place, edge, count = 0, kept = 0
    cdef bint open, was_open
    if hours.window_count == 0:
        return ALWAYS
    for window in rules.windows[hours.first_window:hours.first_window + hours.window_count]:
        for day in range(DAYS):
            for edge in (window.start, window.end):
                flips[count] = Flip((<int>DAY * day + <int>MINUTE * edge) % <int>WEEK, calendar.pattern_count)
                count += 1
    qsort(flips, count, sizeof(Flip), by_second)
    # As the last second of the week leaves it; then edges stay that change something.
    open = was_open = are_open(rules, hours, <int>WEEK - 1)
    for place in range(count):
        if are_open(rules, hours, flips[place].second) != was_open:
            was_open = not was_open
            flips[kept] = flips[place]
            kept += 1
    if kept == 0:
        return ALWAYS if open else NEVER
    calendar.flip_count += kept
    calendar.open[calendar.pattern_count] = open
    calendar.pattern_count += 1
    return calendar.pattern_count - 1


cdef bint are_open(const Rules* rules, const Hours* hours, int32_t second) noexcept:
    """Whether the hours are open at a second of the week. A window over midnight belongs to the day on which it starts.
    """
    cdef const Window* window
    cdef int32_t day = second // <int>DAY, minute = second % <int>DAY // <int>MINUTE
    cdef bint today = hours.weekdays >> day & 1, yesterday = hours.weekdays >> (day + DAYS - 1) % <int>DAYS & 1
    for window in rules.windows[hours.first_window:hours.first_window + hours.window_count]:
        if window.start < window.end:
            if today and window.start <= minute < window.end:
                return True
        elif (today and minute >= window.start) or (yesterday and minute < window.end):
            return True
    return False


cdef int by_hours(const void* left, const void* right) noexcept nogil:
    cdef const Hours* one = <const Hours*>left
    cdef const Hours* other = <const Hours*>right
    if one.weekdays != other.weekdays:
        return one.weekdays - other.weekdays
    if one.first_window != other.first_window:
        return one.first_window - other.first_window
    return one.window_count - other.window_count


cdef int by_second(const void* left, const void* right) noexcept nogil:
    return (<const Flip*>left).second - (<const Flip*>right).second


cdef int by_moment(const void* left, const void* right) noexcept nogil:
    cdef const Bound* one = <const Bound*>left
    cdef const Bound* other = <const Bound*>right
    if one.moment != other.moment:
        return -1 if one.moment < other.moment else 1
    return one.starts - other.starts


cdef int32_t second_of_week(const Rules* rules, int64_t moment) noexcept nogil:
    """In local time, from Monday 0:00."""
    cdef int64_t local = moment + offset_at(rules, moment) + FIRST_DAY * <int64_t>DAY
    # C divides towards zero, and moments before 1970 are negative.
    local %= <int64_t>WEEK
    return <int32_t>(local + <int64_t>WEEK if local < 0 else local)


cdef int64_t offset_at(const Rules* rules, int64_t moment) noexcept nogil:
    """Seconds by which local time in the rule set's zone is ahead of UTC."""
    cdef int32_t past = transitions_until(rules, moment)
    return rules.transitions[past - 1 if past else 0].offset


cdef int32_t transitions_until(const Rules* rules, int64_t moment) noexcept nogil:
    """How many changes of the offset there are at or before the moment."""
    cdef int32_t low = 0, high = rules.counts[<int>TRANSITIONS], middle
    while low < high:
        middle = (low + high) // 2
        if rules.transitions[middle].start <= moment:
            low = middle + 1
        else:
            high = middle
    return low
