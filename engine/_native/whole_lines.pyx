"""Goods rewards about whole lines: no units of them are picked (docs/pricing.md §5, §7).

They grant the same as ``sharing.take`` would, but weights and capacities of a line are known without looking at its
units, and mostly the line just owes its share (runs.pyx).
"""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.artifact cimport Leftover, Per
from engine._native.basket cimport Adjustment, Ask, Basket, Line, Run, Share, room_of
from engine._native.bits cimport Walk, contains, next_member, walk_through
from engine._native.journal cimport save_line
from engine._native.money cimport int128, minimum, saturated
from engine._native.proportion cimport share_in_proportion
from engine._native.rewards cimport (
    NO_EFFECT, OUT_OF_ROOM, Offer, Outcome, begin_adjustment, end_adjustment, wanted, wanted_of_line, weight,
)
from engine._native.runs cimport AS_WHOLE, owe, pay, sort, take_by_base, take_targets
from engine._native.spreading cimport Sums, Target, spread_summed

cdef Outcome grant_lines(Basket* basket, Offer* offer, int32_t index) noexcept nogil:
    """Takes the offer of a promotion off the lines reached."""
    cdef int32_t first = basket.share_count, count = -1
    cdef int64_t granted
    if offer.per == Per.ORDER and not offer.compounding and offer.leftover == Leftover.LARGEST_REMAINDER:
        count = share_in_proportion(basket, offer, &granted)
    if count < 0:
        count = spread_over_lines(basket, offer, &granted)
    if granted == 0:
        return NO_EFFECT
    begin_adjustment(basket, index)
    if not take_shares(basket, offer, count):
        return OUT_OF_ROOM
    basket.adjustments[basket.adjustment_count].amount = granted
    basket.adjustments[basket.adjustment_count].share_count = basket.share_count - first
    return end_adjustment(basket, offer)


cdef Outcome grant_lines_again(Basket* basket, Offer* offer, const Ask* ask) noexcept nogil:
    """Takes an offer that looks at each line by itself off the dirty lines, which are the only ones reached; the other
    lines keep what they gave in the last pricing.
    """
    cdef int32_t first = basket.share_count, count
    cdef int64_t granted, kept
    count = spread_over_lines(basket, offer, &granted)
    begin_adjustment(basket, ask.promotion)
    if not take_shares(basket, offer, count):
        return OUT_OF_ROOM
    kept = add_shares_before(basket, first, &basket.kept.adjustments_before[ask.adjustment])
    offer.wanted += <int128>kept
    basket.adjustments[basket.adjustment_count].amount = granted + kept
    basket.adjustments[basket.adjustment_count].share_count = basket.share_count - first
    return end_adjustment(basket, offer)


cdef int64_t add_shares_before(Basket* basket, int32_t first, const Adjustment* before) noexcept nogil:
    """Merges the shares that clean lines gave before into the shares from ``first`` on; returns their sum."""
    cdef const uint64_t* dirty = basket.kept.dirty
    cdef const Share* earlier = &basket.kept.shares_before[before.first_share]
    cdef Share* shares = &basket.shares[first]
    cdef int32_t new = basket.share_count - first, old, end
    cdef int64_t sum = 0
    end = new
    for old in range(before.share_count):
        end += not contains(dirty, earlier[old].target)
    basket.share_count = first + end
    old = before.share_count
    while old:
        old -= 1
        if contains(dirty, earlier[old].target):
            continue
        while new and shares[new - 1].target > earlier[old].target:
            new -= 1
            end -= 1
            shares[end] = shares[new]
        end -= 1
        shares[end] = earlier[old]
        sum += earlier[old].amount
    return sum


cdef int32_t spread_over_lines(Basket* basket, Offer* offer, int64_t* granted) noexcept nogil:
    """Spreads the offer over the lines reached; writes a share for each target behind the shares so far, some perhaps
    0.
    """
    cdef Share* share = &basket.shares[basket.share_count]
    cdef const Target* target
    cdef Sums sums
    sums = measure_units(basket, offer) if offer.per == Per.UNIT else measure_lines(basket, offer)
    if offer.wanted > <int128>offer.cap:
        offer.wanted = <int128>offer.cap
    granted[0] = spread_summed(
        saturated(offer.wanted), &sums, basket.line_targets, <int32_t>sums.units, offer.leftover, offer.rounding
    )
    for target in basket.line_targets[:sums.units]:
        share.target = target.first
        share.amount = target.share + target.extra
        share += 1
    return <int32_t>sums.units


cdef inline void add_target(
    Target* targets, Sums* sums, int32_t line, int64_t weighs, int64_t capacity
) noexcept nogil:
    """Adds a line as a target of one unit; a line that can give nothing is not a target."""
    cdef Target* target = &targets[sums.units]
    target.first = line
    target.units = 1
    target.weight = weighs
    target.capacity = capacity
    if capacity > 0:
        sums.weight += weighs
        sums.capacity += capacity
        sums.units += 1


