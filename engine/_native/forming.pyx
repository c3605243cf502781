# Everything here is C: see forming.pxd.
"""What the sets of a bundle save at most, formed one after the other (docs/search.md).

Bases stay, so the units of every part stand in an order that is known. What is not known is which of them others claim
before, or other parts of the same sets take: of the cheapest, those are left out that can be.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint32_t

from engine._native.candidates cimport MOST_PARTS, Candidate, Claim, Search
from engine._native.claims cimport claim_of_part, claims_of_part, drained, room_at
from engine._native.money cimport minimum
from engine._native.rewards cimport Offer, wanted


cdef enum:
    MOST_BATCHES = 64             # of sets that are alike
    # Why a unit is left out, as bits.
    CLAIMED = 1                   # by others before
    IN_SET = 2                    # for another part
    PASSED = 4                    # in a set that gives nothing
    KINDS = 8


cdef struct Sequence:
    # Units of a part, as sets take them one after the other.
    int32_t place                 # of the claim at hand among those of the part, in pick order
    int64_t left                  # of its units
    int64_t spare                 # units that may still be left out
    int64_t cheap                 # those no dearer may be in sets of which nothing is wanted
    int64_t missing[KINDS]        # no more than so many for these reasons

cdef struct Formed:
    # A set, or several that are alike.
    int64_t sum                   # of its bases
    int64_t room                  # what its units may give
    bint gives                    # one of its units gives something for sure
    int64_t count


cdef int64_t most_of_sets(
    const Search* search, const Candidate* candidate, const int64_t* claimed, const int64_t* available, int64_t sets,
    int64_t* formed
) noexcept nogil:
    """The most that so many sets save of those that can be formed; says how many are formed at most.

    A set that gives nothing is passed over and another one formed: when nothing is wanted of it, or all its units stand
    at their floors.
    """
    cdef Offer offer
    cdef int32_t part
    cdef bint certain = True
    offer.kind = candidate.kind
    offer.number = candidate.number
    offer.rounding = candidate.direction
    for part in range(candidate.part_count):
        certain = certain and not claimed[part] and not candidate.shared[part]
    if certain:
        return most_of_certain(search, candidate, &offer, sets, formed)
    if candidate.picks_cheapest:
        return most_of_cheapest(search, candidate, &offer, claimed, available, sets, formed)
    return most_of_dearest(search, candidate, &offer, sets, formed)


cdef int64_t most_of_certain(
    const Search* search, const Candidate* candidate, const Offer* offer, int64_t sets, int64_t* formed
) noexcept nogil:
    """No unit is missing, so sets are formed as they will be, until so many give something for sure. Of those that may,
    the ones that save most count.
    """
    cdef Sequence parts[MOST_PARTS]
    cdef Formed batches[MOST_BATCHES]
    cdef Formed* set
    cdef int64_t count = 0, sure = sets, taken, total = 0
    cdef int32_t used = 0, index, best
    start(candidate, parts)
    while sure and count < formed[0]:
        if used == MOST_BATCHES:
            return INT64_MAX
        set = &batches[used]
        form(search, candidate, parts, set, formed[0] - count, True)
        set.sum = minimum(set.sum, wanted(offer, set.sum))
        if set.sum:
            used += 1
            if set.gives:
                set.count = minimum(set.count, sure)
                sure -= set.count
            set.sum = minimum(set.sum, set.room)
        count += set.count
    formed[0] = count
    while sets and used:
        best = 0
        for index in range(1, used):
            if batches[index].sum > batches[best].sum:
                best = index
        taken = minimum(sets, batches[best].count)
        total += taken * batches[best].sum
        sets -= taken
        used -= 1
        batches[best] = batches[used]
    return total


cdef int64_t most_of_cheapest(
    const Search* search, const Candidate* candidate, const Offer* offer, const int64_t* claimed,
    const int64_t* available, int64_t sets, int64_t* formed
) noexcept nogil:
    """Units may be missing when the turn of the candidate comes: of each part those are left out that can be."""
    cdef Sequence parts[MOST_PARTS]
    cdef Formed set
    cdef int64_t passed = 0, sure = sets, left = sets, total = 0
    cdef int32_t part
    if sets < formed[0]:
        # So many are passed over at least cost: with no unit missing, sets want least.
        start(candidate, parts)
        while sure and passed + sets - sure < formed[0]:
            form(search, candidate, parts, &set, formed[0] - passed - sets + sure, False)
            if wanted(offer, set.sum):
                sure -= minimum(sure, set.count)
            else:
                passed += set.count
        passed += most_drained(search, candidate)
    formed[0] = minimum(formed[0], sets + passed)
    start(candidate, parts)
    for part in range(candidate.part_count):
        parts[part].spare = available[part] - sets * candidate.sizes[part]
        parts[part].cheap = cheap_units(search, candidate, offer, part)
        may_miss(&parts[part], claimed[part], (sets + passed) * candidate.shared[part], passed * candidate.sizes[part])
    while left:
        form(search, candidate, parts, &set, left, False)
        total += minimum(set.sum, wanted(offer, set.sum)) * set.count
        left -= set.count
    return total


cdef int64_t most_of_dearest(
    const Search* search, const Candidate* candidate, const Offer* offer, int64_t sets, int64_t* formed
) noexcept nogil:
    """No set wants more than when no unit is missing."""
    cdef Sequence parts[MOST_PARTS]
    cdef Formed set
    cdef int64_t left = sets, total = 0
    formed[0] = minimum(formed[0], sets + most_drained(search, candidate))
    start(candidate, parts)
    while left:
        form(search, candidate, parts, &set, left, False)
        total += minimum(set.sum, wanted(offer, set.sum)) * set.count
        left -= set.count
    return total


cdef void start(const Candidate* candidate, Sequence* parts) noexcept nogil:
    """Begins with the first units of every part."""
    cdef int32_t part
    for part in range(candidate.part_count):
        parts[part].place = -1
        parts[part].left = parts[part].spare = 0


cdef void may_miss(Sequence* sequence, int64_t claimed, int64_t in_sets, int64_t passed) noexcept nogil:
    """So many units may be left out for each reason, and so many for any of several."""
    cdef int kinds
    sequence.missing[0] = 0
    sequence.missing[CLAIMED] = claimed
    sequence.missing[IN_SET] = in_sets
    sequence.missing[PASSED] = passed
    for kinds in range(1, KINDS):
        if kinds & kinds - 1:
            sequence.missing[kinds] = sequence.missing[kinds & -kinds] + sequence.missing[kinds & kinds - 1]


cdef int64_t cheap_units(
    const Search* search, const Candidate* candidate, const Offer* offer, int32_t part
) noexcept nogil:
    """The dearest base of a part of which, beside the cheapest units of the others, nothing is wanted; -1: there is
    none.
    """
    cdef const Claim* claim
    cdef int64_t rest = 0
    cdef int32_t other, place
    for other in range(candidate.part_count):
        for place in range(candidate.in_part[other]):
            claim = &search.claims[claim_of_part(search, candidate, other, place)]
            if search.unclaimed[claim.column]:
                rest += claim.base * (candidate.sizes[other] - (other == part))
                break
    for place in claims_of_part(search, candidate, part)[:candidate.in_part[part]]:
        if wanted(offer, search.claims[place].base + rest) == 0:
            return search.claims[place].base
    return -1


cdef void form(
    const Search* search, const Candidate* candidate, Sequence* parts, Formed* set, int64_t most, bint measuring
) noexcept nogil:
    """Takes the units of the next set, and of so many at most that are alike; ``measuring`` what they may give."""
    cdef Sequence* sequence
    cdef const Claim* claim
    cdef int64_t units, taken, at_floor
    cdef int32_t part, place
    set.sum = set.room = 0
    set.gives = False
    set.count = most
    for part in range(candidate.part_count):
        sequence = &parts[part]
        units = candidate.sizes[part]
        while units:
            while sequence.left == 0 and sequence.place < candidate.in_part[part] - 1:
                go_on(search, candidate, sequence, part)
            if sequence.left == 0:
                # There are no more: they are in other parts. So it is with all sets that follow.
                if units < candidate.sizes[part]:
                    set.count = 1
                break
            place = claim_of_part(search, candidate, part, sequence.place)
            claim = &search.claims[place]
            taken = minimum(units, sequence.left)
            if taken < candidate.sizes[part]:
                set.count = 1
            else:
                set.count = minimum(set.count, sequence.left // taken)
            set.sum += taken * claim.base
            if measuring:
                set.room += taken * room_at(search, candidate, place, &at_floor)
                set.gives = set.gives or taken > at_floor
            units -= taken
            sequence.left -= taken
    if set.count > 1:
        for part in range(candidate.part_count):
            if parts[part].left:
                parts[part].left -= candidate.sizes[part] * (set.count - 1)


cdef inline void go_on(
    const Search* search, const Candidate* candidate, Sequence* sequence, int32_t part
) noexcept nogil:
    """To the next claim in pick order, with the units of it that are not left out."""
    cdef const Claim* claim
    cdef int64_t may, passed
    cdef uint32_t others = ~(<uint32_t>1 << part)
    cdef int kinds
    sequence.place += 1
    claim = &search.claims[claim_of_part(search, candidate, part, sequence.place)]
    sequence.left = search.unclaimed[claim.column]
    if not sequence.spare or not sequence.left:
        return
    may = search.reachable[claim.column]
    kinds = CLAIMED if may else 0
    if claim.parts & others and sequence.missing[IN_SET]:
        kinds |= IN_SET
        may = sequence.left
    if sequence.missing[PASSED]:
        passed = sequence.left if claim.base <= sequence.cheap else drained(search, claim.column)
        if passed:
            kinds |= PASSED
            may += passed
    if kinds:
        may = leave_out(sequence, kinds, minimum(minimum(sequence.left, may), sequence.spare))
        sequence.spare -= may
        sequence.left -= may


cdef inline int64_t leave_out(Sequence* sequence, int kinds, int64_t units) noexcept nogil:
    """How many of a line's units can be left out for these reasons; for every set of reasons that has them all there
    are so many fewer.
    """
    cdef int others
    for others in range(kinds, KINDS):
        if others & kinds == kinds:
            units = minimum(units, sequence.missing[others])
    for others in range(kinds, KINDS):
        if others & kinds == kinds:
            sequence.missing[others] -= units
    return units


cdef int64_t most_drained(const Search* search, const Candidate* candidate) noexcept nogil:
    """How many sets there may be all of whose units stand at their floors."""
    cdef int64_t units, sets = INT64_MAX
    cdef int32_t part, place
    for part in range(candidate.part_count):
        units = 0
        for place in claims_of_part(search, candidate, part)[:candidate.in_part[part]]:
            units += drained(search, search.claims[place].column)
        sets = minimum(sets, units // candidate.sizes[part])
    return sets
