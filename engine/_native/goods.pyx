"""Goods rewards: who takes how much of what is wanted, unit by unit (docs/pricing.md §5, §7).

All of them go the same way. Every line is a target with a weight and what it could take; what is offered is spread over
the lines, and a line's share over its runs of units. The reward's ``per`` says what weighs and what limits.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy

from engine._native.artifact cimport Layer, Per, Percentages, Promotion
from engine._native.basket cimport Basket, Line, Run, lines_of_segment, lowest_bit
from engine._native.conditions cimport holds, read_number
from engine._native.money cimport int128, minimum, saturated
from engine._native.program cimport Rules
from engine._native.rewards cimport (
    NOTHING, OUT_OF_ROOM, Offer, Outcome, add_share, begin_adjustment, end_adjustment, has_room, wanted, weight,
)
from engine._native.spreading cimport Target, spread


cdef Outcome grant_goods(const Rules* rules, Basket* basket, const Layer* layer, int32_t index) noexcept nogil:
    """Takes the promotion's reward off the units it reaches, if its condition holds."""
    cdef const Promotion* promotion = &rules.promotions[index]
    cdef bint compounding = layer.percentages == Percentages.COMPOUNDING
    cdef int32_t count = 0, place
    cdef int64_t cap
    cdef int128 offered
    cdef Offer offer
    cdef Line* line
    cdef Target* target
    offer.kind = promotion.reward
    offer.rounding = rules.rule_set.rounding
    if not holds(rules, &basket.facts, promotion.condition):
        return NOTHING
    if not read_number(rules, &basket.facts, promotion.number, &offer.number):
        return NOTHING
    offered = gather(basket, promotion, &offer, &count)
    if promotion.up_to >= 0:
        if not read_number(rules, &basket.facts, promotion.up_to, &cap):
            return NOTHING
        if <int128>cap < offered:
            offered = <int128>cap
    if not has_room(basket, count):
        return OUT_OF_ROOM
    spread(saturated(offered), basket.line_targets, count)
    begin_adjustment(basket, index)
    for place in range(count):
        target = &basket.line_targets[place]
        # A line stands for one unit, so what it takes is its share and perhaps one more.
        if target.share + target.extra == 0:
            continue
        add_share(basket, target.subject, target.share + target.extra)
        line = &basket.lines[target.subject]
        if not take(basket, line, promotion.per, &offer, target.share + target.extra, compounding):
            return OUT_OF_ROOM
    return end_adjustment(basket, offered)


cdef int128 gather(Basket* basket, const Promotion* promotion, const Offer* offer, int32_t* count) noexcept nogil:
    """Makes a target of every line of the segment that can take something; returns what is wanted of all."""
    cdef const uint64_t* members = lines_of_segment(basket, promotion.segment)
    cdef int32_t word, index
    cdef int64_t base = 0
    cdef uint64_t bits
    cdef int128 total = 0
    cdef Target* target
    for word in range(basket.word_count):
        bits = members[word]
        while bits:
            index = word * 64 + lowest_bit(bits)
            bits &= bits - 1
            target = &basket.line_targets[count[0]]
            target.subject = index
            target.units = 1
            base += basket.lines[index].base
            total += measure(basket, &basket.lines[index], promotion.per, offer, target)
            count[0] += target.capacity > 0
    return <int128>wanted(offer, base) if promotion.per == Per.ORDER else total


cdef int128 measure(
    const Basket* basket, const Line* line, int per, const Offer* offer, Target* target
) noexcept nogil:
    """Sets weight and capacity of a line as a target; returns what is wanted of it alone."""
    cdef int64_t available = line.subtotal - line.floor * line.quantity, want
    cdef int128 total = 0
    cdef const Run* run
    if per == Per.ORDER:
        target.weight = line.base
        target.capacity = available
        return 0
    if per == Per.LINE:
        want = wanted(offer, line.base)
        target.weight = weight(offer, line.base)
        target.capacity = minimum(want, available)
        return <int128>want
    target.weight = 0
    target.capacity = 0
    for run in basket.runs[line.first_run:line.first_run + line.run_count]:
        want = wanted(offer, run.base)
        target.weight += weight(offer, run.base) * run.count
        target.capacity += minimum(want, run.price - line.floor) * run.count
        total += <int128>want * <int128>run.count
    return total


