"""What sets of claimed units grant at most, and which units they may claim (docs/search.md).

Units claimed by others before its turn may push a reward on to dearer ones. How far is bounded by counting the units
that candidates before it may claim. What cannot be bounded that way is listed as claims, for rehearsals.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from engine._native.artifact cimport GoodsReward, Per, Pick, RewardKind, Rounding, Same, Selection
from engine._native.basket cimport Basket, Line, Piece, room_of
from engine._native.bits cimport WORD, contains, lowest_bit
from engine._native.buy_get cimport Units, counted
from engine._native.money cimport MAX_AMOUNT, WHOLE, int128, maximum, minimum
from engine._native.rewards cimport is_carried, wanted
from engine._native.search.appraising cimport (
    Appraisal, add_cap, gather_reached, members_of, most_of_unit, rounded_parts, times, units_of, window,
)
from engine._native.search.candidates cimport (
    COST_SHARED, COST_WORD, FREE_PAIRS, GOT, MOST_PARTS, SCALE, Candidate, Claim, Search, exceeds_allowance,
)
from engine._native.selection cimport lines_of_part


cdef void appraise_buy_get(Appraisal* of) noexcept nogil:
    """No more sets than there are unclaimed units for. Of the units got, cheapest first, the j-th is no dearer than the
    unit ``skip`` places behind the j-th now, where ``skip`` is how many others may have claimed.
    """
    cdef const GoodsReward* reward = of.reward
    cdef const uint64_t* buyable = members_of(of, 0)
    cdef const uint64_t* gettable = members_of(of, 1)
    cdef int64_t sets, got, skip = 0, lines = 0
    cdef Units units
    cdef const Piece* piece
    gather_reached(of, True, of.order)
    units = counted(of.basket, of.count, buyable, gettable)
    sets = minimum(units.buyable // of.least[0], sets_of(of, units.gettable, of.least[1]))
    sets = minimum(minimum(sets, sets_of(of, units.either, of.least[0] + of.least[1])), of.offer.repeat)
    if sets == 0:
        return
    # While quantities are not known: the more units a set gets, the fewer sets there are.
    got = minimum(units.gettable, times(of.most[1], sets, units.either))
    got = minimum(got, <int64_t>(<int128>units.either * <int128>of.most[1] // <int128>(of.least[0] + of.most[1])))
    of.candidate.claimed = minimum(units.either, times(of.most[0] + of.most[1], sets, units.either))
    if of.order == Pick.CHEAPEST:
        skip = cheapest_got(of, &units, sets, got)
    for piece in of.basket.pieces[:of.count]:
        lines += contains(gettable, piece.line)
    if reward.per == Per.UNIT:
        of.candidate.most.saving = window(of, gettable, skip, got, &of.offer)
    else:
        of.candidate.most.saving = rounded_parts(
            &of.offer, window(of, gettable, skip, got, NULL), minimum(lines, got)
        )
    if reward.selection == Selection.BUY_GET_SET:
        if of.offer.kind == RewardKind.AMOUNT_OFF:
            # The units bought give what is more than a unit got costs.
            of.candidate.most.saving = times(of.offer.number, got, window(of, of.basket.reached, 0, units.either, NULL))
        cap_lines(of, of.basket.reached, of.candidate.claimed, False)
    else:
        cap_lines(of, gettable, got, True)
    if (
        of.least[0] == of.most[0] and of.least[1] == of.most[1] and not reward.incomplete
        and reward.same == Same.SAME_NOTHING
    ):
        of.candidate.is_buy_get = True
        of.candidate.carried_by_set = reward.selection == Selection.BUY_GET_SET
        of.candidate.line_rounding = 0
        if reward.per == Per.LINE and is_carried(&of.offer):
            of.candidate.line_rounding = SCALE
        elif reward.per == Per.LINE and of.offer.rounding != Rounding.DOWN:
            of.candidate.line_rounding = SCALE // 2
        list_claims(of)


cdef int64_t sets_of(const Appraisal* of, int64_t units, int64_t size) noexcept nogil:
    """How many sets so many units make; an incomplete set may lack all units got but one."""
    return (units + of.least[1] - 1 if of.reward.incomplete else units) // size


cdef int64_t cheapest_got(const Appraisal* of, const Units* units, int64_t sets, int64_t got) noexcept nogil:
    """How many places the j-th unit got, cheapest first, may lie behind the j-th cheapest that can be got.

    When some units can be both bought and got and others cannot, those of the first kind are skipped if they must be
    bought: then any place is possible, unless enough can be bought without them.
    """
    cdef int64_t skip = units.gettable - got
    if units.buyable + units.gettable == units.either or units.buyable == units.gettable == units.either:
        return minimum(skip, of.claimed_before)
    if units.buyable - of.claimed_before - sets * of.most[0] >= got:
        return minimum(skip, of.claimed_before)
    return skip


cdef void count_claims_before(Appraisal* of) noexcept nogil:
    """Counts the units within reach that candidates before it may claim; of a small bundle also by part."""
    cdef const Candidate* other
    cdef int64_t units
    cdef int32_t index, part, parts = of.reward.part_count
    if of.reward.selection != Selection.BUNDLE or parts > MOST_PARTS:
        parts = 0
    for part in range(parts):
        of.claimed_in_part[part] = 0
    for index in range(of.first, of.index):
        other = &of.search.candidates[index]
        if other.layer != of.candidate.layer or other.claimed == 0 or other.most.saving == 0:
            continue
        if index - of.first >= FREE_PAIRS and other.claim_count >= 0:
            of.search.work += COST_SHARED * <int64_t>other.part_count * (1 + parts)
        units = claimed_by(of, other, of.basket.reached)
        of.claimed_before += units
        for part in range(parts):
            if parts > 1:
                units = claimed_by(of, other, members_of(of, part))
            of.claimed_in_part[part] += units


cdef int64_t claimed_by(Appraisal* of, const Candidate* other, const uint64_t* members) noexcept nogil:
    """The most units of these lines that another candidate claims; roughly, all that it claims anywhere."""
    cdef const GoodsReward* reward
    cdef int64_t units = 0, sets
    cdef int32_t part
    if other.claim_count < 0 or exceeds_allowance(of.search, 0):
        return other.claimed
    reward = &of.rules.goods_rewards[of.rules.promotions[other.promotion].reward]
    sets = other.claimed // other.set_units
    for part in range(other.part_count):
        units += shared_units(of, lines_of_part(of.rules, of.basket, reward, part), members, sets * other.sizes[part])
    return minimum(units, other.claimed)


cdef int64_t shared_units(
    Appraisal* of, const uint64_t* members, const uint64_t* lines, int64_t most
) noexcept nogil:
    """The units of lines in both sets, at most so many."""
    cdef const Basket* basket = of.basket
    cdef int64_t units = 0
    cdef int32_t word = 0
    cdef uint64_t bits
    while word < basket.word_count and units < most:
        bits = members[word] & lines[word]
        while bits:
            units += basket.lines[word * WORD + lowest_bit(bits)].quantity
            bits &= bits - 1
        word += 1
    of.search.work += COST_WORD * maximum(0, word - 1)
    return minimum(units, most)


cdef void cap_lines(Appraisal* of, const uint64_t* members, int64_t units, bint by_unit) noexcept nogil:
    """Caps the lines from which so many unclaimed units may be taken."""
    cdef Basket* basket = of.basket
    cdef int64_t* most = of.search.sums
    cdef int64_t* unclaimed = of.search.counts
    cdef int64_t amount
    cdef const Piece* piece
    cdef const Line* line
    for piece in basket.pieces[:of.count]:
        most[piece.line] = unclaimed[piece.line] = 0
    for piece in basket.pieces[:of.count]:
        if not contains(members, piece.line):
            continue
        amount = piece.price - basket.lines[piece.line].floor
        if by_unit:
            amount = minimum(amount, most_of_unit(of, piece.base))
        most[piece.line] = maximum(most[piece.line], amount)
        unclaimed[piece.line] += piece.count
    for piece in basket.pieces[:of.count]:
        if most[piece.line]:
            line = &basket.lines[piece.line]
            amount = most[piece.line] * minimum(units, unclaimed[piece.line])
            add_cap(of.search, of.candidate, piece.line, minimum(amount, room_of(line)))
            most[piece.line] = 0


cdef void list_claims(Appraisal* of) noexcept nogil:
    """Lists the lines whose units the candidate may claim, and the gain of each unit got."""
    cdef Candidate* candidate = of.candidate
    cdef Search* search = of.search
    cdef Claim* claim
    cdef Piece* piece
    cdef int32_t part
    cdef int64_t largest = 1
    if of.reward.part_count > MOST_PARTS or of.count > search.cap_room - search.claim_used:
        return
    for piece in of.basket.pieces[:of.count]:
        largest = maximum(largest, piece.base)
    # All units at the base of the dearest must fit int64, also in 1/SCALE; otherwise no claims are listed.
    if <int128>largest * <int128>units_of(of, of.basket.reached) > <int128>MAX_AMOUNT:
        return
    candidate.part_count = of.reward.part_count
    candidate.repeat = of.offer.repeat
    candidate.first_claim = search.claim_used
    candidate.claim_count = 0
    candidate.number = of.offer.number
    candidate.kind = of.offer.kind
    candidate.rounding = of.offer.rounding
    candidate.order_known = of.fixed
    candidate.picks_cheapest = of.order == Pick.CHEAPEST
    candidate.set_units = 0
    for part in range(of.reward.part_count):
        candidate.sizes[part] = of.least[part]
        candidate.set_units += of.least[part]
    for piece in of.basket.pieces[:of.count]:
        search.counts[piece.line] = -1
    for piece in of.basket.pieces[:of.count]:
        if search.counts[piece.line] < 0:
            search.counts[piece.line] = search.claim_used
            claim = &search.claims[search.claim_used]
            claim.column = piece.line
            claim.base = piece.base
            claim.parts = parts_of(of, piece.line)
            claim.gain = gain_of(of, piece.base) if candidate.is_buy_get and claim.parts & GOT else 0
            search.claim_used += 1
            candidate.claim_count += 1
        elif search.claims[search.counts[piece.line]].base != piece.base:
            # With several bases in a line, it is not known which of its units come first.
            candidate.order_known = False


cdef uint32_t parts_of(const Appraisal* of, int32_t line) noexcept nogil:
    """The parts that units of a line may fill, as bits."""
    cdef uint32_t parts = 0
    cdef int32_t part
    for part in range(of.reward.part_count):
        if contains(members_of(of, part), line):
            parts |= <uint32_t>1 << part
    return parts


cdef int64_t gain_of(const Appraisal* of, int64_t base) noexcept nogil:
    """The most that a unit got saves, before rounding, in 1/SCALE minor units."""
    if of.offer.kind == RewardKind.PERCENT_OFF and of.reward.per != Per.UNIT:
        return <int64_t>(
            (<int128>base * <int128>of.offer.number * <int128>SCALE + <int128>(WHOLE - 1)) // <int128>WHOLE
        )
    return minimum(base, wanted(&of.offer, base)) * SCALE
