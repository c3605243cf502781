"""Spreading an amount over targets (docs/pricing.md §7)."""

from libc.stdint cimport int32_t, int64_t

cdef struct Target:
    # What an amount is spread over: a line, or a run of units alike. No field is negative.
    int64_t weight                # of each unit; all weights sum up to at most 10^15, as do all capacities
    int64_t capacity              # of each unit
    int64_t units                 # at least 1; a line is one unit
    int64_t share                 # out: what each unit gives
    int64_t extra                 # out: the first so many units give one more
    int64_t remainder             # scratch
    int32_t first                 # for the caller: of a line, the slice of its pieces
    int32_t end
    int32_t rank                  # scratch: of the k-th target, the index of the one with the k-th largest remainder
    bint clamped                  # scratch: its share is its capacity

cdef struct Sums:
    # Over all units of all targets.
    int64_t weight
    int64_t capacity
    int64_t units

cdef int64_t spread(int64_t total, Target* targets, int32_t count, int leftover, int rounding) noexcept nogil
cdef int64_t spread_summed(
    int64_t total, const Sums* sums, Target* targets, int32_t count, int leftover, int rounding
) noexcept nogil