cdef Sums measure_lines(const Basket* basket, Offer* offer) noexcept nogil:
    """Makes targets of the lines reached, and adds up what is wanted of them, each by itself or all together."""
    cdef Sums sums = Sums(0, 0, 0)
    cdef int32_t index
    cdef int64_t sum, want, before = 0
    cdef const Line* line
    cdef Walk walk = walk_through(basket.reached, basket.word_count)
    while next_member(&walk, &index):
        line = &basket.lines[index]
        sum = line.subtotal if offer.compounding else line.entered
        if offer.per == Per.LINE:
            want = wanted_of_line(offer, before, sum)
            offer.wanted += <int128>want
            add_target(basket.line_targets, &sums, index, weight(offer, sum), minimum(want, room_of(line)))
        else:
            add_target(basket.line_targets, &sums, index, sum, room_of(line))
        before += sum
    if offer.per == Per.ORDER:
        offer.wanted = <int128>wanted(offer, before)
    return sums


cdef Sums measure_units(Basket* basket, Offer* offer) noexcept nogil:
    """The same for what is wanted of each unit."""
    cdef Sums sums = Sums(0, 0, 0)
    cdef int32_t index
    cdef int64_t want, weights, capacity
    cdef Line* line
    cdef const Run* run
    cdef Walk walk = walk_through(basket.reached, basket.word_count)
    while next_member(&walk, &index):
        line = &basket.lines[index]
        pay(basket, line)
        weights = capacity = 0
        for run in line.runs[:line.run_count]:
            want = wanted(offer, run.base)
            weights += weight(offer, run.base) * run.count
            capacity += minimum(want, run.price - line.floor) * run.count
            offer.wanted += <int128>want * <int128>run.count
        add_target(basket.line_targets, &sums, index, weights, capacity)
    return sums


cdef bint take_shares(Basket* basket, const Offer* offer, int32_t count) noexcept nogil:
    """Takes the shares just written off their lines, and drops those of 0; False when there is no room.

    A line of one run owes its share, unless percentages compound. The number of runs is hard to predict for the
    processor, so lines of several runs are done in a second pass.
    """
    cdef Share* shares = &basket.shares[basket.share_count]
    cdef Share* share
    cdef Share** several = <Share**>basket.keys
    cdef Line* line
    cdef int64_t taken = count, alone = 0 if offer.compounding else 1, others = 0
    cdef bint may_owe = offer.per != Per.UNIT and not offer.compounding
    if basket.journal.kept and not save_lines(basket, shares, count):
        return False
    for share in shares[:count]:
        if share.amount == 0:
            taken -= 1
            continue
        line = &basket.lines[share.target]
        several[others] = share
        others += <uint64_t>line.run_count > <uint64_t>alone
        line.owes |= AS_WHOLE * <int>(line.run_count == alone)
        line.changed = True
        line.subtotal -= share.amount
    for share in several[:others]:
        line = &basket.lines[share.target]
        if not (may_owe and owe(basket, line, share.amount)):
            if not take_off(basket, line, offer, share.amount):
                return False
    if taken < count:
        drop_zero_shares(shares, count)
    basket.share_count += <int32_t>taken
    basket.changed = True
    return True


cdef void drop_zero_shares(Share* shares, int32_t count) noexcept nogil:
    """Drops shares of 0."""
    cdef int32_t index, taken = 0
    for index in range(count):
        shares[taken] = shares[index]
        taken += shares[index].amount > 0


cdef bint save_lines(Basket* basket, const Share* shares, int32_t count) noexcept nogil:
    """Saves the lines that give something in the journal; False when it has no room."""
    cdef const Share* share
    for share in shares[:count]:
        if share.amount and not save_line(basket, &basket.lines[share.target]):
            return False
    return True


cdef bint take_off(Basket* basket, Line* line, const Offer* offer, int64_t share) noexcept nogil:
    """Takes a line's share off its units now; False when there is no room for another run."""
    cdef Target* target
    cdef Run* run
    cdef int32_t place
    pay(basket, line)
    if offer.per != Per.UNIT:
        if not take_by_base(basket, line, share):
            return False
    else:
        for place in range(line.run_count):
            run = &line.runs[place]
            target = &basket.piece_targets[place]
            target.units = run.count
            target.weight = weight(offer, run.base)
            target.capacity = minimum(wanted(offer, run.base), run.price - line.floor)
        if not take_targets(basket, line, share):
            return False
    if offer.compounding:
        for run in line.runs[:line.run_count]:
            run.base = run.price
        # Runs of two bases may be alike now.
        sort(line)
    return True
