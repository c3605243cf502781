# Everything here is C: see prices.pxd.
"""Bounds that charge for what candidates share: columns that are full, and units that are claimed (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.basket cimport Basket, has_line
from engine._native.candidates cimport (
    GAIN, MOST_PARTS, OF_CANDIDATE, OF_OFFER, Candidate, Cap, Claim, Offered, Search, conflicts_of, has_common, put,
)
from engine._native.claims cimport gain_of, is_claiming, reach_of
from engine._native.cliques cimport most_together
from engine._native.money cimport int128, maximum, minimum


cdef enum:
    MOST_WORK = 1 << 20           # to find prices
    PRICINGS = 16                 # steps to find prices
    STEP = GAIN // 3              # of the way to the goal, at first
    ROUNDS = 3                    # in which columns are said to be full


cdef void relax_all(const Basket* basket, Search* search, int64_t enough, int64_t* best) noexcept nogil:
    """Lessens a bound by prices, as long as it is not below what is enough."""
    cdef int32_t _
    if search.claiming:
        memset(search.prices, 0, basket.line_count * sizeof(int64_t))
    relax(basket, search, best)
    if search.claiming and best[0] >= enough:
        if not search.priced[search.level]:
            find_prices(basket, search, best[0])
        if not price_claims(basket, search) or not relax(basket, search, best):
            memset(search.prices, 0, basket.line_count * sizeof(int64_t))
    for _ in range(ROUNDS):
        if best[0] < enough or not price_columns(basket, search) or not relax(basket, search, best):
            break


cdef bint relax(const Basket* basket, Search* search, int64_t* best) noexcept nogil:
    """Whether the bound with columns and units at their prices is less than the best one; then it is that."""
    cdef int64_t* savings = search.other_parts
    cdef int64_t total = relaxed(basket, search, savings)
    memcpy(search.tops, savings, search.count * sizeof(int64_t))
    total += most_together(search, search.tops)
    if total >= best[0]:
        return False
    best[0] = total
    search.other_parts = search.parts
    search.parts = savings
    return True


cdef int64_t relaxed(const Basket* basket, Search* search, int64_t* savings) noexcept nogil:
    """What full columns and units that have a price yield, and the most that each candidate saves beyond that.

    A full column yields all that it has room for, whatever takes it; an unlimited one what each candidate may take. A
    unit yields its price, whoever claims it. Says what columns are asked for.
    """
    cdef int32_t width = basket.line_count + basket.shipment_count
    cdef int32_t place, index
    cdef int64_t total = 0, paid = 0, saving, sum, ratio
    cdef int64_t* sought = search.sums
    cdef const Candidate* candidate
    cdef const Cap* cap
    for index in range(width):
        if search.full[index]:
            total += search.rooms[index]
    if search.claiming:
        for index in range(basket.line_count):
            paid += search.prices[index] * search.unclaimed[index]
        total += (paid + GAIN - 1) // GAIN
    memset(sought, 0, width * sizeof(int64_t))
    memset(savings, 0, search.count * sizeof(int64_t))
    memset(search.wanted, 0, search.words * sizeof(uint64_t))
    for place in range(search.count):
        index = search.by_saving[place]
        saving = search.weights[index]
        savings[index] = saving
        if saving == 0:
            continue
        candidate = &search.candidates[index]
        search.work += OF_CANDIDATE + maximum(0, candidate.cap_count)
        if candidate.cap_count >= 0:
            sum = 0
            for cap in search.caps[candidate.first_cap:candidate.first_cap + candidate.cap_count]:
                if not search.full[cap.column]:
                    sum += minimum(cap.amount, search.rooms[cap.column])
            saving = minimum(saving, sum)
        if paid and saving and is_claiming(search, candidate):
            search.work += OF_OFFER * candidate.claim_count
            saving = minimum(saving, saved_beyond(basket, search, index, False))
        savings[index] = saving
        # What is asked for: by those that save most and go together.
        if candidate.cap_count > 0 and search.totals[index] and goes_along(search, index):
            put(search.wanted, index)
            ratio = <int64_t>(<int128>search.weights[index] * <int128>GAIN // <int128>search.totals[index])
            for cap in search.caps[candidate.first_cap:candidate.first_cap + candidate.cap_count]:
                sought[cap.column] += minimum(cap.amount, search.rooms[cap.column]) * ratio // GAIN
    return total


cdef inline bint goes_along(const Search* search, int32_t index) noexcept nogil:
    return not has_common(search.wanted, conflicts_of(search, index), search.words)


cdef bint price_columns(const Basket* basket, Search* search) noexcept nogil:
    """Columns asked for more than they have room for are full; False when nothing changes."""
    cdef int32_t index
    cdef bint full, changed = False
    for index in range(basket.line_count + basket.shipment_count):
        full = search.sums[index] > search.rooms[index]
        changed = changed or full != search.full[index]
        search.full[index] = full
    return changed


cdef bint price_claims(const Basket* basket, Search* search) noexcept nogil:
    """Puts the prices found on lines of which more units are sought than there are; False when that is none."""
    cdef const int64_t* found = prices_of(basket, search)
    cdef int32_t line
    cdef bint any = False
    for line in range(basket.line_count):
        search.prices[line] = found[line] if search.reachable[line] > search.unclaimed[line] else 0
        any = any or search.prices[line] > 0
    return any


cdef void find_prices(const Basket* basket, Search* search, int64_t bound) noexcept nogil:
    """Finds prices of units that make the bound small, by subgradient steps.

    Those that save most beyond the prices and go together are asked what they claim: a unit that more ask for than
    there are becomes dearer, one that fewer ask for cheaper; steps are as long as the bound is from the best set.
    """
    cdef int64_t* found = prices_of(basket, search)
    cdef int64_t* savings = search.other_parts
    cdef int64_t goal = search.best_vector.saving - search.vector.saving, total, difference, length, step, part = STEP
    cdef int128 price
    cdef int32_t round, line
    search.priced[search.level] = True
    memset(found, 0, basket.line_count * sizeof(int64_t))
    memset(search.prices, 0, basket.line_count * sizeof(int64_t))
    for round in range(PRICINGS):
        total = relaxed(basket, search, savings)
        memcpy(search.tops, savings, search.count * sizeof(int64_t))
        total += most_together(search, search.tops)
        if total < bound or round == 0:
            bound = total
            memcpy(found, search.prices, basket.line_count * sizeof(int64_t))
        else:
            part = part * 3 // 4
        if total <= goal or search.work > MOST_WORK:
            return
        ask(basket, search, savings)
        length = 0
        for line in range(basket.line_count):
            difference = search.sums[line] - search.unclaimed[line]
            if difference > 0 or search.prices[line]:
                length += difference * difference
        if length == 0:
            return
        step = <int64_t>(<int128>(total - goal) * <int128>part // <int128>length)
        for line in range(basket.line_count):
            difference = search.sums[line] - search.unclaimed[line]
            if difference > 0 or search.prices[line]:
                # None is worth more than a unit costs.
                price = <int128>search.prices[line] + <int128>step * <int128>difference
                if price > <int128>(basket.lines[line].price * GAIN):
                    price = <int128>(basket.lines[line].price * GAIN)
                search.prices[line] = <int64_t>price if price > <int128>0 else 0
    memset(search.prices, 0, basket.line_count * sizeof(int64_t))


cdef void ask(const Basket* basket, Search* search, const int64_t* savings) noexcept nogil:
    """Counts the units that candidates ask for which save much and go together, those first that save most."""
    cdef int32_t place, index
    memset(search.sums, 0, basket.line_count * sizeof(int64_t))
    memset(search.wanted, 0, search.words * sizeof(uint64_t))
    for place in range(search.count):
        index = search.by_saving[place]
        if savings[index] and goes_along(search, index):
            put(search.wanted, index)
            if is_claiming(search, &search.candidates[index]):
                saved_beyond(basket, search, index, True)


cdef inline int64_t* prices_of(const Basket* basket, const Search* search) noexcept nogil:
    """Those found for the layer at hand."""
    return &search.found_prices[<int64_t>search.level * basket.line_count]


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
    cdef int32_t count = 0, hole
    for claim in search.claims[candidate.first_claim:candidate.first_claim + candidate.claim_count]:
        if not claim.parts >> part & 1 or search.unclaimed[claim.column] == 0 or not has_line(reached, claim.column):
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
            search.sums[first[0].column] += taken
        first[0].units -= taken
        units -= taken
        if first[0].units == 0:
            first[0] += 1
