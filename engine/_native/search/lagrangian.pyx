"""The Lagrangian bound of what candidates save that share lines and shipments (docs/search.md).

All that candidates take of a column is at most its room. This constraint is relaxed with a multiplier from 0 to 1 for
each column: the bound counts multiplier times room as a constant, and of what a candidate takes of the column only the
rest, which is its *reduced saving*. Any set saves at most the constant term plus the reduced savings of its candidates,
and of these the clique bound is taken. Every choice of multipliers gives a valid bound; good ones are found by
subgradient steps, towards columns for which demand equals room. Multipliers are in 1/SCALE.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.basket cimport Basket
from engine._native.bits cimport add, intersects
from engine._native.money cimport int128, maximum, minimum
from engine._native.search.candidates cimport (
    COST_CANDIDATE, COST_CAP, COST_COLUMN, COST_LOOSE_CAP, SCALE, SCALE_BITS, Candidate, Search, amounts_of, columns_of,
    conflicts_of, sure_of,
)
from engine._native.search.cliques cimport clique_bound


cdef enum:
    MOST_WORK = 1 << 18           # in the tree, until no more steps look for multipliers
    STEPS = 16                    # to look for multipliers
    BIN_BITS = SCALE_BITS - 3     # multipliers of one bin differ by less than 1 << BIN_BITS
    BINS = (SCALE >> BIN_BITS) + 1
    FAR = 4                       # times what the last step took off the bound: further than a step is tried for
    UNSTEPPED = 4                 # of so many nodes that would skip a step one does not


cdef void tighten(const Basket* basket, Search* search, int64_t enough, int64_t* best) noexcept nogil:
    """Lowers a bound by multipliers, unless it is below ``enough`` already."""
    relax(basket, search, best)
    if best[0] >= enough and not search.has_multipliers[search.level]:
        find_multipliers(basket, search, best[0])
        relax(basket, search, best)
    if best[0] >= enough and not skips_step(search, best[0] - enough):
        adapt_multipliers(basket, search, enough, best)


cdef bint skips_step(Search* search, int64_t excess) noexcept nogil:
    """Whether no step is made, as the bound exceeds what is needed by far more than the last step took; now and then
    one is.
    """
    if search.audited or excess <= FAR * search.step_gain:
        return False
    search.skipped_steps += 1
    return search.skipped_steps % UNSTEPPED != 0


cdef void adapt_multipliers(const Basket* basket, Search* search, int64_t enough, int64_t* best) noexcept nogil:
    """Makes one step from the multipliers as they are; keeps it, for the nodes that follow too, if it lowers the bound.
    """
    cdef int64_t size = (basket.line_count + basket.shipment_count) * sizeof(int64_t), before = best[0]
    ask(basket, search, search.reduced, True)
    if step_multipliers(basket, search, <int128>(best[0] - enough) * <int128>SCALE):
        if relax(basket, search, best):
            memcpy(search.best_multipliers, search.multipliers, size)
        else:
            memcpy(search.multipliers, search.best_multipliers, size)
    search.step_gain = before - best[0]


cdef bint relax(const Basket* basket, Search* search, int64_t* best) noexcept nogil:
    """Takes the Lagrangian bound when it is smaller than the best one; says whether it is."""
    cdef int64_t* savings = search.other_reduced
    cdef int64_t yielded = reduce_savings(basket, search, savings), total
    total = yielded + clique_bound(search, savings)
    if total >= best[0]:
        return False
    best[0] = total
    search.constants[search.depth] = yielded
    memcpy(search.reduced, savings, search.count * sizeof(int64_t))
    return True


cdef int64_t reduce_savings(const Basket* basket, Search* search, int64_t* savings) noexcept nogil:
    """Returns the constant term, rounded up, and fills in the reduced saving of each candidate."""
    cdef int32_t index
    cdef int64_t saving
    # No overflow: the goods of a cart sum to at most 10^15, and so does its shipping.
    cdef int64_t total = 0
    cdef const Candidate* candidate
    for index in range(basket.line_count + basket.shipment_count):
        total += search.multipliers[index] * search.rooms[index]
    for index in range(search.count):
        saving = search.weights[index]
        if saving:
            candidate = &search.candidates[index]
            search.work += COST_CANDIDATE + COST_CAP * maximum(0, candidate.cap_count)
            if candidate.cap_count >= 0:
                saving = minimum(saving, reduced_saving(search, index))
        savings[index] = saving
    return rounded_up(total)


cdef int64_t reduced_saving(Search* search, int32_t index) noexcept nogil:
    """The most that a candidate saves beyond what multipliers charge: the amounts it takes for sure are charged at
    their columns, the rest is taken where multipliers are smallest.
    """
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const int32_t* columns = columns_of(search, candidate)
    cdef const int64_t* amounts = amounts_of(search, candidate)
    cdef const int64_t* sure = sure_of(search, candidate)
    cdef int64_t[BINS] loose
    cdef int64_t[BINS] reduced
    cdef int64_t left = search.weights[index], multiplier, total = 0
    cdef int32_t place, bin
    if search.cap_totals[index] <= left:
        for place in range(candidate.cap_count):
            total += amounts[place] * (SCALE - search.multipliers[columns[place]])
        return rounded_up(total)
    search.work += COST_LOOSE_CAP * candidate.cap_count
    memset(loose, 0, sizeof(loose))
    memset(reduced, 0, sizeof(reduced))
    for place in range(candidate.cap_count):
        multiplier = search.multipliers[columns[place]]
        bin = bin_of(multiplier)
        total += sure[place] * (SCALE - multiplier)
        left -= sure[place]
        loose[bin] += amounts[place] - sure[place]
        reduced[bin] += (amounts[place] - sure[place]) * (SCALE - multiplier)
    for bin in range(BINS):
        if left <= loose[bin]:
            if left > 0:
                total += minimum(left * (SCALE - least_of(bin)), reduced[bin])
            break
        total += reduced[bin]
        left -= loose[bin]
    return rounded_up(total)


cdef inline int64_t rounded_up(int64_t parts) noexcept nogil:
    """From 1/SCALE to minor units; not negative."""
    return (parts + SCALE - 1) >> SCALE_BITS


cdef inline int32_t bin_of(int64_t multiplier) noexcept nogil:
    return <int32_t>(multiplier >> BIN_BITS)


cdef inline int64_t least_of(int32_t bin) noexcept nogil:
    """The smallest multiplier of the bin."""
    return <int64_t>bin << BIN_BITS


cdef void find_multipliers(const Basket* basket, Search* search, int64_t bound) noexcept nogil:
    """Looks for multipliers with a small bound, by subgradient steps.

    Each step asks a compatible set of candidates, largest reduced saving first, what it takes, and raises the
    multipliers of columns asked for more than their room, and lowers the others. The step length follows the distance
    of the bound from the incumbent, and shrinks whenever the bound does not fall.
    """
    cdef int32_t width = basket.line_count + basket.shipment_count
    cdef int64_t* savings = search.other_reduced
    cdef int64_t goal = search.best_vector.saving - search.vector.saving, total
    cdef int128 part = SCALE
    cdef int32_t step
    search.has_multipliers[search.level] = True
    memcpy(search.best_multipliers, search.multipliers, width * sizeof(int64_t))
    for step in range(STEPS):
        total = reduce_savings(basket, search, savings)
        total += clique_bound(search, savings)
        if total < bound:
            bound = total
            memcpy(search.best_multipliers, search.multipliers, width * sizeof(int64_t))
        elif step:
            part -= part // <int128>16
        if total <= goal or search.work > search.start_work + MOST_WORK:
            break
        ask(basket, search, savings, step == 0)
        if not step_multipliers(basket, search, <int128>(bound - goal) * part):
            break
    memcpy(search.multipliers, search.best_multipliers, width * sizeof(int64_t))


cdef bint step_multipliers(const Basket* basket, Search* search, int128 excess) noexcept nogil:
    """One subgradient step; False when no multiplier changes.

    ``excess`` is by how much the bound is to fall, in 1/SCALE minor units.
    """
    cdef int32_t width = basket.line_count + basket.shipment_count, index
    cdef int128 length = 0
    cdef int64_t difference
    for index in range(width):
        difference = search.demand[index] - search.rooms[index]
        if may_move(search.multipliers[index], difference):
            length += <int128>difference * <int128>difference
    if length == 0:
        return False
    for index in range(width):
        difference = search.demand[index] - search.rooms[index]
        if may_move(search.multipliers[index], difference):
            search.multipliers[index] = within(
                <int128>search.multipliers[index] + excess * <int128>difference // length
            )
    return True


cdef inline bint may_move(int64_t multiplier, int64_t difference) noexcept nogil:
    """Whether the multiplier is not yet at its end."""
    return multiplier < SCALE if difference > 0 else difference < 0 and multiplier > 0


cdef inline int64_t within(int128 multiplier) noexcept nogil:
    if multiplier <= <int128>0:
        return 0
    return SCALE if multiplier > <int128>SCALE else <int64_t>multiplier


cdef void ask(const Basket* basket, Search* search, const int64_t* savings, bint first) noexcept nogil:
    """Sets the demand for each column: what a relaxed solution takes, averaged with the demand before unless it is the
    first.
    """
    cdef int32_t width = basket.line_count + basket.shipment_count, place, index
    memset(search.sums, 0, width * sizeof(int64_t))
    memset(search.wanted, 0, search.words * sizeof(uint64_t))
    sort_by(search, savings)
    search.work += COST_CANDIDATE * <int64_t>search.count + COST_COLUMN * <int64_t>width
    for place in range(search.count):
        index = search.by_saving[place]
        if search.weights[index] and not intersects(search.wanted, conflicts_of(search, index), search.words):
            add(search.wanted, index)
            search.work += COST_CANDIDATE + COST_CAP * maximum(0, search.candidates[index].cap_count)
            if search.candidates[index].cap_count > 0:
                add_demand(search, index)
    for index in range(width):
        search.demand[index] = search.sums[index] if first else (search.demand[index] + search.sums[index]) // 2


cdef void sort_by(Search* search, const int64_t* savings) noexcept nogil:
    """Largest first; insertion, as they come nearly sorted."""
    cdef int32_t place, hole, index
    for place in range(1, search.count):
        index = search.by_saving[place]
        hole = place
        while hole and savings[search.by_saving[hole - 1]] < savings[index]:
            search.by_saving[hole] = search.by_saving[hole - 1]
            hole -= 1
        search.by_saving[hole] = index


cdef void add_demand(Search* search, int32_t index) noexcept nogil:
    """Adds what a candidate takes of its columns: for sure, and the rest where multipliers are smallest."""
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const int32_t* columns = columns_of(search, candidate)
    cdef const int64_t* amounts = amounts_of(search, candidate)
    cdef const int64_t* sure = sure_of(search, candidate)
    cdef int64_t[BINS] loose
    cdef int64_t left = search.weights[index], amount
    cdef int32_t place, bin, last = 0
    if search.cap_totals[index] <= left:
        for place in range(candidate.cap_count):
            search.sums[columns[place]] += amounts[place]
        return
    memset(loose, 0, sizeof(loose))
    for place in range(candidate.cap_count):
        left -= sure[place]
        loose[bin_of(search.multipliers[columns[place]])] += amounts[place] - sure[place]
    while left > loose[last] and last < BINS - 1:
        left -= loose[last]
        last += 1
    for place in range(candidate.cap_count):
        bin = bin_of(search.multipliers[columns[place]])
        amount = 0
        if bin <= last:
            amount = amounts[place] - sure[place]
            if bin == last:
                amount = maximum(0, minimum(left, amount))
                left -= amount
        search.sums[columns[place]] += sure[place] + amount
