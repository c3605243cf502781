"""When the schedules of a program open and close: all of it in order (docs/pricing.md §4).

A schedule runs from its start to its end; while it runs it is open where its pattern is: hours of the local week, which
schedules may have in common. Moments are seconds since 1970 UTC.
"""

from libc.stdint cimport int32_t, int64_t

cdef enum:
    # Of a schedule, in place of a pattern.
    ALWAYS = -1                   # it is open as long as it runs
    NEVER = -2                    # no hour is its

cdef struct Bound:
    int64_t moment                # from which a schedule runs, or runs no more
    int32_t schedule
    bint starts

cdef struct Flip:
    int32_t second                # of the week, from midnight to Monday, at which a pattern opens or closes
    int32_t pattern

cdef struct Calendar:
    Bound* bounds                 # by moment, ends before starts; none of schedules that are never open
    int32_t bound_count
    int32_t* patterns             # of each schedule
    int32_t pattern_count
    unsigned char* open           # of each pattern: 1 where it is open before its first flip of the week
    Flip* flips                   # by second
    int32_t flip_count
