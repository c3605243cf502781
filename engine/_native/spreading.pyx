"""Spreading an amount over targets: in proportion to weights, by largest remainder, water-filling at the capacities
(docs/pricing.md §7).
"""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from engine._native.artifact cimport Leftover, Rounding
from engine._native.leftover cimport give_left_over
from engine._native.money cimport Divisor, divide_by, divisor_of, int128, leading_zeros, maximum, minimum
from engine._native.sorting cimport sort_records

cdef enum:
    FEW = 12                      # so many targets are sorted without bins
    BIN_BITS = 5
    BINS = 1 << BIN_BITS


cdef int64_t spread(int64_t total, Target* targets, int32_t count, int leftover, int rounding) noexcept nogil:
    """Sets every target's share and returns what was granted: the total, or less where the capacities run out.

    1500 over 7200 / 1875 / 1999 is exactly 975.26 / 253.97 / 270.77, so 975 / 254 / 271. Ties go to the earlier target.
    """
    cdef Sums sums = Sums(0, 0, 0)
    cdef const Target* target
    for target in targets[:count]:
        sums.weight += target.weight * target.units
        sums.capacity += target.capacity * target.units
        sums.units += target.units
    return spread_summed(total, &sums, targets, count, leftover, rounding)


cdef int64_t spread_summed(
    int64_t total, const Sums* sums, Target* targets, int32_t count, int leftover, int rounding
) noexcept nogil:
    """``spread`` over targets whose sums are known."""
    cdef Target* target
    if total < sums.capacity:
        fill(total, sums, targets, count, leftover, rounding)
        return total
    for target in targets[:count]:
        target.share = target.capacity
        target.extra = 0
    return sums.capacity


cdef void fill(
    int64_t total, const Sums* sums, Target* targets, int32_t count, int leftover, int rounding
) noexcept nogil:
    """Water-filling, with a total below the sum of the capacities: clamps targets at capacity and spreads the rest
    anew.
    """
    cdef int64_t granted = 0, weight = sums.weight, units = sums.units
    cdef bint even = weight == 0, full = False
    cdef Divisor divisor = divisor_of(units if even else weight)
    cdef Target* target
    for target in targets[:count]:
        target.clamped = False
        target.extra = 0
        full |= exceeds(target, total, even, &divisor)
        granted += target.share * target.units
    while full:
        for target in targets[:count]:
            if not target.clamped and target.share + (target.remainder > 0) > target.capacity:
                target.clamped = True
                target.share = target.capacity
                target.remainder = -1
                total -= target.capacity * target.units
                weight -= target.weight * target.units
                units -= target.units
        even = weight == 0
        divisor = divisor_of(units if even else weight)
        granted = 0
        full = False
        for target in targets[:count]:
            if not target.clamped:
                full |= exceeds(target, total, even, &divisor)
                granted += target.share * target.units
    if leftover == Leftover.LARGEST_REMAINDER:
        hand_out(total - granted, targets, count, divisor.value)
    else:
        give_left_over(leftover, total, granted, targets, count, even, divisor.value, rounding)


cdef inline bint exceeds(Target* target, int64_t total, bint even, const Divisor* divisor) noexcept nogil:
    """Sets a target's share of a total, floored; says whether the exact share is above its capacity."""
    cdef int64_t share, remainder
    divide_by(<int128>total * <int128>(1 if even else target.weight), divisor, &share, &remainder)
    target.share = share
    target.remainder = remainder
    return share + (remainder > 0) > target.capacity


cdef void hand_out(int64_t left, Target* targets, int32_t count, int64_t divisor) noexcept nogil:
    """Hands out what flooring left over: one each to the units with the largest remainders that are not clamped.

    Of many targets, only those near the deciding remainder are sorted: remainders are put into bins by their upper
    bits, and all above the bin in which the amount runs out get one. Nothing branches on a remainder, as such branches
    are mispredicted half of the time.
    """
    cdef int32_t index, ranked = 0, shift = 63, bin = 0
    cdef Target* target
    if left == 0:
        return
    if count > FEW:
        shift = maximum(64 - BIN_BITS - leading_zeros(divisor), 0)
        bin = deciding_bin(left, targets, count, shift)
    # A clamped target is in bin -1.
    for index in range(count):
        target = &targets[index]
        target.extra = target.units if target.remainder >> shift > bin else 0
        left -= target.extra
        targets[ranked].rank = index
        ranked += target.remainder >> shift == bin
    sort_records(&targets.rank, ranked, sizeof(int32_t), sizeof(Target), comes_before, targets)
    for index in range(ranked):
        target = &targets[targets[index].rank]
        target.extra = minimum(target.units, left)
        left -= target.extra
        if left == 0:
            return


cdef int32_t deciding_bin(int64_t left, const Target* targets, int32_t count, int32_t shift) noexcept nogil:
    """The bin in which the amount left over runs out."""
    cdef int64_t[1 + BINS] units
    cdef int32_t bin = BINS
    cdef const Target* target
    memset(units, 0, sizeof(units))
    for target in targets[:count]:
        units[1 + (target.remainder >> shift)] += target.units
    while units[bin] < left:
        left -= units[bin]
        bin -= 1
    return bin - 1


cdef bint comes_before(const void* left, const void* right, const void* targets) noexcept nogil:
    """Ranks go by remainder, largest first, then by index."""
    cdef int32_t one = (<const int32_t*>left)[0], other = (<const int32_t*>right)[0]
    cdef int64_t difference = (<const Target*>targets)[one].remainder - (<const Target*>targets)[other].remainder
    return difference > 0 or difference == 0 and one < other


def spread_over(int64_t total, runs, int leftover=Leftover.LARGEST_REMAINDER, int rounding=Rounding.HALF_UP):
    """For tests: ``spread`` over runs of (weight, capacity, units); gives the share of every single unit, in order.

    Only the largest remainder knows runs of more units than one.
    """
    cdef int32_t index
    cdef Target* targets = <Target*>malloc(max(1, len(runs)) * sizeof(Target))
    if targets == NULL:
        raise MemoryError
    try:
        for index, (weight, capacity, units) in enumerate(runs):
            targets[index].weight = weight
            targets[index].capacity = capacity
            targets[index].units = units
        spread(total, targets, len(runs), leftover, rounding)
        return [
            targets[index].share + (unit < targets[index].extra)
            for index in range(len(runs))
            for unit in range(targets[index].units)
        ]
    finally:
        free(targets)
