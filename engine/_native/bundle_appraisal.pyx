# Everything here is C: see bundle_appraisal.pxd.
"""How much bundles grant at most (docs/search.md)."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t

from engine._native.appraising cimport Appraisal, members_of, rounded_parts, times, units_of, window, within_reach
from engine._native.artifact cimport GoodsReward, Pick, RewardKind, Same
from engine._native.basket cimport Piece
from engine._native.bits cimport has_common, is_in
from engine._native.candidates cimport MOST_PARTS
from engine._native.money cimport minimum
from engine._native.rewards cimport wanted
from engine._native.selection cimport turn
from engine._native.set_appraisal cimport cap_lines, list_claims


cdef enum:
    MOST_SETS = 64                # looked at one by one
    LARGEST = 1_000_000_000_000_000_000  # above any saving


cdef void appraise_bundle(Appraisal* of) noexcept nogil:
    """Every part of so many sets has at most the dearest units of its segment, or those that the pick order allows."""
    cdef const GoodsReward* reward = of.reward
    cdef int32_t part
    cdef int64_t sets = INT64_MAX, of_set = 0, most_of_set = 0, low = 0, high, middle, most, units, possible
    within_reach(of, True, Pick.DEAREST)
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
        # Every further set adds less: find the last that is above the price.
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
        # Sets are formed cheapest first; those that give nothing are passed over.
        share_parts(of)
        turn(of.basket.pieces, of.count)
        most = minimum(most, most_of_cheapest(of, passed_over(of, possible), sets, possible))
        turn(of.basket.pieces, of.count)
    of.candidate.most.saving = most
    if of_set == most_of_set and reward.same == Same.SAME_NOTHING:
        of.candidate.gets = False
        list_claims(of)


cdef inline bint not_formed(const GoodsReward* reward) noexcept nogil:
    """Whether it is not looked at how sets form: of many parts, some at full price, or units of different kinds."""
    return (
        reward.part_count > MOST_PARTS or reward.full_price_parts > 0 or reward.different != Same.SAME_NOTHING
    )


cdef int64_t passed_over(Appraisal* of, int64_t possible) noexcept nogil:
    """How many sets may be passed over before one gives something, and among those that do.

    Those that are too cheap for the offer; and those all of whose units stand at their floors: no more units of a line
    than what others may take of it before brings there.
    """
    cdef const uint64_t* members
    cdef const Piece* piece
    cdef int64_t cheap, drained = INT64_MAX, units, room
    cdef int32_t part
    if not of.fixed:
        # Any may be made too cheap.
        return possible
    cheap = too_cheap(of, possible)
    for part in range(of.reward.part_count):
        members = members_of(of, part)
        units = 0
        for piece in of.basket.pieces[:of.count]:
            if is_in(members, piece.line):
                room = piece.price - of.basket.lines[piece.line].floor
                units += piece.count if room == 0 else minimum(piece.count, of.search.taken[piece.line] // room)
        drained = minimum(drained, units // of.most[part])
    return cheap + minimum(drained, possible - cheap)


cdef int64_t too_cheap(const Appraisal* of, int64_t possible) noexcept nogil:
    """How many sets may want nothing, when bases stay as they are: the first ones."""
    cdef int64_t cheap = 0, high = possible, middle
    while cheap < high:
        middle = (cheap + high) // 2
        if wanted(&of.offer, set_at(of, middle, False)):
            high = middle
        else:
            cheap = middle + 1
    return cheap


cdef int64_t set_at(const Appraisal* of, int64_t index, bint others) noexcept nogil:
    """What the units of a set come to at most, cheapest first, when others claimed what they may before.

    Parts that share lines take units from each other: as many as those of all sets so far have. Without others it is
    what they come to at least.
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
    """What so many sets may want when those before them are passed over."""
    cdef int64_t index, first = minimum(passed, possible - sets), total = 0
    for index in range(first, first + minimum(sets, MOST_SETS)):
        total += wanted_of_set(of, index)
    if sets > MOST_SETS:
        # The dearest come last: all others want no more.
        total += times(wanted_of_set(of, possible - 1), sets - MOST_SETS, LARGEST)
    return total


cdef int64_t wanted_of_set(const Appraisal* of, int64_t index) noexcept nogil:
    """An amount is wanted of any set, but none gives more than its units cost."""
    cdef int64_t cost = set_at(of, index, True)
    return minimum(cost, wanted(&of.offer, cost))


cdef int64_t most_of_sets(const Appraisal* of, int64_t sets, int64_t base) noexcept nogil:
    """The most that so many sets want whose units come to so much together."""
    if of.offer.kind == RewardKind.PERCENT_OFF:
        return rounded_parts(&of.offer, base, sets)
    return times(of.offer.number, sets, base)


cdef int64_t bases(const Appraisal* of, int64_t sets) noexcept nogil:
    """The most that the units of so many sets come to, but those at full price."""
    cdef int64_t total = 0
    cdef int32_t part
    for part in range(of.reward.part_count - of.reward.full_price_parts):
        total += window(of, members_of(of, part), 0, times(of.most[part], sets, of.units), NULL)
    return total


cdef void share_parts(Appraisal* of) noexcept nogil:
    """How many units there are of each part, and how many of a set other parts may take from its segment."""
    cdef const uint64_t* members
    cdef int32_t part, other
    for part in range(of.reward.part_count):
        members = members_of(of, part)
        of.available[part] = units_of(of, members)
        of.shared[part] = 0
        for other in range(of.reward.part_count):
            if other != part and has_common(members, members_of(of, other), of.basket.word_count):
                of.shared[part] += of.most[other]
