# Everything here is C: see gains.pxd.
"""What a candidate may still save by units not claimed yet (docs/search.md)."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t

from engine._native.candidates cimport GAIN, MOST_PARTS, Candidate, Claim, Search
from engine._native.claims cimport BOUGHT, GOT, claim_at, claims_of_part, gain_of, room_at
from engine._native.forming cimport most_of_sets
from engine._native.money cimport maximum, minimum


cdef enum:
    MOST_EQUAL = 32               # claims with one base that are looked at


cdef int64_t most_of_claims(
    const Search* search, const Candidate* candidate, const int64_t* claimed, int64_t* claiming, int64_t* formed
) noexcept nogil:
    """The most that a candidate may save by units not claimed yet, when others may claim so many before its turn.

    Says how many it may claim itself, and how many sets of a bundle are formed at most.
    """
    cdef const Claim* claim
    cdef int64_t available[MOST_PARTS]
    cdef int64_t units = 0, sets = candidate.repeat, possible = INT64_MAX, gain = 0
    cdef int32_t part, place
    for claim in search.claims[candidate.first_claim:candidate.first_claim + candidate.claim_count]:
        units += search.unclaimed[claim.column]
    for part in range(candidate.part_count):
        available[part] = 0
        for place in claims_of_part(search, candidate, part)[:candidate.in_part[part]]:
            available[part] += search.unclaimed[search.claims[place].column]
        possible = minimum(possible, available[part] // candidate.sizes[part])
    possible = minimum(possible, units // candidate.of_set_units)
    sets = minimum(sets, possible)
    if sets == 0:
        return 0
    claiming[0] = sets * candidate.of_set_units
    formed[0] = possible
    if candidate.gets:
        gain = most_got(search, candidate, claimed, available, sets)
    else:
        for part in range(candidate.part_count):
            gain += gain_of_dearest(search, candidate, part, sets * candidate.sizes[part])
    gain = (gain + candidate.rounding) // GAIN
    if candidate.ordered and not candidate.gets:
        gain = minimum(gain, most_of_sets(search, candidate, claimed, available, sets, formed))
    if candidate.of_set < gain // sets + 1:
        gain = minimum(gain, candidate.of_set * sets)
    return gain


cdef int64_t most_got(
    const Search* search, const Candidate* candidate, const int64_t* claimed, const int64_t* available, int64_t sets
) noexcept nogil:
    """The most that the units got of so many sets save, in parts of a minor unit."""
    cdef int64_t units = sets * candidate.sizes[1], spare = available[0] - sets * candidate.sizes[0], gain
    cdef bint cheapest_first = candidate.cheapest_first
    if candidate.picks_cheapest and not cheapest_first:
        # There are enough to buy: those got are the cheapest.
        cheapest_first = spare - claimed[0] >= units
    if cheapest_first:
        gain = gain_of_cheapest(search, candidate, claimed[1], units, available[1])
        if candidate.fixed:
            gain = minimum(gain, given_by_first(search, candidate, units + claimed[1]))
    else:
        gain = gain_of_dearest(search, candidate, 1, units)
    if candidate.ordered and claimed[1] == 0 and (candidate.apart or claimed[0] == 0):
        gain = minimum(gain, given_by_got(search, candidate, units, spare))
    return gain


cdef int64_t gain_of_dearest(
    const Search* search, const Candidate* candidate, int32_t part, int64_t units
) noexcept nogil:
    """The most that so many units of a part save, whichever they are."""
    cdef const Claim* claim
    cdef int64_t taken, gain = 0
    cdef int32_t place
    for place in claims_of_part(search, candidate, part)[:candidate.in_part[part]]:
        claim = &search.claims[place]
        taken = minimum(search.unclaimed[claim.column], units)
        if taken:
            gain += taken * gain_of(candidate, claim, part, False)
            units -= taken
            if units == 0:
                break
    return gain


cdef int64_t gain_of_cheapest(
    const Search* search, const Candidate* candidate, int64_t claimed, int64_t units, int64_t available
) noexcept nogil:
    """The most that so many units got save that are the cheapest when its turn comes: others may claim so many of those
    that they reach before, and the cheapest of these are missing then.
    """
    cdef const Claim* claim
    cdef const int32_t* places = claims_of_part(search, candidate, 1)
    cdef int32_t place = candidate.in_part[1]
    cdef int64_t missing = minimum(claimed, available - units), here, left, gain = 0
    while units and place:
        place -= 1
        claim = &search.claims[places[place]]
        here = search.unclaimed[claim.column]
        left = minimum(missing, minimum(here, search.reachable[claim.column]))
        missing -= left
        left = minimum(here - left, units)
        units -= left
        gain += left * claim.gain
    return gain


cdef int64_t given_by_first(const Search* search, const Candidate* candidate, int64_t units) noexcept nogil:
    """What so many of the cheapest units not claimed yet may give, in parts of a minor unit."""
    cdef const int32_t* places = claims_of_part(search, candidate, 1)
    cdef int32_t place = candidate.in_part[1]
    cdef const Claim* claim
    cdef int64_t taken, given = 0
    cdef int64_t _
    while place and units:
        place -= 1
        claim = &search.claims[places[place]]
        taken = minimum(units, search.unclaimed[claim.column])
        if taken:
            given += taken * minimum(claim.gain, room_at(search, candidate, places[place], &_) * GAIN)
            units -= taken
    return given


cdef int64_t given_by_got(
    const Search* search, const Candidate* candidate, int64_t units, int64_t spare
) noexcept nogil:
    """What so many units got may give when no other claims before, in parts of a minor unit.

    They are the first in pick order, but of those that could be bought as well no more than are to spare.
    """
    cdef int32_t place = 0, end
    cdef int64_t got, both, taken, given = 0
    cdef const Claim* claim
    while place < candidate.claim_count and units:
        end = end_of_equal(search, candidate, place)
        got = both = 0
        for claim in search.claims[first_of(candidate, place, end):first_of(candidate, place, end) + end - place]:
            if claim.parts & GOT:
                if claim.parts & BOUGHT:
                    both += search.unclaimed[claim.column]
                else:
                    got += search.unclaimed[claim.column]
        both = minimum(both, spare)
        taken = minimum(units, got + both)
        given += most_given(search, first_of(candidate, place, end), end - place, taken)
        spare -= both
        units -= taken
        place = end
    return given


cdef int64_t most_given(const Search* search, int32_t first, int32_t count, int64_t units) noexcept nogil:
    """What so many units got of lines with equal bases may give: of those that have most room."""
    cdef const Claim* claim
    cdef int64_t given = 0, room, here, gain = 0, below = INT64_MAX
    if count > MOST_EQUAL:
        for claim in search.claims[first:first + count]:
            gain = maximum(gain, claim.gain)
        return gain * units
    while units:
        room = here = 0
        for claim in search.claims[first:first + count]:
            if claim.parts & GOT and search.unclaimed[claim.column] and search.most_rooms[claim.column] < below:
                if search.most_rooms[claim.column] > room:
                    room = search.most_rooms[claim.column]
                    here = 0
                if search.most_rooms[claim.column] == room:
                    here += search.unclaimed[claim.column]
                    gain = claim.gain
        if room == 0:
            break
        here = minimum(here, units)
        given += here * minimum(gain, room * GAIN)
        units -= here
        below = room
    return given


cdef inline int32_t end_of_equal(const Search* search, const Candidate* candidate, int32_t place) noexcept nogil:
    """Behind the claims with the base of the one so many places on, in pick order."""
    cdef int64_t base = claim_at(search, candidate, place).base
    while place < candidate.claim_count and claim_at(search, candidate, place).base == base:
        place += 1
    return place


cdef inline int32_t first_of(const Candidate* candidate, int32_t place, int32_t end) noexcept nogil:
    """Where the claims from one place to another, in pick order, begin among all."""
    return candidate.first_claim + (candidate.claim_count - end if candidate.picks_cheapest else place)
