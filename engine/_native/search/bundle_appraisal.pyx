"""What bundles grant at most (docs/search.md).

In any state, each part of s sets holds no dearer units than the dearest ones of its segment now. When sets are formed
cheapest first, they are also no dearer than the sets that lie as many places on as claims of others and sets passed
over may push them. The smaller bound counts.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t

from engine._native.artifact cimport GoodsReward, Pick, RewardKind, Same
from engine._native.basket cimport Piece
from engine._native.bits cimport contains, intersects
from engine._native.money cimport minimum
from engine._native.rewards cimport wanted
from engine._native.search.appraising cimport (
    Appraisal, gather_reached, members_of, rounded_parts, times, units_of, window,
)
from engine._native.search.candidates cimport MOST_PARTS
from engine._native.search.set_appraisal cimport cap_lines, list_claims
from engine._native.selection cimport turn


cdef enum:
    MOST_SETS = 64                # looked at one by one
    LARGEST = 1_000_000_000_000_000_000  # above any saving


cdef void appraise_bundle(Appraisal* of) noexcept nogil:
    cdef const GoodsReward* reward = of.reward
    cdef int32_t part
    cdef int64_t sets = INT64_MAX, of_set = 0, most_of_set = 0, low = 0, high, middle, most, units, possible
    gather_reached(of, True, Pick.DEAREST)
    for part in range(reward.part_count):
        high = units_of(of, members_of(of, part))
        sets = minimum(sets, high // of.least[part])
        of_set += of.least[part]
        most_of_set += of.most[part]
    of.units = units = units_of(of, of.basket.reached)
    sets = minimum(sets, units // of_set)
    possible = sets
    sets = minimum(sets, of.offer.repeat)
    if sets == 0:
        return
    of.candidate.claimed = times(most_of_set, sets, units)
    cap_lines(of, of.basket.reached, of.candidate.claimed, False)
    most = most_of_sets(of, sets, bases(of, sets))
    if of.offer.kind == RewardKind.FIXED_PRICE:
        # Each further set adds no more than the one before: find the last that adds more than the price.
        high = sets
        while low < high:
            middle = (low + high + 1) // 2
            if bases(of, middle) - bases(of, middle - 1) > of.offer.number:
                low = middle
            else:
                high = middle - 1
        most = bases(of, low) - of.offer.number * low if low else 0
    if not_formed(reward):
        of.candidate.most.saving = most
        return
    if of.order == Pick.CHEAPEST and of_set == most_of_set:
        # Sets form cheapest first, and those that give nothing are passed over.
        share_parts(of)
        turn(of.basket.pieces, of.count)
        most = minimum(most, most_of_cheapest(of, passed_over(of, possible), sets, possible))
        turn(of.basket.pieces, of.count)
    of.candidate.most.saving = most
    if of_set == most_of_set and reward.same == Same.SAME_NOTHING:
        of.candidate.is_buy_get = of.candidate.carried_by_set = False
        list_claims(of)


cdef inline bint not_formed(const GoodsReward* reward) noexcept nogil:
    """Whether only the dearest units bound it: it has many parts, some at full price, or units of different kinds."""
    return (
        reward.part_count > MOST_PARTS or reward.full_price_parts > 0 or reward.different != Same.SAME_NOTHING
    )


cdef int64_t passed_over(Appraisal* of, int64_t possible) noexcept nogil:
    """How many sets may be passed over, before or among those that give something: sets too cheap for the offer, and
    sets all of whose units may stand at their floors by their turn, as candidates before it may take that much of their
    lines.
    """
    cdef const uint64_t* members
    cdef const Piece* piece
    cdef int64_t cheap, drained = INT64_MAX, units, room
    cdef int32_t part
    if not of.fixed:
        # Any set may have become too cheap.
        return possible
    cheap = too_cheap(of, possible)
    for part in range(of.reward.part_count):
        members = members_of(of, part)
        units = 0
        for piece in of.basket.pieces[:of.count]:
            if contains(members, piece.line):
                room = piece.price - of.basket.lines[piece.line].floor
                units += piece.count if room == 0 else minimum(piece.count, of.search.taken_earlier[piece.line] // room)
        drained = minimum(drained, units // of.most[part])
    return cheap + minimum(drained, possible - cheap)


cdef int64_t too_cheap(const Appraisal* of, int64_t possible) noexcept nogil:
    """How many sets may want nothing, when bases stay: these are the first ones."""
    cdef int64_t cheap = 0, high = possible, middle
    while cheap < high:
        middle = (cheap + high) // 2
        if wanted(&of.offer, set_at(of, middle, False)):
            high = middle
        else:
            cheap = middle + 1
    return cheap


cdef int64_t set_at(const Appraisal* of, int64_t index, bint others) noexcept nogil:
    """The most that the units of the index-th set cost, cheapest first, when others claimed all they may before;
    without others the least.

    Parts that share lines take units from each other: as many as all sets so far hold.
    """
    cdef const uint64_t* members
    cdef int64_t total = 0, behind
    cdef int32_t part
    for part in range(of.reward.part_count):
        members = members_of(of, part)
        behind = index * of.most[part]
        if others:
            behind += of.claimed_in_part[part] + (index + 1) * of.shared[part]
        total += window(of, members, minimum(behind, of.available[part] - of.most[part]), of.most[part], NULL)
    return total


cdef int64_t most_of_cheapest(const Appraisal* of, int64_t passed, int64_t sets, int64_t possible) noexcept nogil:
    """The most that so many sets want behind so many that are passed over."""
    cdef int64_t index, first = minimum(passed, possible - sets), total = 0
    for index in range(first, first + minimum(sets, MOST_SETS)):
        total += wanted_of_set(of, index)
    if sets > <int>MOST_SETS:
        # Sets get dearer: none wants more than the last.
        total += times(wanted_of_set(of, possible - 1), sets - MOST_SETS, LARGEST)
    return total


cdef int64_t wanted_of_set(const Appraisal* of, int64_t index) noexcept nogil:
    """The most a set wants; an amount is limited to what its units cost."""
    cdef int64_t cost = set_at(of, index, True)
    return minimum(cost, wanted(&of.offer, cost))


cdef int64_t most_of_sets(const Appraisal* of, int64_t sets, int64_t base) noexcept nogil:
    """The most that so many sets want whose units cost so much together."""
    if of.offer.kind == RewardKind.PERCENT_OFF:
        return rounded_parts(&of.offer, base, sets)
    return times(of.offer.number, sets, base)


cdef int64_t bases(const Appraisal* of, int64_t sets) noexcept nogil:
    """The most that the units of so many sets cost, parts at full price aside."""
    cdef int64_t total = 0
    cdef int32_t part
    for part in range(of.reward.part_count - of.reward.full_price_parts):
        total += window(of, members_of(of, part), 0, times(of.most[part], sets, of.units), NULL)
    return total


cdef void share_parts(Appraisal* of) noexcept nogil:
    """Counts the units available to each part, and those of a set that the other parts may take of its segment."""
    cdef const uint64_t* members
    cdef int32_t part, other
    for part in range(of.reward.part_count):
        members = members_of(of, part)
        of.available[part] = units_of(of, members)
        of.shared[part] = 0
        for other in range(of.reward.part_count):
            if other != part and intersects(members, members_of(of, other), of.basket.word_count):
                of.shared[part] += of.most[other]
