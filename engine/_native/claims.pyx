# Everything here is C: see claims.pxd.
"""What candidates that claim units may still save (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memset

from engine._native.basket cimport Basket, Line, Run
from engine._native.candidates cimport GAIN, MOST_PARTS, Candidate, Claim, Search, is_in
from engine._native.money cimport int128, maximum, minimum


cdef void sort_by_density(Search* search) noexcept nogil:
    """Those first that save most by each unit they claim."""
    cdef int32_t place, hole, index
    cdef int64_t rate
    for index in range(search.count):
        search.by_density[index] = index
        rate = maximum(1, search.candidates[index].claimed)
        search.weights[index] = search.candidates[index].most.saving // rate
    for place in range(1, search.count):
        index = search.by_density[place]
        hole = place
        while hole and search.weights[search.by_density[hole - 1]] < search.weights[index]:
            search.by_density[hole] = search.by_density[hole - 1]
            hole -= 1
        search.by_density[hole] = index


cdef void count_unclaimed(const Basket* basket, Search* search) noexcept nogil:
    cdef int32_t index
    cdef int64_t units
    cdef const Line* line
    cdef const Run* run
    for index in range(basket.line_count):
        line = &basket.lines[index]
        units = 0
        for run in basket.runs[line.first_run:line.first_run + line.run_count]:
            if not run.claimed:
                units += run.count
        search.unclaimed[index] = units


cdef int64_t claimed_before(Search* search, int32_t first, int32_t index) noexcept nogil:
    """How many units that a candidate may claim others may claim before its turn: of a clique, one of them."""
    cdef const uint64_t* conflicts = &search.conflicts[<int64_t>index * search.words]
    cdef const int32_t* claims_on = NULL
    cdef int64_t* most = search.tops
    cdef int64_t claimed = 0, units
    cdef int32_t other, clique
    if search.claims_on != NULL:
        claims_on = &search.claims_on[<int64_t>index * search.room]
    for other in range(first, index):
        most[search.candidates[other].clique] = 0
    for other in range(first, index):
        if not search.weights[other] or not search.candidates[other].claimed or is_in(conflicts, other):
            continue
        if search.candidates[other].layer != search.layer:
            continue
        units = search.claiming_units[other]
        if claims_on != NULL:
            units = minimum(units, claims_on[other])
        clique = search.candidates[other].clique
        if units > most[clique]:
            claimed += units - most[clique]
            most[clique] = units
    return claimed


cdef void reach_lines(
    const Basket* basket, Search* search, const Candidate* candidate, int64_t claiming
) noexcept nogil:
    """Adds to each line how many of its units the candidate may claim."""
    cdef const Claim* claim
    cdef int64_t sets = claiming, of_set = 0, units
    cdef int32_t part, index
    if candidate.claim_count < 0:
        for index in range(basket.line_count):
            search.reachable[index] += claiming
        return
    for part in range(candidate.part_count):
        of_set += candidate.sizes[part]
    sets //= of_set
    for claim in search.claims[candidate.first_claim:candidate.first_claim + candidate.claim_count]:
        units = 0
        for part in range(candidate.part_count):
            if claim.parts >> part & 1:
                units += candidate.sizes[part]
        search.reachable[claim.column] += units * sets


cdef int64_t most_of_claims(
    const Search* search, const Candidate* candidate, int64_t claimed, int64_t* claiming
) noexcept nogil:
    """The most that a candidate may save by units not claimed yet, when others may claim so many before its turn.

    Says how many it may claim itself.
    """
    cdef const Claim* claims = &search.claims[candidate.first_claim]
    cdef const Claim* claim
    cdef int64_t available[MOST_PARTS]
    cdef int64_t units = 0, of_set = 0, sets = candidate.repeat, left, taken, gain = 0
    cdef int32_t part
    for part in range(candidate.part_count):
        available[part] = 0
    for claim in claims[:candidate.claim_count]:
        taken = search.unclaimed[claim.column]
        if taken:
            units += taken
            for part in range(candidate.part_count):
                if claim.parts >> part & 1:
                    available[part] += taken
    for part in range(candidate.part_count):
        of_set += candidate.sizes[part]
        sets = minimum(sets, available[part] // candidate.sizes[part])
    sets = minimum(sets, units // of_set)
    if sets == 0:
        return 0
    for part in range(candidate.part_count):
        if candidate.gets and part == 0:
            continue
        left = sets * candidate.sizes[part]
        if candidate.cheapest_first:
            gain += gain_of_cheapest(search, candidate, part, claimed, left, available[part])
            continue
        for claim in claims[:candidate.claim_count]:
            if claim.parts >> part & 1:
                taken = minimum(search.unclaimed[claim.column], left)
                gain += taken * claim.gain
                left -= taken
                if left == 0:
                    break
    if candidate.gets and candidate.cheapest_first and candidate.fixed:
        gain = minimum(gain, given_by_first(search, candidate, sets * candidate.sizes[1] + claimed))
    claiming[0] = sets * of_set
    gain = (gain + candidate.rounding) // GAIN
    if candidate.of_set < gain // sets + 1:
        gain = minimum(gain, candidate.of_set * sets)
    return gain


cdef int64_t gain_of_cheapest(
    const Search* search, const Candidate* candidate, int32_t part, int64_t claimed, int64_t units, int64_t available
) noexcept nogil:
    """The most that so many units of a part save that are the cheapest when its turn comes.

    Others may claim so many before, the cheapest of them if they reach them; sets may be passed over.
    """
    cdef const Claim* claim
    cdef int32_t place = candidate.first_claim + candidate.claim_count
    cdef int64_t left = available, skip = 0, here, gain = 0
    if not candidate.gets:
        skip = candidate.passed * candidate.sizes[part] + (
            candidate.passed + units // candidate.sizes[part]
        ) * candidate.shared[part]
    while units and place > candidate.first_claim:
        place -= 1
        claim = &search.claims[place]
        if not claim.parts >> part & 1:
            continue
        here = search.unclaimed[claim.column]
        # There are enough of them in the end: no more are claimed or passed over.
        left = minimum(minimum(here, search.reachable[claim.column]), minimum(claimed, available - units))
        claimed -= left
        available -= left
        here -= left
        left = minimum(minimum(here, skip), available - units)
        skip -= left
        available -= left
        here -= left
        left = minimum(here, units)
        units -= left
        available -= left
        gain += left * claim.gain
    return gain


cdef int64_t given_by_first(const Search* search, const Candidate* candidate, int64_t units) noexcept nogil:
    """What so many of the cheapest units not claimed yet may give, in parts of a minor unit."""
    cdef int32_t place = candidate.first_claim + candidate.claim_count
    cdef const Claim* claim
    cdef int64_t taken, given = 0
    while place > candidate.first_claim and units:
        place -= 1
        claim = &search.claims[place]
        if claim.parts & 2:
            taken = minimum(units, search.unclaimed[claim.column])
            given += taken * claim.give
            units -= taken
    return given


cdef bint price_claims(const Basket* basket, Search* search) noexcept nogil:
    """Puts a price on claiming a unit of each line of which more units are sought than there are; False for none.

    It is what the last one saves on it that would find a unit left, those served first that save most.
    """
    cdef int64_t* sought = search.sums
    cdef int64_t* served = search.counts
    cdef const Candidate* candidate
    cdef const Claim* claim
    cdef int64_t units, ratio, unclaimed
    cdef int32_t index
    cdef bint serving, any = False
    memset(sought, 0, basket.line_count * sizeof(int64_t))
    memset(served, 0, basket.line_count * sizeof(int64_t))
    for serving in range(2):
        for index in search.by_density[:search.count]:
            candidate = &search.candidates[index]
            if not search.weights[index] or not is_claiming(search, candidate):
                continue
            units = 0
            for claim in search.claims[candidate.first_claim:candidate.first_claim + candidate.claim_count]:
                units += search.unclaimed[claim.column]
            ratio = minimum(units, search.claiming_units[index]) * GAIN // maximum(1, units)
            for claim in search.claims[candidate.first_claim:candidate.first_claim + candidate.claim_count]:
                unclaimed = search.unclaimed[claim.column]
                if not serving:
                    sought[claim.column] += unclaimed * ratio
                elif sought[claim.column] > unclaimed * GAIN > served[claim.column]:
                    served[claim.column] += unclaimed * ratio
                    if served[claim.column] >= unclaimed * (GAIN - 1):
                        search.prices[claim.column] = claim.density
                        any = True
    return any


cdef int64_t saved_beyond(const Search* search, const Candidate* candidate, int64_t most) noexcept nogil:
    """What a candidate may save beyond the prices of the units that it claims."""
    cdef const Claim* claim
    cdef int64_t sum = candidate.rounding, price, least = GAIN
    for claim in search.claims[candidate.first_claim:candidate.first_claim + candidate.claim_count]:
        if claim.density and search.unclaimed[claim.column]:
            price = search.prices[claim.column]
            if price < claim.density:
                sum += (claim.density - price) * search.unclaimed[claim.column]
                least = minimum(least, <int64_t>(<int128>price * <int128>GAIN // <int128>claim.density))
    sum = (sum + GAIN - 1) // GAIN
    most -= <int64_t>(<int128>most * <int128>least // <int128>GAIN)
    return minimum(sum, most + (candidate.rounding + GAIN - 1) // GAIN)
