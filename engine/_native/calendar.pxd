"""When the schedules of a program open and close, in order of time (docs/pricing.md §4).

A schedule runs from its start to its end. While it runs it is open whenever its pattern is: hours of the local week,
which several schedules may share. Moments are seconds since 1970 UTC.
"""

from libc.stdint cimport int32_t, int64_t

cdef enum:
    # In place of a schedule's pattern:
    ALWAYS = -1                   # it is open as long as it runs
    NEVER = -2                    # it has no hours

cdef struct Bound:
    int64_t moment                # from which the schedule runs, or no longer runs
    int32_t schedule
    bint starts

cdef struct Flip:
    int32_t second                # since Monday 0:00 local time, at which the pattern opens or closes
    int32_t pattern

cdef struct Calendar:
    Bound* bounds                 # by moment, ends before starts; none of schedules that never run
    int32_t bound_count
    int32_t* patterns             # of each schedule
    int32_t pattern_count
    unsigned char* open           # of each pattern: 1 when it is open as the week begins
    Flip* flips                   # by second
    int32_t flip_count
