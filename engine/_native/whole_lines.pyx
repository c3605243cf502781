"""Goods rewards that reach lines as they are: no unit of them is picked (docs/pricing.md §5, §7).

They come to what ``sharing.take`` would, but what weighs and what limits is known of a line without looking at its
units, each line is gone through once, and its runs stay in order while it is.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.artifact cimport Leftover, Per
from engine._native.basket cimport Basket, Line, Run, Share, lowest_bit
from engine._native.journal cimport preserve
from engine._native.money cimport Divisor, divide_by, divisor_of, int128, minimum, saturated
from engine._native.rewards cimport (
    NO_EFFECT, OUT_OF_ROOM, Offer, Outcome, begin_adjustment, end_adjustment, wanted, weight,
)
from engine._native.runs cimport arrange, move, pay
from engine._native.spreading cimport Target, spread

cdef enum:
    FEW = 8                       # runs of a line


cdef Outcome grant_lines(Basket* basket, Offer* offer, int per, bint compounding, int32_t index) noexcept nogil:
    """Takes the offer of a promotion off the lines reached."""
    cdef int64_t base = 0, share, granted
    cdef int32_t word, count = 0
    cdef uint64_t bits
    cdef int128 total = 0
    cdef Line* line
    cdef Target* target = basket.line_targets
    cdef Share* shares = &basket.shares[basket.share_count]
    for word in range(basket.word_count):
        bits = basket.reached[word]
        while bits:
            target.first = word * 64 + lowest_bit(bits)
            bits &= bits - 1
            total += measure(basket, offer, per, compounding, &base, target)
            # What can take nothing is no target.
            target += target.capacity > 0
    if per == Per.ORDER:
        total = <int128>wanted(offer, base)
    offer.wanted = total if total < <int128>offer.cap else <int128>offer.cap
    count = <int32_t>(target - basket.line_targets)
    granted = spread(saturated(offer.wanted), basket.line_targets, count, offer.leftover, offer.rounding)
    if granted == 0:
        return NO_EFFECT
    begin_adjustment(basket, index)
    for target in basket.line_targets[:count]:
        # A line stands for one unit, so what it takes is its share and perhaps one more.
        share = target.share + target.extra
        if share == 0:
            continue
        line = &basket.lines[target.first]
        if not preserve(basket, line):
            return OUT_OF_ROOM
        if line.run_count == 1 and not compounding:
            line.owed += share
        elif not take_off(basket, line, offer, per, share, compounding):
            return OUT_OF_ROOM
        line.subtotal -= share
        line.changed = True
        shares.target = target.first
        shares.amount = share
        shares += 1
    basket.adjustments[basket.adjustment_count].amount = granted
    basket.adjustments[basket.adjustment_count].share_count = <int32_t>(shares - basket.shares) - basket.share_count
    basket.share_count = <int32_t>(shares - basket.shares)
    return end_adjustment(basket, offer)


cdef inline int128 measure(
    Basket* basket, const Offer* offer, int per, bint compounding, int64_t* base, Target* target
) noexcept nogil:
    """Sets weight and capacity of a line and adds to the base; returns what is wanted of the line alone."""
    cdef Line* line = &basket.lines[target.first]
    cdef const Run* run
    cdef int64_t sum = line.subtotal if compounding else line.entered, want
    cdef int128 total = 0
    target.units = 1
    if per == Per.UNIT:
        target.weight = 0
        target.capacity = 0
        pay(basket, line)
        for run in basket.runs[line.first_run:line.first_run + line.run_count]:
            want = wanted(offer, run.base)
            target.weight += weight(offer, run.base) * run.count
            target.capacity += minimum(want, run.price - line.floor) * run.count
            total += <int128>want * <int128>run.count
        return total
    target.weight = sum
    target.capacity = line.subtotal - line.floor * line.quantity
    base[0] += sum
    if per == Per.LINE:
        want = wanted(offer, sum)
        target.weight = weight(offer, sum)
        target.capacity = minimum(want, target.capacity)
        total = <int128>want
    return total


cdef bint take_off(
    Basket* basket, Line* line, const Offer* offer, int per, int64_t share, bint compounding
) noexcept nogil:
    """Takes a line's share off its units; False when there is no room for another run."""
    cdef Target* targets = basket.piece_targets
    cdef Target* target
    cdef Run* runs = &basket.runs[line.first_run]
    cdef Run run
    cdef int32_t count = line.run_count, place, first
    if per == Per.UNIT:
        share_by_unit(runs, count, line.floor, offer, share, targets)
    else:
        share_by_price(runs, count, line.floor, offer, share, line.subtotal if compounding else line.entered, targets)
    first = count
    for place in range(count):
        first += 0 < targets[place].extra < runs[place].count
    while first > line.run_room:
        if not move(basket, line):
            return False
        runs = &basket.runs[line.first_run]
    line.run_count = first
    # From the last run on: none is written over before it is read.
    for place in range(count - 1, -1, -1):
        target = &targets[place]
        run = runs[place]
        run.price -= target.share
        if target.extra:
            first -= 1
            runs[first] = run
            runs[first].price -= 1
            runs[first].count = target.extra
            run.count -= target.extra
        if run.count:
            first -= 1
            runs[first] = run
    if compounding:
        for place in range(line.run_count):
            runs[place].base = runs[place].price
    arrange(basket, line)
    return True


cdef inline void share_by_unit(
    const Run* runs, int32_t count, int64_t floor, const Offer* offer, int64_t share, Target* targets
) noexcept nogil:
    """What each unit takes of a line's share, of what it wants."""
    cdef int32_t place
    for place in range(count):
        targets[place].units = runs[place].count
        targets[place].weight = weight(offer, runs[place].base)
        targets[place].capacity = minimum(wanted(offer, runs[place].base), runs[place].price - floor)
    spread(share, targets, count, Leftover.LARGEST_REMAINDER, offer.rounding)


cdef inline void share_by_price(
    const Run* runs, int32_t count, int64_t floor, const Offer* offer, int64_t share, int64_t sum, Target* targets
) noexcept nogil:
    """What each unit takes of a line's share, in proportion to its price, of which ``sum`` is that of all units."""
    cdef int32_t place
    if count > FEW or not share_freely(runs, count, floor, share, sum, targets):
        for place in range(count):
            targets[place].units = runs[place].count
            targets[place].weight = runs[place].base
            targets[place].capacity = runs[place].price - floor
        spread(share, targets, count, Leftover.LARGEST_REMAINDER, offer.rounding)


cdef inline bint share_freely(
    const Run* runs, int32_t count, int64_t floor, int64_t share, int64_t sum, Target* targets
) noexcept nogil:
    """As ``spread`` would; False when a unit comes to its floor."""
    cdef Divisor divisor = divisor_of(sum)
    cdef int32_t place, largest
    cdef Target* target
    for place in range(count):
        target = &targets[place]
        divide_by(<int128>share * <int128>runs[place].base, &divisor, &target.share, &target.remainder)
        if target.share + (target.remainder > 0) > runs[place].price - floor:
            return False
        target.extra = 0
    for place in range(count):
        share -= targets[place].share * runs[place].count
    while share:
        largest = 0
        for place in range(1, count):
            if targets[place].remainder > targets[largest].remainder:
                largest = place
        targets[largest].extra = minimum(share, runs[largest].count)
        targets[largest].remainder = -1
        share -= targets[largest].extra
    return True
