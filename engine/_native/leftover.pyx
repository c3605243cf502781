"""Left-over minor units of a spread that do not go by the largest remainder (docs/pricing.md §7).

On entry, targets that are not clamped have the floors of their exact shares, and the remainders.
"""

from libc.stdint cimport int32_t, int64_t

from engine._native.artifact cimport Leftover
from engine._native.money cimport divide, int128, maximum, minimum, rounded
from engine._native.spreading cimport Target


cdef void give_left_over(
    int leftover, int64_t total, int64_t floored, Target* targets, int32_t count, bint even, int64_t divisor,
    int rounding
) noexcept nogil:
    """Makes shares add up to the total, of which they have so much when they are floored."""
    if leftover == Leftover.FIRST_LINES:
        give_first(total - floored, targets, count, even)
    elif leftover == Leftover.CARRIED:
        give_carried(total, targets, count, even, divisor, rounding)
    elif leftover == Leftover.ROUNDED:
        give_rounded(total, targets, count, even, divisor, rounding)
    else:
        give_last(total, targets, count, even, divisor, rounding)
    pass_on(targets, count)


cdef void give_first(int64_t left, Target* targets, int32_t count, bint even) noexcept nogil:
    """One each to the first lines that have a share: 10 over 4 / 1 / 1 is 7 / 2 / 1."""
    cdef Target* target
    for target in targets[:count]:
        if left and shares(target, even):
            target.share += 1
            left -= 1


cdef void give_last(
    int64_t left, Target* targets, int32_t count, bint even, int64_t divisor, int rounding
) noexcept nogil:
    """Every share but the last is rounded, and the last gets the rest: 10 over 4 / 1 / 1 is 7 / 2 / 1 half up."""
    cdef Target* target
    cdef Target* last = NULL
    for target in targets[:count]:
        if not shares(target, even):
            continue
        target.share = minimum(rounded(target.share, target.remainder, divisor, rounding), left)
        left -= target.share
        last = target
    last.share += left


cdef void give_carried(
    int64_t total, Target* targets, int32_t count, bint even, int64_t divisor, int rounding
) noexcept nogil:
    """The running sum of the exact shares is rounded: 10 over 4 / 1 / 1 is 7 / 1 / 2 half up."""
    cdef int64_t weight = 0, before = 0, so_far, remainder
    cdef Target* target
    for target in targets[:count]:
        if not shares(target, even):
            continue
        weight += 1 if even else target.weight
        divide(<int128>total * <int128>weight, divisor, &so_far, &remainder)
        so_far = rounded(so_far, remainder, divisor, rounding)
        target.share = so_far - before
        before = so_far


cdef void give_rounded(
    int64_t left, Target* targets, int32_t count, bint even, int64_t divisor, int rounding
) noexcept nogil:
    """Every share is rounded; the first then take or give back one each: 10 over 4 / 1 / 1 is 6 / 2 / 2 half up."""
    cdef Target* target
    for target in targets[:count]:
        if shares(target, even):
            target.share = rounded(target.share, target.remainder, divisor, rounding)
            left -= target.share
    for target in targets[:count]:
        if left > 0 and shares(target, even):
            target.share += 1
            left -= 1
        elif left < 0 and shares(target, even) and target.share:
            target.share -= 1
            left += 1


cdef void pass_on(Target* targets, int32_t count) noexcept nogil:
    """What exceeds the capacity of a line goes to the first lines that have some left."""
    cdef int64_t left = 0, more
    cdef Target* target
    for target in targets[:count]:
        left += maximum(0, target.share - target.capacity)
        target.share = minimum(target.share, target.capacity)
    for target in targets[:count]:
        if left == 0:
            return
        more = minimum(left, target.capacity - target.share)
        target.share += more
        left -= more


cdef inline bint shares(const Target* target, bint even) noexcept nogil:
    return not target.clamped and (even or target.weight > 0)
