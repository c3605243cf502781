"""Spreading one amount over targets (docs/pricing.md §7)."""

from libc.stdint cimport int32_t, int64_t

cdef struct Target:
    # A line, or a run of units alike. Nothing is negative.
    int64_t weight                # of each unit; summed over all targets at most 10^15, and so are the capacities
    int64_t capacity              # of each unit
    int64_t units                 # at least 1; a line counts as one
    int64_t share                 # out: what each unit takes
    int64_t extra                 # out: the first so many units take one more
    int64_t remainder             # scratch
    int32_t first                 # the caller's: of a line, the slice of its pieces
    int32_t end
    int32_t rank                  # scratch: that of target k is the index of the one with the k-th largest remainder
    bint clamped                  # scratch

cdef struct Sums:
    # Of targets, unit by unit.
    int64_t weight
    int64_t capacity
    int64_t units

cdef int64_t spread(int64_t total, Target* targets, int32_t count, int leftover, int rounding) noexcept nogil
cdef int64_t spread_summed(
    int64_t total, const Sums* sums, Target* targets, int32_t count, int leftover, int rounding
) noexcept nogil
