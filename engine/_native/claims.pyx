# Everything here is C: see claims.pxd.
"""What candidates that claim units may still save (docs/search.md)."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memset

from engine._native.basket cimport Basket, Line, Run, lowest_bit
from engine._native.candidates cimport Candidate, Claim, Search, conflicts_of, has_common, is_in, of_pairs, put
from engine._native.money cimport maximum, minimum
from engine._native.runs cimport least_of, most_of


cdef enum:
    FEW_WORDS = 4                 # of lines: their sets are compared
    MOST_EQUAL = 32               # claims with one base that are looked at


cdef void count_unclaimed(const Basket* basket, Search* search, int32_t index) noexcept nogil:
    """How many units of a line are not claimed, and what one of them may give. What the line owes is off their prices.
    """
    cdef int64_t units = 0, least = INT64_MAX, most = 0
    cdef const Line* line = &basket.lines[index]
    cdef const Run* run
    for run in line.runs[:line.run_count]:
        if not run.claimed:
            units += run.count
            least = minimum(least, least_of(run, line) - line.floor)
            most = maximum(most, most_of(run, line) - line.floor)
    search.unclaimed[index] = units
    search.least_rooms[index] = least
    search.most_rooms[index] = most


cdef void count_claims_before(
    const Basket* basket, Search* search, int32_t index, int64_t* claimed
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
    search.work += of_pairs(search.earlier_count) * candidate.part_count
    for part in range(candidate.part_count):
        members = candidate.members[part]
        claimed[part] = 0
        for place in search.earlier[:search.earlier_count]:
            most[search.candidates[place].clique] = 0
        for place in search.earlier[:search.earlier_count]:
            if is_in(conflicts, place):
                continue
            other = &search.candidates[place]
            units = search.claiming_units[place]
            if other.claim_count >= 0 and few:
                sets = units // other.of_set_units
                units = 0
                for of in range(other.part_count):
                    units += common_units(
                        basket, search, members, reach_of(basket, search, place, of), sets * other.sizes[of]
                    )
            elif few and not has_common(members, reach_of(basket, search, place, 0), basket.word_count):
                continue
            if units > most[other.clique]:
                claimed[part] += units - most[other.clique]
                most[other.clique] = units


cdef int64_t common_units(
    const Basket* basket, const Search* search, const uint64_t* left, const uint64_t* right, int64_t most
) noexcept nogil:
    """Units not claimed yet of the lines that two sets have in common, at most so many."""
    cdef int64_t units = 0
    cdef uint64_t bits
    cdef int32_t word
    for word in range(basket.word_count):
        bits = left[word] & right[word]
        while bits:
            units += search.unclaimed[word * 64 + lowest_bit(bits)]
            if units >= most:
                return most
            bits &= bits - 1
    return units


cdef void reach_lines(
    const Basket* basket, Search* search, int32_t index, const int64_t* claimed, int64_t formed
) noexcept nogil:
    """Adds to each line how many of its units the candidate may claim, when others claim so many before its turn.

    Those are the first ones in its order, or among so many more as may be claimed; of a bundle, those of so many sets.
    """
    cdef const Candidate* candidate = &search.candidates[index]
    cdef int64_t sets, first
    cdef int32_t part, line
    cdef bint forwards
    if candidate.claim_count < 0:
        memset(reach_of(basket, search, index, 0), 255, basket.word_count * sizeof(uint64_t))
        for line in range(basket.line_count):
            search.reachable[line] += search.claiming_units[index]
        return
    sets = search.claiming_units[index] // candidate.of_set_units
    for part in range(candidate.part_count):
        forwards = candidate.picks_cheapest
        first = INT64_MAX
        if candidate.gets:
            forwards = forwards and part == 1
            if candidate.ordered and (candidate.apart or candidate.alike):
                first = claimed[part] + sets * (candidate.sizes[part] if candidate.apart else candidate.of_set_units)
        elif candidate.ordered:
            first = claimed[part] + formed * (candidate.sizes[part] + candidate.shared[part])
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
    cdef const int32_t* places = claims_of_part(search, candidate, part)
    cdef const Claim* claim
    cdef int64_t before = 0, alike = 0, base = -1, units
    cdef int32_t place, count = candidate.in_part[part]
    for place in range(count):
        claim = &search.claims[places[count - 1 - place if forwards else place]]
        units = search.unclaimed[claim.column]
        if units == 0:
            continue
        if claim.base != base:
            # Of units with equal bases any may come first.
            base = claim.base
            before += alike
            alike = 0
            if before >= first:
                return
        alike += units
        put(reached, claim.column)
        search.reachable[claim.column] += minimum(most, units)


cdef int64_t drained(const Search* search, int32_t column) noexcept nogil:
    """How many of a line's unclaimed units may stand at their floor when those looked at have taken what they may."""
    cdef int64_t least = search.least_rooms[column], takeable = search.takeable[column]
    if takeable < least:
        return 0
    if least == 0 or takeable >= search.rooms[column]:
        return search.unclaimed[column]
    return minimum(search.unclaimed[column], takeable // least)


cdef int64_t room_at(
    const Search* search, const Candidate* candidate, int32_t place, int64_t* at_floor
) noexcept nogil:
    """What a unit of a claim may give at most: of its line, or of one with an equal base that may be taken instead.

    Says how many of these may stand at their floors.
    """
    cdef const Claim* claim
    cdef int64_t base = search.claims[place].base, most = 0
    cdef uint32_t parts = search.claims[place].parts
    cdef int32_t looked_at = 0
    at_floor[0] = 0
    while place > candidate.first_claim and search.claims[place - 1].base == base and looked_at < MOST_EQUAL:
        place -= 1
        looked_at += 1
    looked_at = 0
    for claim in search.claims[place:candidate.first_claim + candidate.claim_count]:
        if claim.base != base:
            break
        if looked_at == MOST_EQUAL:
            at_floor[0] = INT64_MAX
            return base
        looked_at += 1
        if claim.parts & parts and search.unclaimed[claim.column]:
            most = maximum(most, search.most_rooms[claim.column])
            at_floor[0] += drained(search, claim.column)
    return most
