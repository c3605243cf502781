"""Spreading one amount over targets: largest remainder, water-filling at their capacities (docs/pricing.md §7)."""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from engine._native.artifact cimport Leftover, Rounding
from engine._native.leftover cimport give_first, give_last
from engine._native.money cimport Divisor, divide_by, divisor_of, int128, minimum

cdef enum:
    FEW = 12
    BINS = 64


cdef int64_t spread(int64_t total, Target* targets, int32_t count, int leftover, int rounding) noexcept nogil:
    """Gives every target its share and returns what was granted: the total, or less where the capacities run out.

    1500 over 7200 / 1875 / 1999 is exactly 975.26 / 253.97 / 270.77, so 975 / 254 / 271. Ties go to the earlier target.
    """
    cdef int64_t room = 0, weight = 0, units = 0
    cdef int32_t index
    cdef Target* target
    for index in range(count):
        target = &targets[index]
        room += target.capacity * target.units
        weight += target.weight * target.units
        units += target.units
        target.share = target.capacity
        target.extra = 0
        target.clamped = False
    if total >= room:
        return room
    fill(total, weight, units, targets, count, leftover, rounding)
    return total


cdef void fill(
    int64_t total, int64_t weight, int64_t units, Target* targets, int32_t count, int leftover, int rounding
) noexcept nogil:
    """Water-filling with a total below the capacities' sum: clamp what exceeds its capacity, spread the rest anew.

    ``weight`` and ``units`` are the sums over all targets; the capacity of a target is its share already.
    """
    cdef int64_t left, granted
    cdef int32_t index
    cdef bint settled = False, even
    cdef Divisor divisor
    cdef Target* target
    while not settled:
        even = weight == 0
        divisor = divisor_of(units if even else weight)
        left = total
        granted = 0
        settled = True
        for index in range(count):
            target = &targets[index]
            if target.clamped:
                continue
            divide_by(
                <int128>left * <int128>(1 if even else target.weight), &divisor, &target.share, &target.remainder
            )
            granted += target.share * target.units
            if target.share + (target.remainder > 0) > target.capacity:
                target.clamped = True
                target.share = target.capacity
                total -= target.capacity * target.units
                weight -= target.weight * target.units
                units -= target.units
                settled = False
    if leftover == Leftover.LARGEST_REMAINDER:
        hand_out(total - granted, targets, count, divisor.value)
    elif leftover == Leftover.FIRST_LINES:
        give_first(total - granted, targets, count, weight == 0)
    else:
        give_last(total, targets, count, weight == 0, weight if weight else units, rounding)


cdef void hand_out(int64_t left, Target* targets, int32_t count, int64_t divisor) noexcept nogil:
    """Hands out what flooring left over: a unit each to the largest remainders among the targets not clamped.

    Of many targets only those are put in order between which it is decided: remainders are sorted into bins by their
    upper bits, and all above the bin in which it runs out get theirs.
    """
    cdef int32_t index, ranked = 0, shift = 0, bin = 0
    cdef bint many = count > FEW
    cdef Target* target
    if left == 0:
        return
    if many:
        shift = width(divisor)
        bin = deciding_bin(left, targets, count, shift)
    for index in range(count):
        target = &targets[index]
        if target.clamped or (many and target.remainder >> shift < bin):
            continue
        if many and target.remainder >> shift > bin:
            target.extra = target.units
            left -= target.extra
            continue
        targets[ranked].rank = index
        ranked += 1
    rank(targets, ranked)
    for index in range(ranked):
        target = &targets[targets[index].rank]
        target.extra = minimum(target.units, left)
        left -= target.extra
        if left == 0:
            return


cdef inline int32_t width(int64_t divisor) noexcept nogil:
    """Bits by which remainders of a divisor are shifted to be less than BINS."""
    cdef int32_t shift = 0
    while divisor >> shift >= BINS:
        shift += 1
    return shift


cdef int32_t deciding_bin(int64_t left, const Target* targets, int32_t count, int32_t shift) noexcept nogil:
    """The bin in which what is left over runs out."""
    cdef int64_t[BINS] units
    cdef int32_t bin
    cdef const Target* target
    memset(units, 0, sizeof(units))
    for target in targets[:count]:
        if not target.clamped:
            units[target.remainder >> shift] += target.units
    for bin in range(BINS - 1, 0, -1):
        if units[bin] >= left:
            return bin
        left -= units[bin]
    return 0


cdef void rank(Target* targets, int32_t ranked) noexcept nogil:
    """Sorts the ranks by remainder, largest first, then by index (Shell sort)."""
    cdef int32_t gap = 1, place, hole, index
    while gap < ranked // 3:
        gap = gap * 3 + 1
    while gap:
        for place in range(gap, ranked):
            index = targets[place].rank
            hole = place
            while hole >= gap and comes_before(targets, index, targets[hole - gap].rank):
                targets[hole].rank = targets[hole - gap].rank
                hole -= gap
            targets[hole].rank = index
        gap //= 3


cdef inline bint comes_before(const Target* targets, int32_t left, int32_t right) noexcept nogil:
    if targets[left].remainder != targets[right].remainder:
        return targets[left].remainder > targets[right].remainder
    return left < right


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
