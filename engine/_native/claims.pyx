# Everything here is C: see claims.pxd.
"""What candidates that claim units may still save (docs/search.md)."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t
from libc.string cimport memset

from engine._native.basket cimport Basket, Line, Run
from engine._native.candidates cimport GAIN, MOST_PARTS, Candidate, Claim, Search, conflicts_of, has_common, is_in, put
from engine._native.money cimport maximum, minimum


cdef enum:
    FEW_WORDS = 4                 # of lines: their sets are compared
    # Why a unit is missing when the turn of a candidate comes, as bits.
    CLAIMED = 1
    IN_SET = 2
    PASSED = 4
    KINDS = 8
    FEW_SETS = 3


cdef void count_unclaimed(const Basket* basket, Search* search) noexcept nogil:
    cdef int32_t index
    cdef int64_t units, least
    cdef const Line* line
    cdef const Run* run
    for index in range(basket.line_count):
        line = &basket.lines[index]
        units = 0
        least = INT64_MAX
        for run in basket.runs[line.first_run:line.first_run + line.run_count]:
            if not run.claimed:
                units += run.count
                least = minimum(least, run.price - line.floor)
        search.unclaimed[index] = units
        search.least_rooms[index] = least
    memset(search.reachable, 0, basket.line_count * sizeof(int64_t))
    memset(search.takeable, 0, (basket.line_count + basket.shipment_count) * sizeof(int64_t))


cdef void count_claims_before(
    const Basket* basket, Search* search, int32_t first, int32_t index, int64_t* claimed
) noexcept nogil:
    """How many units of each part of a candidate others may claim before its turn: of a clique, one of them."""
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const Candidate* other
    cdef const uint64_t* conflicts = conflicts_of(search, index)
    cdef const uint64_t* members
    cdef int64_t* most = search.tops
    cdef int64_t units, sets
    cdef int32_t place, part, of
    cdef bint few = basket.word_count <= FEW_WORDS
    if few:
        find_members(basket, search, candidate)
    for part in range(candidate.part_count):
        members = members_of(basket, search, part)
        claimed[part] = 0
        for place in range(first, index):
            most[search.candidates[place].clique] = 0
        for place in range(first, index):
            other = &search.candidates[place]
            if not search.weights[place] or not other.claimed or is_in(conflicts, place):
                continue
            if other.layer != search.layer:
                continue
            units = search.claiming_units[place]
            if other.claim_count >= 0 and few:
                sets = units // other.of_set_units
                units = 0
                for of in range(other.part_count):
                    if has_common(members, reach_of(basket, search, place, of), basket.word_count):
                        units += sets * other.sizes[of]
            elif few and not has_common(members, reach_of(basket, search, place, 0), basket.word_count):
                continue
            if units > most[other.clique]:
                claimed[part] += units - most[other.clique]
                most[other.clique] = units


cdef void find_members(const Basket* basket, Search* search, const Candidate* candidate) noexcept nogil:
    """The lines of which each part of the candidate may claim units."""
    cdef const Claim* claim
    cdef int32_t part
    memset(search.members, 0, candidate.part_count * basket.word_count * sizeof(uint64_t))
    for claim in search.claims[candidate.first_claim:candidate.first_claim + candidate.claim_count]:
        if search.unclaimed[claim.column]:
            for part in range(candidate.part_count):
                if claim.parts >> part & 1:
                    put(members_of(basket, search, part), claim.column)


cdef inline uint64_t* members_of(const Basket* basket, const Search* search, int32_t part) noexcept nogil:
    return &search.members[part * basket.word_count]


cdef void reach_lines(const Basket* basket, Search* search, int32_t index, const int64_t* claimed) noexcept nogil:
    """Adds to each line how many of its units the candidate may claim, when others claim so many before its turn.

    Those are the first ones in its order, or among so many more as may be claimed or passed over.
    """
    cdef const Candidate* candidate = &search.candidates[index]
    cdef int64_t sets, first, passed = 0
    cdef int32_t part, line
    cdef bint forwards
    if candidate.claim_count < 0:
        memset(reach_of(basket, search, index, 0), 255, basket.word_count * sizeof(uint64_t))
        for line in range(basket.line_count):
            search.reachable[line] += search.claiming_units[index]
        return
    sets = search.claiming_units[index] // candidate.of_set_units
    if candidate.ordered and not candidate.gets:
        passed = most_passed(search, candidate)
    for part in range(candidate.part_count):
        forwards = candidate.picks_cheapest
        first = INT64_MAX
        if candidate.gets:
            forwards = forwards and part == 1
            if candidate.ordered and (candidate.apart or candidate.alike):
                first = claimed[part] + sets * (candidate.sizes[part] if candidate.apart else candidate.of_set_units)
        elif candidate.ordered:
            first = claimed[part] + (sets + passed) * (candidate.sizes[part] + candidate.shared[part])
        memset(reach_of(basket, search, index, part), 0, basket.word_count * sizeof(uint64_t))
        reach_part(
            search, candidate, part, forwards, first, sets * candidate.sizes[part],
            reach_of(basket, search, index, part)
        )


cdef void reach_part(
    Search* search, const Candidate* candidate, int32_t part, bint forwards, int64_t first, int64_t most,
    uint64_t* reached,
) noexcept nogil:
    """Reaches for lines of a part, at most so many units of each: the first ones, cheapest first or dearest."""
    cdef const Claim* claim
    cdef int64_t before = 0, alike = 0, base = -1
    cdef int32_t place
    for place in range(candidate.claim_count):
        claim = &search.claims[candidate.first_claim + (candidate.claim_count - 1 - place if forwards else place)]
        if not claim.parts >> part & 1 or search.unclaimed[claim.column] == 0:
            continue
        if claim.base != base:
            # Of units with equal bases any may come first.
            base = claim.base
            before += alike
            alike = 0
            if before >= first:
                return
        alike += search.unclaimed[claim.column]
        put(reached, claim.column)
        search.reachable[claim.column] += minimum(most, search.unclaimed[claim.column])


cdef inline int64_t drained(const Search* search, int32_t column) noexcept nogil:
    """How many of a line's unclaimed units may stand at their floor when those looked at have taken what they may."""
    cdef int64_t least = search.least_rooms[column], takeable = search.takeable[column]
    if takeable < least:
        return 0
    if least == 0 or takeable >= search.rooms[column]:
        return search.unclaimed[column]
    return minimum(search.unclaimed[column], takeable // least)


cdef int64_t most_passed(const Search* search, const Candidate* candidate) noexcept nogil:
    """How many sets of a bundle may be passed over: of which nothing is wanted, or all whose units are at their floors.
    """
    cdef int64_t units[MOST_PARTS]
    cdef int64_t here, passed = INT64_MAX
    cdef const Claim* claim
    cdef int32_t part
    for part in range(candidate.part_count):
        units[part] = 0
    for claim in search.claims[candidate.first_claim:candidate.first_claim + candidate.claim_count]:
        here = drained(search, claim.column)
        if here:
            for part in range(candidate.part_count):
                if claim.parts >> part & 1:
                    units[part] += here
    for part in range(candidate.part_count):
        passed = minimum(passed, units[part] // candidate.sizes[part])
    return passed + maximum(0, candidate.too_cheap) if candidate.picks_cheapest else passed


cdef int64_t most_of_claims(
    const Search* search, const Candidate* candidate, const int64_t* claimed, int64_t* claiming
) noexcept nogil:
    """The most that a candidate may save by units not claimed yet, when others may claim so many before its turn.

    Says how many it may claim itself.
    """
    cdef const Claim* claims = &search.claims[candidate.first_claim]
    cdef const Claim* claim
    cdef int64_t available[MOST_PARTS]
    cdef int64_t units = 0, sets = candidate.repeat, taken, gain = 0, passed = 0, some
    cdef int32_t part
    cdef bint cheapest_first = candidate.cheapest_first
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
        sets = minimum(sets, available[part] // candidate.sizes[part])
    sets = minimum(sets, units // candidate.of_set_units)
    if sets == 0:
        return 0
    if candidate.gets and candidate.picks_cheapest and not cheapest_first:
        # There are enough to buy: those got are the cheapest.
        cheapest_first = available[0] - claimed[0] - sets * candidate.sizes[0] >= sets * candidate.sizes[1]
    if not candidate.gets and cheapest_first and candidate.too_cheap >= 0:
        passed = minimum(candidate.passed, most_passed(search, candidate))
    if cheapest_first and not candidate.gets and candidate.enough and sets <= FEW_SETS:
        for some in range(1, sets + 1):
            gain = maximum(gain, gain_of_sets(search, candidate, claimed, passed, some, available, True))
    elif cheapest_first:
        gain = gain_of_sets(search, candidate, claimed, passed, sets, available, False)
    else:
        for part in range(candidate.gets, candidate.part_count):
            gain += gain_of_dearest(search, candidate, part, sets * candidate.sizes[part])
    if candidate.gets and cheapest_first and candidate.fixed:
        gain = minimum(gain, given_by_first(search, candidate, sets * candidate.sizes[1] + claimed[1]))
    claiming[0] = sets * candidate.of_set_units
    gain = (gain + candidate.rounding) // GAIN
    if candidate.of_set < gain // sets + 1:
        gain = minimum(gain, candidate.of_set * sets)
    return gain


cdef int64_t gain_of_dearest(
    const Search* search, const Candidate* candidate, int32_t part, int64_t units
) noexcept nogil:
    """The most that so many units of a part save, whichever they are."""
    cdef const Claim* claim
    cdef int64_t taken, gain = 0
    for claim in search.claims[candidate.first_claim:candidate.first_claim + candidate.claim_count]:
        if claim.parts >> part & 1:
            taken = minimum(search.unclaimed[claim.column], units)
            gain += taken * gain_of(candidate, claim, part, False)
            units -= taken
            if units == 0:
                break
    return gain


cdef int64_t gain_of_sets(
    const Search* search, const Candidate* candidate, const int64_t* claimed, int64_t passed, int64_t sets,
    const int64_t* available, bint each_gives
) noexcept nogil:
    """The most that so many sets save, cheapest first. Where each of them gives something, units may be too cheap."""
    cdef int64_t gain = 0
    cdef int32_t part
    for part in range(candidate.gets, candidate.part_count):
        gain += gain_of_cheapest(
            search, candidate, part, claimed[part], passed, sets * candidate.sizes[part], available[part], each_gives
        )
    return gain


cdef int64_t gain_of_cheapest(
    const Search* search, const Candidate* candidate, int32_t part, int64_t claimed, int64_t passed, int64_t units,
    int64_t available, bint below,
) noexcept nogil:
    """The most that so many units of a part save that are the cheapest when its turn comes.

    Missing then are units that others claim before, that other parts of a set take, and that are in sets passed over:
    of each kind so many, of the lines that it can be; the cheapest that can be missing are.
    """
    cdef const Claim* claim
    cdef int64_t missing[KINDS]
    cdef int32_t place = candidate.first_claim + candidate.claim_count, kinds, others = ~(1 << part)
    cdef int64_t spare = available - units, here, may, left, gain = 0
    missing[0] = 0
    missing[CLAIMED] = claimed
    missing[IN_SET] = 0
    missing[PASSED] = 0
    if not candidate.gets:
        missing[IN_SET] = (passed + units // candidate.sizes[part]) * candidate.shared[part]
        missing[PASSED] = passed * candidate.sizes[part]
    for kinds in range(1, KINDS):
        if kinds & kinds - 1:
            missing[kinds] = missing[kinds & -kinds] + missing[kinds & kinds - 1]
    while units and place > candidate.first_claim:
        place -= 1
        claim = &search.claims[place]
        if not claim.parts >> part & 1:
            continue
        here = search.unclaimed[claim.column]
        if here and spare:
            may = search.reachable[claim.column]
            kinds = CLAIMED if may else 0
            if claim.parts & others and missing[IN_SET]:
                kinds |= IN_SET
                may = here
            if missing[PASSED]:
                left = here
                if claim.base + candidate.least_set - candidate.least[part] > candidate.enough:
                    left = drained(search, claim.column)
                if left:
                    kinds |= PASSED
                    may += left
            if kinds:
                left = leave_out(missing, kinds, minimum(minimum(here, may), spare))
                spare -= left
                here -= left
        left = minimum(here, units)
        units -= left
        gain += left * gain_of(candidate, claim, part, below)
    return gain


cdef inline int64_t leave_out(int64_t* missing, int32_t kinds, int64_t units) noexcept nogil:
    """How many of a line's units can be missing that may be of these kinds; of every set of kinds that has them all
    there are so many fewer.
    """
    cdef int32_t others
    for others in range(kinds, KINDS):
        if others & kinds == kinds:
            units = minimum(units, missing[others])
    for others in range(kinds, KINDS):
        if others & kinds == kinds:
            missing[others] -= units
    return units


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
