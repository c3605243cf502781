# Everything here is C: see rates.pxd.
"""Bounds that charge for the lines and shipments that candidates share, at a rate for each (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.basket cimport Basket
from engine._native.bits cimport has_common, put
from engine._native.candidates cimport (
    GAIN, GAIN_BITS, OF_CANDIDATE, OF_CAP, OF_COLUMN, OF_LOOSE_CAP, Candidate, Search, amounts_of, columns_of,
    conflicts_of, sure_of,
)
from engine._native.cliques cimport most_together
from engine._native.money cimport int128, maximum, minimum


cdef enum:
    MOST_WORK = 1 << 18           # since sets were tried, to find rates
    STEPS = 16                    # to find them
    BIN_BITS = GAIN_BITS - 3      # of rates: those of a bin differ by less
    BINS = (GAIN >> BIN_BITS) + 1
    FAR = 4                       # times what the last step of the rates brought
    UNSTEPPED = 4                 # nodes of which one steps all the same


cdef void relax_all(const Basket* basket, Search* search, int64_t enough, int64_t* best) noexcept nogil:
    """Lessens a bound by rates, as long as it is not below what is enough."""
    relax(basket, search, best)
    if best[0] >= enough and not search.rated[search.level]:
        find_rates(basket, search, best[0])
        relax(basket, search, best)
    if best[0] >= enough and not is_far(search, best[0] - enough):
        adapt(basket, search, enough, best)


cdef bint is_far(Search* search, int64_t excess) noexcept nogil:
    """Whether no step of the rates is tried, for it takes far more than the last one brought; now and then one is."""
    if search.audited or excess <= FAR * search.stepped:
        return False
    search.unstepped += 1
    return search.unstepped % UNSTEPPED != 0


cdef void adapt(const Basket* basket, Search* search, int64_t enough, int64_t* best) noexcept nogil:
    """Rates that lessen the bound are kept, for the nodes that follow too."""
    cdef int64_t size = (basket.line_count + basket.shipment_count) * sizeof(int64_t), before = best[0]
    ask(basket, search, search.parts, True)
    if step_rates(basket, search, <int128>(best[0] - enough) * <int128>GAIN):
        if relax(basket, search, best):
            memcpy(search.found_rates, search.rates, size)
        else:
            memcpy(search.rates, search.found_rates, size)
    search.stepped = before - best[0]


cdef bint relax(const Basket* basket, Search* search, int64_t* best) noexcept nogil:
    """Whether the bound with columns at their rates is less than the best one; then it is that."""
    cdef int64_t* savings = search.other_parts
    cdef int64_t yielded = relaxed(basket, search, savings), total
    total = yielded + most_together(search, savings)
    if total >= best[0]:
        return False
    best[0] = total
    search.yields[search.depth] = yielded
    memcpy(search.parts, savings, search.count * sizeof(int64_t))
    return True


cdef int64_t relaxed(const Basket* basket, Search* search, int64_t* savings) noexcept nogil:
    """What columns yield at their rates, and the most that each candidate saves beyond that.

    A column yields a part of what it has room for, whatever takes it, and of what a candidate takes of it that part
    does not count.
    """
    cdef int32_t index
    cdef int64_t saving
    # No overflow: the goods of a cart come to 10^15 at most, as does its shipping.
    cdef int64_t total = 0
    cdef const Candidate* candidate
    for index in range(basket.line_count + basket.shipment_count):
        total += search.rates[index] * search.rooms[index]
    for index in range(search.count):
        saving = search.weights[index]
        if saving:
            candidate = &search.candidates[index]
            search.work += OF_CANDIDATE + OF_CAP * maximum(0, candidate.cap_count)
            if candidate.cap_count >= 0:
                saving = minimum(saving, saved_of_columns(search, index))
        savings[index] = saving
    return rounded_up(total)


cdef int64_t saved_of_columns(Search* search, int32_t index) noexcept nogil:
    """The most that a candidate saves beyond the rates of its columns: what it does not take of one for sure it takes
    where the rates are least.
    """
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const int32_t* columns = columns_of(search, candidate)
    cdef const int64_t* amounts = amounts_of(search, candidate)
    cdef const int64_t* sure = sure_of(search, candidate)
    cdef int64_t[BINS] loose
    cdef int64_t[BINS] beyond
    cdef int64_t left = search.weights[index], rate, total = 0
    cdef int32_t place, bin
    if search.totals[index] <= left:
        for place in range(candidate.cap_count):
            total += amounts[place] * (GAIN - search.rates[columns[place]])
        return rounded_up(total)
    search.work += OF_LOOSE_CAP * candidate.cap_count
    memset(loose, 0, sizeof(loose))
    memset(beyond, 0, sizeof(beyond))
    for place in range(candidate.cap_count):
        rate = search.rates[columns[place]]
        bin = bin_of(rate)
        total += sure[place] * (GAIN - rate)
        left -= sure[place]
        loose[bin] += amounts[place] - sure[place]
        beyond[bin] += (amounts[place] - sure[place]) * (GAIN - rate)
    for bin in range(BINS):
        if left <= loose[bin]:
            if left > 0:
                total += minimum(left * (GAIN - least_of(bin)), beyond[bin])
            break
        total += beyond[bin]
        left -= loose[bin]
    return rounded_up(total)


cdef inline int64_t rounded_up(int64_t parts) noexcept nogil:
    """In minor units; neither amount is negative."""
    return (parts + GAIN - 1) >> GAIN_BITS


cdef inline int32_t bin_of(int64_t rate) noexcept nogil:
    return <int32_t>(rate >> BIN_BITS)


cdef inline int64_t least_of(int32_t bin) noexcept nogil:
    """The least rate in it."""
    return <int64_t>bin << BIN_BITS


cdef void find_rates(const Basket* basket, Search* search, int64_t bound) noexcept nogil:
    """Finds rates that make the bound small, by subgradient steps.

    Those that save most beyond them and go together are asked what they take. A column asked for more than it has
    becomes dearer, others cheaper; steps are as long as the bound is from the best set, and shorter each time that it
    does not become less.
    """
    cdef int32_t width = basket.line_count + basket.shipment_count
    cdef int64_t* savings = search.other_parts
    cdef int64_t goal = search.best_vector.saving - search.vector.saving, total
    cdef int128 part = GAIN
    cdef int32_t step
    search.rated[search.level] = True
    memcpy(search.found_rates, search.rates, width * sizeof(int64_t))
    for step in range(STEPS):
        total = relaxed(basket, search, savings)
        total += most_together(search, savings)
        if total < bound:
            bound = total
            memcpy(search.found_rates, search.rates, width * sizeof(int64_t))
        elif step:
            part -= part // <int128>16
        if total <= goal or search.work > search.started + MOST_WORK:
            break
        ask(basket, search, savings, step == 0)
        if not step_rates(basket, search, <int128>(bound - goal) * part):
            break
    memcpy(search.rates, search.found_rates, width * sizeof(int64_t))


cdef bint step_rates(const Basket* basket, Search* search, int128 excess) noexcept nogil:
    """Columns asked for more than they have room for yield more of it, others less; False when nothing changes.

    ``excess`` is what the bound is to become less, in parts of a minor unit.
    """
    cdef int32_t width = basket.line_count + basket.shipment_count, index
    cdef int128 length = 0
    cdef int64_t difference
    for index in range(width):
        difference = search.asked[index] - search.rooms[index]
        if is_free(search.rates[index], difference):
            length += <int128>difference * <int128>difference
    if length == 0:
        return False
    for index in range(width):
        difference = search.asked[index] - search.rooms[index]
        if is_free(search.rates[index], difference):
            search.rates[index] = within(<int128>search.rates[index] + excess * <int128>difference // length)
    return True


cdef inline bint is_free(int64_t rate, int64_t difference) noexcept nogil:
    """Whether it is not at its end already."""
    return rate < GAIN if difference > 0 else difference < 0 and rate > 0


cdef inline int64_t within(int128 rate) noexcept nogil:
    if rate <= <int128>0:
        return 0
    return GAIN if rate > <int128>GAIN else <int64_t>rate


cdef void ask(const Basket* basket, Search* search, const int64_t* savings, bint first) noexcept nogil:
    """What candidates take that save most and go together, on average with what was asked before."""
    cdef int32_t width = basket.line_count + basket.shipment_count, place, index
    memset(search.sums, 0, width * sizeof(int64_t))
    memset(search.wanted, 0, search.words * sizeof(uint64_t))
    sort_by(search, savings)
    search.work += OF_CANDIDATE * <int64_t>search.count + OF_COLUMN * <int64_t>width
    for place in range(search.count):
        index = search.by_saving[place]
        if search.weights[index] and not has_common(search.wanted, conflicts_of(search, index), search.words):
            put(search.wanted, index)
            search.work += OF_CANDIDATE + OF_CAP * maximum(0, search.candidates[index].cap_count)
            if search.candidates[index].cap_count > 0:
                take_of_columns(search, index)
    for index in range(width):
        search.asked[index] = search.sums[index] if first else (search.asked[index] + search.sums[index]) // 2


cdef void sort_by(Search* search, const int64_t* savings) noexcept nogil:
    """Those that save most first; they come nearly sorted."""
    cdef int32_t place, hole, index
    for place in range(1, search.count):
        index = search.by_saving[place]
        hole = place
        while hole and savings[search.by_saving[hole - 1]] < savings[index]:
            search.by_saving[hole] = search.by_saving[hole - 1]
            hole -= 1
        search.by_saving[hole] = index


cdef void take_of_columns(Search* search, int32_t index) noexcept nogil:
    """Adds what a candidate takes of its columns: for sure, and of those with the least rates."""
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const int32_t* columns = columns_of(search, candidate)
    cdef const int64_t* amounts = amounts_of(search, candidate)
    cdef const int64_t* sure = sure_of(search, candidate)
    cdef int64_t[BINS] loose
    cdef int64_t left = search.weights[index], amount
    cdef int32_t place, bin, last = 0
    if search.totals[index] <= left:
        for place in range(candidate.cap_count):
            search.sums[columns[place]] += amounts[place]
        return
    memset(loose, 0, sizeof(loose))
    for place in range(candidate.cap_count):
        left -= sure[place]
        loose[bin_of(search.rates[columns[place]])] += amounts[place] - sure[place]
    while left > loose[last] and last < BINS - 1:
        left -= loose[last]
        last += 1
    for place in range(candidate.cap_count):
        bin = bin_of(search.rates[columns[place]])
        amount = 0
        if bin <= last:
            amount = amounts[place] - sure[place]
            if bin == last:
                amount = maximum(0, minimum(left, amount))
                left -= amount
        search.sums[columns[place]] += sure[place] + amount
