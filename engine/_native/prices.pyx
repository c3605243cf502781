# Everything here is C: see prices.pxd.
"""Bounds that charge for what candidates share: columns that are full, and units that are claimed (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.basket cimport Basket, has_line
from engine._native.candidates cimport (
    GAIN, GAIN_BITS, MOST_PARTS, OF_CANDIDATE, OF_CAP, OF_COLUMN, OF_LOOSE_CAP, OF_OFFER, Candidate, Claim, Offered,
    Search, conflicts_of, has_common, is_overdrawn, put,
)
from engine._native.claims cimport claims_of_part, gain_of, is_claiming, reach_of
from engine._native.cliques cimport most_together
from engine._native.money cimport int128, maximum, minimum


cdef enum:
    MOST_WORK = 1 << 18           # since sets were tried, to find rates and prices
    PRICINGS = 16                 # steps to find them
    LONG = GAIN                   # those of rates, at first, in parts of the way to the goal
    SHORT = GAIN // 4             # those of prices
    BIN_BITS = GAIN_BITS - 3      # of rates: those of a bin differ by less
    FAR = 4                       # times what the last step of the rates brought
    UNSTEPPED = 4                 # nodes of which one steps all the same
    BINS = (GAIN >> BIN_BITS) + 1


cdef void relax_all(const Basket* basket, Search* search, int64_t enough, int64_t* best) noexcept nogil:
    """Lessens a bound by rates and prices, as long as it is not below what is enough."""
    if search.open_claims:
        memset(search.prices, 0, basket.line_count * sizeof(int64_t))
    relax(basket, search, best)
    if best[0] >= enough and not search.priced[search.level]:
        find_prices(basket, search, best[0])
        relax(basket, search, best)
    if best[0] >= enough and search.open_claims:
        if not price_claims(basket, search) or not relax(basket, search, best):
            memset(search.prices, 0, basket.line_count * sizeof(int64_t))
    if best[0] >= enough and not is_far(search, best[0] - enough):
        adapt(basket, search, enough, best)


cdef void leave_unpriced(const Basket* basket, Search* search) noexcept nogil:
    """None are looked for in the layer at hand: columns and units yield nothing, as long as no step finds better."""
    cdef int32_t width = basket.line_count + basket.shipment_count
    search.priced[search.level] = True
    memset(found_of(basket, search, search.found_rates), 0, width * sizeof(int64_t))
    memset(found_of(basket, search, search.found_prices), 0, width * sizeof(int64_t))


cdef bint is_far(Search* search, int64_t excess) noexcept nogil:
    """Whether no step of the rates is tried, for it takes far more than the last one brought; now and then one is."""
    if search.audited or excess <= FAR * search.stepped:
        return False
    search.unstepped += 1
    return search.unstepped % UNSTEPPED != 0


cdef void adapt(const Basket* basket, Search* search, int64_t enough, int64_t* best) noexcept nogil:
    """Rates that lessen the bound are kept, for the nodes that follow too."""
    cdef int64_t* found = found_of(basket, search, search.found_rates)
    cdef int64_t size = (basket.line_count + basket.shipment_count) * sizeof(int64_t), before = best[0]
    ask(basket, search, search.parts, True)
    if step_rates(basket, search, <int128>(best[0] - enough) * <int128>LONG):
        if relax(basket, search, best):
            memcpy(found, search.rates, size)
        else:
            memcpy(search.rates, found, size)
    search.stepped = before - best[0]


cdef bint relax(const Basket* basket, Search* search, int64_t* best) noexcept nogil:
    """Whether the bound with columns at their rates and units at their prices is less than the best one; then it is
    that.
    """
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
    """What columns and units yield at their rates and prices, and the most that each candidate saves beyond that.

    A column yields a part of what it has room for, whatever takes it, and of what a candidate takes of it that part
    does not count. A unit yields its price, whoever claims it.
    """
    cdef int32_t index
    cdef int64_t saving
    # No overflow: the goods of a cart come to 10^15 at most, as does its shipping.
    cdef int64_t total = 0, paid = 0
    cdef const Candidate* candidate
    for index in range(basket.line_count + basket.shipment_count):
        total += search.rates[index] * search.rooms[index]
    if search.open_claims:
        for index in range(basket.line_count):
            paid += search.prices[index] * search.unclaimed[index]
        total += paid
    for index in range(search.count):
        saving = search.weights[index]
        if saving:
            candidate = &search.candidates[index]
            search.work += OF_CANDIDATE + OF_CAP * maximum(0, candidate.cap_count)
            if candidate.cap_count >= 0:
                saving = minimum(saving, saved_of_columns(search, index))
            if paid and saving and is_claiming(search, candidate) and not is_overdrawn(search, 0):
                search.work += OF_OFFER * candidate.claim_count
                saving = minimum(saving, saved_beyond(basket, search, index, False))
        savings[index] = saving
    return rounded_up(total)


cdef int64_t saved_of_columns(Search* search, int32_t index) noexcept nogil:
    """The most that a candidate saves beyond the rates of its columns: what it does not take of one for sure it takes
    where the rates are least.
    """
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const int32_t* columns = &search.cap_columns[candidate.first_cap]
    cdef const int64_t* amounts = &search.amounts[candidate.first_cap]
    cdef const int64_t* sure = &search.sure[candidate.first_cap]
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


cdef inline bint goes_along(const Search* search, int32_t index) noexcept nogil:
    return not has_common(search.wanted, conflicts_of(search, index), search.words)


cdef bint price_claims(const Basket* basket, Search* search) noexcept nogil:
    """Puts the prices found on lines of which more units are sought than there are; False when that is none."""
    cdef const int64_t* found = found_of(basket, search, search.found_prices)
    cdef int32_t line
    cdef bint any = False
    for line in range(basket.line_count):
        search.prices[line] = found[line] if search.reachable[line] > search.unclaimed[line] else 0
        any = any or search.prices[line] > 0
    return any


cdef void find_prices(const Basket* basket, Search* search, int64_t bound) noexcept nogil:
    """Finds rates and prices that make the bound small, by subgradient steps.

    Those that save most beyond them and go together are asked what they take and claim. What is asked for more than
    there is becomes dearer, what is asked for less cheaper; steps are as long as the bound is from the best set, and
    shorter each time that it does not become less.
    """
    cdef int32_t width = basket.line_count + basket.shipment_count
    cdef int64_t* rates = found_of(basket, search, search.found_rates)
    cdef int64_t* prices = found_of(basket, search, search.found_prices)
    cdef int64_t* savings = search.other_parts
    cdef int64_t goal = search.best_vector.saving - search.vector.saving, total
    cdef int128 excess, part = GAIN
    cdef int32_t round
    cdef bint changed = True
    search.priced[search.level] = True
    memcpy(rates, search.rates, width * sizeof(int64_t))
    memset(prices, 0, width * sizeof(int64_t))
    for round in range(PRICINGS):
        total = relaxed(basket, search, savings)
        total += most_together(search, savings)
        if total < bound:
            bound = total
            memcpy(rates, search.rates, width * sizeof(int64_t))
            memcpy(prices, search.prices, width * sizeof(int64_t))
        elif round:
            part -= part // <int128>16
        if total <= goal or not changed or search.work > search.started + MOST_WORK:
            break
        ask(basket, search, savings, round == 0)
        excess = <int128>(bound - goal) * part
        changed = step_rates(basket, search, excess * <int128>LONG // <int128>GAIN)
        if search.open_claims and step_prices(basket, search, excess * <int128>SHORT // <int128>GAIN):
            changed = True
    memcpy(search.rates, rates, width * sizeof(int64_t))
    memset(search.prices, 0, width * sizeof(int64_t))


cdef bint step_rates(const Basket* basket, Search* search, int128 excess) noexcept nogil:
    """Columns asked for more than they have room for yield more of it, others less; False when nothing changes.

    ``excess`` is what the bound is to become less, in parts of a minor unit.
    """
    cdef int32_t width = basket.line_count + basket.shipment_count, index
    cdef int128 length = 0
    cdef int64_t difference
    for index in range(width):
        difference = search.asked[index] - search.rooms[index]
        if is_free(search.rates[index], difference, GAIN):
            length += <int128>difference * <int128>difference
    if length == 0:
        return False
    for index in range(width):
        difference = search.asked[index] - search.rooms[index]
        if is_free(search.rates[index], difference, GAIN):
            search.rates[index] = within(
                <int128>search.rates[index] + excess * <int128>difference // length, GAIN
            )
    return True


cdef bint step_prices(const Basket* basket, Search* search, int128 excess) noexcept nogil:
    """Units that more ask for than there are become dearer, others cheaper; as above."""
    cdef int32_t index
    cdef int128 length = 0
    cdef int64_t difference
    for index in range(basket.line_count):
        difference = search.asked_units[index] - search.unclaimed[index] * GAIN
        if is_free(search.prices[index], difference, basket.lines[index].price * GAIN):
            length += <int128>difference * <int128>difference
    if length == 0:
        return False
    for index in range(basket.line_count):
        difference = search.asked_units[index] - search.unclaimed[index] * GAIN
        # None is worth more than a unit costs.
        if is_free(search.prices[index], difference, basket.lines[index].price * GAIN):
            search.prices[index] = within(
                <int128>search.prices[index] + excess * <int128>difference // length * <int128>GAIN,
                basket.lines[index].price * GAIN,
            )
    return True


cdef inline bint is_free(int64_t price, int64_t difference, int64_t most) noexcept nogil:
    """Whether it is not at its end already."""
    return price < most if difference > 0 else difference < 0 and price > 0


cdef inline int64_t within(int128 number, int64_t most) noexcept nogil:
    if number <= <int128>0:
        return 0
    return most if number > <int128>most else <int64_t>number


cdef void ask(const Basket* basket, Search* search, const int64_t* savings, bint first) noexcept nogil:
    """What is taken and claimed by candidates that save most and go together, on average with what was asked before."""
    cdef int32_t width = basket.line_count + basket.shipment_count, place, index
    cdef const Candidate* candidate
    memset(search.sums, 0, width * sizeof(int64_t))
    memset(search.counts, 0, width * sizeof(int64_t))
    memset(search.wanted, 0, search.words * sizeof(uint64_t))
    sort_by(search, savings)
    search.work += OF_CANDIDATE * <int64_t>search.count + OF_COLUMN * <int64_t>width
    for place in range(search.count):
        index = search.by_saving[place]
        if search.weights[index] and goes_along(search, index):
            put(search.wanted, index)
            candidate = &search.candidates[index]
            search.work += OF_CANDIDATE + OF_CAP * maximum(0, candidate.cap_count)
            if candidate.cap_count > 0:
                take_of_columns(search, index)
            if is_claiming(search, candidate):
                saved_beyond(basket, search, index, True)
    average(search.asked, search.sums, width, 1, first)
    if search.open_claims:
        average(search.asked_units, search.counts, basket.line_count, GAIN, first)


cdef inline void average(
    int64_t* asked, const int64_t* sums, int32_t width, int64_t parts, bint first
) noexcept nogil:
    cdef int32_t index
    for index in range(width):
        asked[index] = sums[index] * parts if first else asked[index] + (sums[index] * parts - asked[index]) // 2


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
    cdef const int32_t* columns = &search.cap_columns[candidate.first_cap]
    cdef const int64_t* amounts = &search.amounts[candidate.first_cap]
    cdef const int64_t* sure = &search.sure[candidate.first_cap]
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


cdef inline int64_t* found_of(const Basket* basket, const Search* search, int64_t* found) noexcept nogil:
    """Those found for the layer at hand."""
    return &found[<int64_t>search.level * (basket.line_count + basket.shipment_count)]


cdef int64_t saved_beyond(const Basket* basket, Search* search, int32_t index, bint counting) noexcept nogil:
    """The most that a candidate saves beyond the prices of the units that it claims.

    Of each part those units count that save most beyond their prices; sets follow as long as they add something.
    ``counting`` adds the units of these sets to what is sought of their lines.
    """
    cdef const Candidate* candidate = &search.candidates[index]
    cdef Offered* first[MOST_PARTS]
    cdef Offered* next = search.offered
    cdef int64_t sets = search.claiming_units[index] // candidate.of_set_units, alike, of_set, total = 0
    cdef int32_t part
    for part in range(candidate.part_count):
        first[part] = next
        next += list_offered(basket, search, index, part, next)
    while sets:
        of_set = 0
        alike = sets
        for part in range(candidate.part_count):
            alike = minimum(alike, take_offered(&first[part], candidate.sizes[part], &of_set))
        if of_set <= 0 or alike == 0:
            break
        sets -= alike
        total += of_set * alike
        for part in range(candidate.part_count):
            drop_offered(search, &first[part], candidate.sizes[part] * alike, counting)
    return (total + candidate.rounding + GAIN - 1) // GAIN


cdef int32_t list_offered(
    const Basket* basket, const Search* search, int32_t index, int32_t part, Offered* offered
) noexcept nogil:
    """Lists the lines of which units may be claimed for a part, by what is saved beyond the price of a unit."""
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const uint64_t* reached = reach_of(basket, search, index, part)
    cdef const Claim* claim
    cdef Offered line
    cdef int32_t count = 0, hole, place
    for place in claims_of_part(search, candidate, part)[:candidate.in_part[part]]:
        claim = &search.claims[place]
        if search.unclaimed[claim.column] == 0 or not has_line(reached, claim.column):
            continue
        line.column = claim.column
        line.units = search.unclaimed[claim.column]
        line.value = -search.prices[claim.column]
        if part or not candidate.gets:
            line.value += gain_of(candidate, claim, part, True)
        hole = count
        while hole and offered[hole - 1].value < line.value:
            offered[hole] = offered[hole - 1]
            hole -= 1
        offered[hole] = line
        count += 1
    # Behind them there is none.
    offered[count].units = 0
    return count + 1


cdef inline int64_t take_offered(Offered** first, int64_t units, int64_t* value) noexcept nogil:
    """How often so many of the units listed can be had alike, 0 for never; adds what they are worth once."""
    cdef const Offered* offered = first[0]
    cdef int64_t taken
    if offered.units >= units:
        value[0] += offered.value * units
        return offered.units // units
    while units:
        if offered.units == 0:
            return 0
        taken = minimum(units, offered.units)
        value[0] += offered.value * taken
        units -= taken
        offered += 1
    return 1


cdef inline void drop_offered(Search* search, Offered** first, int64_t units, bint counting) noexcept nogil:
    cdef int64_t taken
    while units:
        taken = minimum(units, first[0].units)
        if counting:
            search.counts[first[0].column] += taken
        first[0].units -= taken
        units -= taken
        if first[0].units == 0:
            first[0] += 1