cdef bint take(
    Basket* basket, Line* line, int per, const Offer* offer, int64_t share, bint compounding
) noexcept nogil:
    """Takes a line's share off its units; False when there is no room for another run."""
    cdef Target* targets = basket.run_targets
    cdef int32_t place, count = line.run_count
    cdef Run* run
    if count == 1:
        # Units alike: each takes the same, the first ones a minor unit more.
        targets[0].share = share // line.quantity
        targets[0].extra = share % line.quantity
    else:
        for place in range(count):
            run = &basket.runs[line.first_run + place]
            targets[place].units = run.count
            if per == Per.UNIT:
                targets[place].weight = weight(offer, run.base)
                targets[place].capacity = minimum(wanted(offer, run.base), run.price - line.floor)
            else:
                targets[place].weight = run.base
                targets[place].capacity = run.price - line.floor
        spread(share, targets, count)
    for place in range(count):
        basket.runs[line.first_run + place].price -= targets[place].share
        if targets[place].extra and not take_one_more(basket, line, place, targets[place].extra):
            return False
    line.subtotal -= share
    if compounding:
        rebase(basket, line)
    else:
        arrange(basket, line)
    return True


cdef bint take_one_more(Basket* basket, Line* line, int32_t place, int64_t units) noexcept nogil:
    """Takes a minor unit off so many units of a run; False when there is no room for the run that they become."""
    cdef Run* run = &basket.runs[line.first_run + place]
    if units == run.count:
        run.price -= 1
        return True
    if line.run_count == line.run_room and not move(basket, line):
        return False
    run = &basket.runs[line.first_run + place]
    basket.runs[line.first_run + line.run_count] = run[0]
    run.count -= units
    run = &basket.runs[line.first_run + line.run_count]
    run.price -= 1
    run.count = units
    line.run_count += 1
    return True


cdef bint move(Basket* basket, Line* line) noexcept nogil:
    """Moves a line's runs to where twice as many fit; False when they fit nowhere."""
    cdef int32_t room = 2 * line.run_room + 2
    if room > basket.room - basket.run_count:
        return False
    memcpy(&basket.runs[basket.run_count], &basket.runs[line.first_run], line.run_count * sizeof(Run))
    line.first_run = basket.run_count
    line.run_room = room
    basket.run_count += room
    return True


cdef void arrange(Basket* basket, Line* line) noexcept nogil:
    """Puts a line's runs in order, dearest first, and merges those alike. They are few and nearly in order."""
    cdef Run* runs = &basket.runs[line.first_run]
    cdef Run run
    cdef int32_t place, hole, last = 0
    for place in range(1, line.run_count):
        run = runs[place]
        hole = place
        while hole and dearer(&run, &runs[hole - 1]):
            runs[hole] = runs[hole - 1]
            hole -= 1
        runs[hole] = run
    for place in range(1, line.run_count):
        if runs[place].base == runs[last].base and runs[place].price == runs[last].price:
            runs[last].count += runs[place].count
        else:
            last += 1
            runs[last] = runs[place]
    line.run_count = last + 1


cdef inline bint dearer(const Run* left, const Run* right) noexcept nogil:
    return left.base > right.base or (left.base == right.base and left.price > right.price)


cdef void rebase(Basket* basket, Line* line) noexcept nogil:
    """From now on the running prices are those to read."""
    cdef Run* run
    for run in basket.runs[line.first_run:line.first_run + line.run_count]:
        run.base = run.price
    line.base = line.subtotal
    arrange(basket, line)


cdef void rebase_lines(Basket* basket) noexcept nogil:
    """Takes the running prices of all units for those that enter the next layer."""
    cdef Line* line
    for line in basket.lines[:basket.line_count]:
        # No base is below its running price, so equal sums mean equal prices.
        if line.base != line.subtotal:
            rebase(basket, line)


cdef void unpack_lines(Basket* basket) noexcept nogil:
    """Every line is one run of units at the price sent."""
    cdef int32_t index
    cdef Line* line
    cdef Run* run
    for index in range(basket.line_count):
        line = &basket.lines[index]
        line.base = line.subtotal = line.merchandise
        line.first_run = index
        line.run_count = line.run_room = 1
        run = &basket.runs[index]
        run.base = run.price = line.price
        run.count = line.quantity
    basket.run_count = basket.line_count
