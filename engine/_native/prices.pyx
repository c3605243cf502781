# Everything here is C: see prices.pxd.
"""Prices of claiming units, which candidates that claim them pay (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.basket cimport Basket, has_line
from engine._native.candidates cimport GAIN, MOST_PARTS, Candidate, Claim, Offered, Search
from engine._native.claims cimport gain_of, reach_of
from engine._native.money cimport minimum


cdef int64_t* prices_of(const Basket* basket, const Search* search) noexcept nogil:
    """Those found for the layer at hand."""
    return &search.found_prices[<int64_t>search.level * basket.line_count]


cdef bint price_claims(const Basket* basket, Search* search) noexcept nogil:
    """Puts the prices found on lines of which more units are sought than there are; False when that is none."""
    cdef const int64_t* found = prices_of(basket, search)
    cdef int32_t line
    cdef bint any = False
    for line in range(basket.line_count):
        search.prices[line] = found[line] if search.reachable[line] > search.unclaimed[line] else 0
        any = any or search.prices[line] > 0
    return any


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
    """How often so many of the units listed can be had alike; adds what they are worth once. 0: there are not enough."""
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
