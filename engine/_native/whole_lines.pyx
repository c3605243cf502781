"""Goods rewards that reach lines as they are: no unit of them is picked (docs/pricing.md §5, §7).

They come to what ``sharing.take`` would, but what weighs and what limits is known of a line without looking at its
units, each line is gone through once, and its runs stay in order while it is.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.artifact cimport Leftover, Per
from engine._native.basket cimport Basket, Line, Run, Share, lowest_bit
from engine._native.journal cimport write_down
from engine._native.money cimport Divisor, divide_by, divisor_of, int128, minimum, saturated
from engine._native.rewards cimport (
    NO_EFFECT, OUT_OF_ROOM, Offer, Outcome, begin_adjustment, end_adjustment, wanted, weight,
)
from engine._native.runs cimport arrange, move, pay, put_run
from engine._native.spreading cimport Sums, Target, spread, spread_summed

cdef enum:
    FEW = 8                       # runs of a line


cdef Outcome grant_lines(Basket* basket, Offer* offer, int per, bint compounding, int32_t index) noexcept nogil:
    """Takes the offer of a promotion off the lines reached."""
    cdef Sums sums
    cdef int32_t first = basket.share_count
    cdef int64_t granted
    if per == Per.ORDER:
        sums = measure_for_order(basket, offer, compounding)
    elif per == Per.LINE:
        sums = measure_lines(basket, offer, compounding)
    else:
        sums = measure_units(basket, offer)
    if offer.wanted > <int128>offer.cap:
        offer.wanted = <int128>offer.cap
    granted = spread_summed(
        saturated(offer.wanted), &sums, basket.line_targets, <int32_t>sums.units, offer.leftover, offer.rounding
    )
    if granted == 0:
        return NO_EFFECT
    begin_adjustment(basket, index)
    if not take_shares(basket, offer, per, compounding, <int32_t>sums.units):
        return OUT_OF_ROOM
    basket.adjustments[basket.adjustment_count].amount = granted
    basket.adjustments[basket.adjustment_count].share_count = basket.share_count - first
    return end_adjustment(basket, offer)


cdef inline void add_target(
    Target* targets, Sums* sums, int32_t line, int64_t weighs, int64_t capacity
) noexcept nogil:
    """A line stands for one unit; one that can take nothing is no target."""
    cdef Target* target = &targets[sums.units]
    target.first = line
    target.units = 1
    target.weight = weighs
    target.capacity = capacity
    if capacity > 0:
        sums.weight += weighs
        sums.capacity += capacity
        sums.units += 1


cdef Sums measure_for_order(Basket* basket, Offer* offer, bint compounding) noexcept nogil:
    cdef Sums sums = Sums(0, 0, 0)
    cdef Target* targets = basket.line_targets
    cdef int32_t word, index
    cdef uint64_t bits
    cdef int64_t base = 0, sum
    cdef const Line* line
    for word in range(basket.word_count):
        bits = basket.reached[word]
        while bits:
            index = word * 64 + lowest_bit(bits)
            bits &= bits - 1
            line = &basket.lines[index]
            sum = line.subtotal if compounding else line.entered
            base += sum
            add_target(targets, &sums, index, sum, line.subtotal - line.floor * line.quantity)
    offer.wanted = <int128>wanted(offer, base)
    return sums


cdef Sums measure_lines(Basket* basket, Offer* offer, bint compounding) noexcept nogil:
    cdef Sums sums = Sums(0, 0, 0)
    cdef int32_t word, index
    cdef uint64_t bits
    cdef int64_t sum, want
    cdef const Line* line
    for word in range(basket.word_count):
        bits = basket.reached[word]
        while bits:
            index = word * 64 + lowest_bit(bits)
            bits &= bits - 1
            line = &basket.lines[index]
            sum = line.subtotal if compounding else line.entered
            want = wanted(offer, sum)
            offer.wanted += <int128>want
            add_target(
                basket.line_targets, &sums, index, weight(offer, sum),
                minimum(want, line.subtotal - line.floor * line.quantity),
            )
    return sums


cdef Sums measure_units(Basket* basket, Offer* offer) noexcept nogil:
    cdef Sums sums = Sums(0, 0, 0)
    cdef int32_t word, index
    cdef uint64_t bits
    cdef int64_t want, weights, capacity
    cdef Line* line
    cdef const Run* run
    for word in range(basket.word_count):
        bits = basket.reached[word]
        while bits:
            index = word * 64 + lowest_bit(bits)
            bits &= bits - 1
            line = &basket.lines[index]
            pay(basket, line)
            weights = capacity = 0
            for run in basket.runs[line.first_run:line.first_run + line.run_count]:
                want = wanted(offer, run.base)
                weights += weight(offer, run.base) * run.count
                capacity += minimum(want, run.price - line.floor) * run.count
                offer.wanted += <int128>want * <int128>run.count
            add_target(basket.line_targets, &sums, index, weights, capacity)
    return sums


cdef bint take_shares(Basket* basket, const Offer* offer, int per, bint compounding, int32_t count) noexcept nogil:
    """Takes the shares of lines; False when there is no room."""
    cdef bint kept = basket.journal.kept
    # Runs that a line may have to owe what it gives.
    cdef int32_t most = 0 if compounding else 1
    cdef Share* share = &basket.shares[basket.share_count]
    cdef const Target* target
    cdef Line* line
    for target in basket.line_targets[:count]:
        share.target = target.first
        share.amount = target.share + target.extra
        if share.amount == 0:
            continue
        line = &basket.lines[target.first]
        if kept and not write_down(basket, line):
            return False
        if line.run_count <= most:
            line.owed += share.amount
        elif not take_off(basket, line, offer, per, share.amount, compounding):
            return False
        line.subtotal -= share.amount
        line.changed = True
        share += 1
    basket.share_count = <int32_t>(share - basket.shares)
    basket.changed = True
    return True


cdef bint take_off(
    Basket* basket, Line* line, const Offer* offer, int per, int64_t share, bint compounding
) noexcept nogil:
    """Takes a line's share off its units; False when there is no room for another run."""
    cdef Target* targets = basket.piece_targets
    cdef const Target* target
    cdef Run* runs = &basket.runs[line.first_run]
    cdef const Run* run
    cdef Run* part
    cdef int32_t count = line.run_count, place, first
    cdef int64_t units, price
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
    part = &runs[first]
    for place in range(count - 1, -1, -1):
        target = &targets[place]
        run = &runs[place]
        price = run.price - target.share
        units = run.count - target.extra
        if target.extra:
            part -= 1
            put_run(part, run.base, price - 1, target.extra, run.claimed)
        if units:
            part -= 1
            put_run(part, run.base, price, units, run.claimed)
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
