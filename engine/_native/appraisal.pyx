# Everything here is C: see appraisal.pxd.
"""How much a candidate may save at most, and of which lines (docs/search.md).

What is said of the basket as it stands holds for all that may follow: prices only fall, units are only claimed.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t
from libc.string cimport memset

from engine._native.artifact cimport (
    GOODS_REWARDS, GoodsReward, Layer, Per, Percentages, Pick, Promotion, RewardKind, Rounding, Selection,
)
from engine._native.basket cimport Basket, Line, Piece, Run, has_line, lines_of_segment, lowest_bit
from engine._native.candidates cimport Candidate, Cap, Search
from engine._native.conditions cimport holds
from engine._native.goods cimport read_goods
from engine._native.money cimport WHOLE, int128, maximum, minimum
from engine._native.program cimport Rules
from engine._native.rewards cimport Offer, wanted
from engine._native.selection cimport BY_LINE, gather, reach, sort


cdef struct Appraisal:
    const Rules* rules
    Basket* basket
    Search* search
    Candidate* candidate
    const GoodsReward* reward
    Offer offer                   # its numbers at their most favourable
    int64_t repeat
    int64_t claimed_before        # units that others may claim before its turn
    bint entered                  # its layer has begun: bases and claims are its own
    bint fixed                    # bases stay as they are until its turn
    int32_t count                 # of the basket's pieces: the units within reach


cdef bint appraise(
    const Rules* rules, Basket* basket, Search* search, const Layer* layer, Candidate* candidate, bint entered,
    int64_t claimed_before,
) noexcept nogil:
    """Fills in what the promotion may grant at most; False when it can have no effect.

    ``entered``: its layer has begun. ``claimed_before`` is how many units others may claim before its turn.
    """
    cdef const Promotion* promotion = &rules.promotions[candidate.promotion]
    cdef Appraisal of
    of.rules = rules
    of.basket = basket
    of.search = search
    of.candidate = candidate
    of.claimed_before = claimed_before
    of.entered = entered
    of.fixed = entered and layer.percentages == Percentages.ADDITIVE
    memset(&candidate.most, 0, sizeof(candidate.most))
    candidate.claimed = 0
    candidate.first_cap = search.cap_used
    candidate.cap_count = 0
    candidate.capped = False
    if promotion.family != GOODS_REWARDS:
        return False
    if entered and not holds(rules, &basket.facts, promotion.condition):
        return False
    of.reward = &rules.goods_rewards[promotion.reward]
    if not read_goods(rules, basket, of.reward, &of.offer, &of.repeat):
        return False
    reach(rules, basket, of.reward)
    if of.reward.selection == Selection.UNITS:
        if of.reward.per_line or of.reward.set_size or basket.quantities[0] == INT64_MAX:
            appraise_all(&of)
        else:
            appraise_first(&of, basket.quantities[0])
    elif of.reward.selection == Selection.BUY_GET:
        appraise_buy_get(&of)
    else:
        appraise_bundle(&of)
    limit(search, candidate, minimum(candidate.most.saving, of.offer.cap))
    return candidate.most.saving > 0


cdef void add_cap(Search* search, Candidate* candidate, int32_t column, int64_t amount) noexcept nogil:
    """The most the candidate may take of a column. Where there is no room to list them all, none is."""
    cdef Cap* cap
    if amount <= 0 or candidate.cap_count < 0:
        return
    if search.cap_used == search.cap_room:
        search.cap_used = candidate.first_cap
        candidate.cap_count = -1
        return
    cap = &search.caps[search.cap_used]
    cap.amount = amount
    cap.column = column
    search.cap_used += 1
    candidate.cap_count += 1


cdef void limit(Search* search, Candidate* candidate, int64_t saving) noexcept nogil:
    """It saves no more than so much, nor than its caps together; and no column yields more than that."""
    cdef int64_t total = 0
    cdef Cap* cap
    candidate.most.saving = saving
    if candidate.cap_count < 0:
        return
    for cap in search.caps[candidate.first_cap:candidate.first_cap + candidate.cap_count]:
        cap.amount = minimum(cap.amount, saving)
        total += cap.amount
    candidate.most.saving = minimum(saving, total)
    candidate.capped = saving < total


cdef int64_t base_of(const Appraisal* of, const Run* run) noexcept nogil:
    """What its percentage reads of a unit; before its layer begins no more than the running price."""
    return run.base if of.entered else run.price


cdef void within_reach(Appraisal* of, bint unclaimed, int order) noexcept nogil:
    """Gathers the units within reach."""
    cdef Basket* basket = of.basket
    cdef Piece* piece
    of.count = gather(basket, unclaimed and of.entered, basket.pieces)
    if not of.entered:
        for piece in basket.pieces[:of.count]:
            piece.base = piece.price
    sort(basket.pieces, of.count, order)


cdef void appraise_all(Appraisal* of) noexcept nogil:
    """All units of a segment."""
    cdef Basket* basket = of.basket
    cdef int32_t word, index
    cdef int per = of.reward.per
    cdef int64_t base, total = 0, most = 0, amount
    cdef uint64_t bits
    cdef const Line* line
    cdef const Run* run
    for word in range(basket.word_count):
        bits = basket.reached[word]
        while bits:
            index = word * 64 + lowest_bit(bits)
            bits &= bits - 1
            line = &basket.lines[index]
            base = 0
            amount = 0
            for run in basket.runs[line.first_run:line.first_run + line.run_count]:
                base += base_of(of, run) * run.count
                if per == Per.UNIT:
                    amount += minimum(wanted(&of.offer, base_of(of, run)), run.price - line.floor) * run.count
                else:
                    amount += (run.price - line.floor) * run.count
            if per == Per.LINE:
                amount = minimum(amount, wanted(&of.offer, base))
            total += base
            most += amount
            add_cap(of.search, of.candidate, index, amount)
    of.candidate.most.saving = minimum(most, wanted(&of.offer, total)) if per == Per.ORDER else most


cdef void appraise_first(Appraisal* of, int64_t left) noexcept nogil:
    """The first units of a segment in pick order.

    Where bases stay as they are, of the units with one base so many are chosen, whichever. Elsewhere the k-th unit in
    pick order is, whatever is granted before, no dearer than the k-th now.
    """
    cdef Basket* basket = of.basket
    cdef Piece* pieces = basket.pieces
    cdef const Piece* piece
    cdef const Line* line
    cdef int64_t* taken = of.search.sums
    cdef int64_t* units = of.search.counts
    cdef int32_t place = 0, end, index, lines = 0
    cdef int64_t base = 0, chosen = 0, group, here, most = 0, wants = 0
    cdef bint certain = of.fixed
    within_reach(of, False, of.reward.pick)
    for piece in pieces[:of.count]:
        taken[piece.line] = units[piece.line] = 0
    while place < of.count and left:
        end = place
        group = 0
        while end < of.count and pieces[end].base == pieces[place].base:
            group += pieces[end].count
            end += 1
        here = minimum(left, group)
        for piece in pieces[place:end]:
            certain = certain and (here == group or piece.line == pieces[place].line)
            taken[piece.line] += minimum(piece.count, here) * piece.base
            units[piece.line] += minimum(piece.count, here)
        base += here * pieces[place].base
        wants += here * minimum(wanted(&of.offer, pieces[place].base), pieces[place].base)
        left -= here
        chosen += here
        place = end
    sort(pieces, of.count, BY_LINE)
    place = 0
    while place < of.count:
        index = pieces[place].line
        line = &basket.lines[index]
        if not of.fixed:
            taken[index] = 0
            units[index] = 0
        end = place
        while end < of.count and pieces[end].line == index:
            if not of.fixed:
                # Any of its units may be chosen; within a line they stand dearest first.
                here = minimum(chosen - units[index], pieces[end].count)
                taken[index] += here * pieces[end].base
                units[index] += here
            end += 1
        if units[index]:
            lines += 1
            here = most_of_line(of, line, taken[index], units[index])
            most += here
            add_cap(of.search, of.candidate, index, here)
        place = end
    if of.reward.per == Per.ORDER:
        most = minimum(most, wanted(&of.offer, base))
    elif of.reward.per == Per.UNIT:
        most = minimum(most, wants)
    elif of.offer.kind == RewardKind.PERCENT_OFF and not certain:
        most = minimum(most, rounded_parts(&of.offer, base, minimum(lines, chosen)))
    of.candidate.most.saving = most


cdef int64_t most_of_line(const Appraisal* of, const Line* line, int64_t base, int64_t units) noexcept nogil:
    """The most that so many units of a line may give, their bases together at most so much."""
    cdef int64_t room = line.subtotal - line.floor * line.quantity, most = 0, amount
    cdef const Run* run
    if of.reward.per == Per.LINE:
        return minimum(room, wanted(&of.offer, base))
    for run in of.basket.runs[line.first_run:line.first_run + line.run_count]:
        amount = run.price - line.floor
        if of.reward.per == Per.UNIT:
            amount = minimum(amount, wanted(&of.offer, base_of(of, run)))
        most = maximum(most, amount)
    return minimum(room, most * units)


cdef int64_t rounded_parts(const Offer* offer, int64_t base, int64_t times) noexcept nogil:
    """The most that a percentage comes to when it is taken of so many parts of a base, each rounded."""
    cdef int128 scaled = <int128>2 * <int128>base * <int128>offer.number
    if offer.rounding != Rounding.DOWN:
        scaled += <int128>times * <int128>WHOLE
    return minimum(base, <int64_t>(scaled // <int128>(2 * <int64_t>WHOLE)))


cdef int64_t times(int64_t amount, int64_t count, int64_t limit) noexcept nogil:
    """So many times an amount, at most the limit."""
    return limit if count and amount > limit // count else amount * count


cdef int64_t units_of(const Appraisal* of, const uint64_t* members) noexcept nogil:
    cdef int64_t units = 0
    cdef const Piece* piece
    for piece in of.basket.pieces[:of.count]:
        if has_line(members, piece.line):
            units += piece.count
    return units


cdef int64_t window(
    const Appraisal* of, const uint64_t* members, int64_t skip, int64_t units, const Offer* offer
) noexcept nogil:
    """The bases of so many units behind so many others, of these lines; with an offer, what it wants of each."""
    cdef int64_t total = 0, taken
    cdef const Piece* piece
    for piece in of.basket.pieces[:of.count]:
        if not has_line(members, piece.line):
            continue
        if skip >= piece.count:
            skip -= piece.count
            continue
        taken = minimum(piece.count - skip, units)
        skip = 0
        units -= taken
        total += taken * (minimum(piece.base, wanted(offer, piece.base)) if offer != NULL else piece.base)
        if units == 0:
            break
    return total


cdef void cap_lines(Appraisal* of, const uint64_t* members, int64_t units, bint by_unit) noexcept nogil:
    """Caps of lines of which so many unclaimed units may be taken."""
    cdef Basket* basket = of.basket
    cdef int64_t* most = of.search.sums
    cdef int64_t* unclaimed = of.search.counts
    cdef int64_t amount
    cdef const Piece* piece
    cdef const Line* line
    for piece in basket.pieces[:of.count]:
        most[piece.line] = unclaimed[piece.line] = 0
    for piece in basket.pieces[:of.count]:
        if not has_line(members, piece.line):
            continue
        amount = piece.price - basket.lines[piece.line].floor
        if by_unit:
            if of.offer.kind == RewardKind.PERCENT_OFF:
                # Rounded for the line as a whole, perhaps, so at most up to the next minor unit for each.
                amount = minimum(amount, rounded_parts(&of.offer, piece.base, 2))
            else:
                amount = minimum(amount, wanted(&of.offer, piece.base))
        most[piece.line] = maximum(most[piece.line], amount)
        unclaimed[piece.line] += piece.count
    for piece in basket.pieces[:of.count]:
        if most[piece.line]:
            line = &basket.lines[piece.line]
            amount = most[piece.line] * minimum(units, unclaimed[piece.line])
            add_cap(
                of.search, of.candidate, piece.line, minimum(amount, line.subtotal - line.floor * line.quantity)
            )
            most[piece.line] = 0


cdef void appraise_buy_get(Appraisal* of) noexcept nogil:
    """At most so many sets as there are unclaimed units for. Of what is got, cheapest first, the j-th is no dearer than
    the one so many places on as others may have claimed units.
    """
    cdef const GoodsReward* reward = of.reward
    cdef const uint64_t* buyable = lines_of_segment(of.basket, of.rules.parts[reward.first_part].segment)
    cdef const uint64_t* gettable = lines_of_segment(of.basket, of.rules.parts[reward.first_part + 1].segment)
    cdef int64_t buy = of.basket.quantities[0], get = of.basket.quantities[1]
    cdef int64_t to_buy, to_get, units, sets, got, skip = 0, lines = 0
    cdef const Piece* piece
    within_reach(of, True, reward.pick)
    to_buy = units_of(of, buyable)
    to_get = units_of(of, gettable)
    units = units_of(of, of.basket.reached)
    sets = minimum(minimum(to_buy // buy, to_get // get), minimum(units // (buy + get), of.repeat))
    if sets == 0:
        return
    got = sets * get
    of.candidate.claimed = got + sets * buy
    if reward.pick == Pick.CHEAPEST:
        skip = to_get - got
        # Where some units only can be got as well as bought, these may be passed over.
        if to_buy + to_get == units or to_buy == to_get == units:
            skip = minimum(skip, of.claimed_before)
    if reward.per == Per.UNIT:
        of.candidate.most.saving = window(of, gettable, skip, got, &of.offer)
    else:
        for piece in of.basket.pieces[:of.count]:
            lines += has_line(gettable, piece.line)
        of.candidate.most.saving = rounded_parts(
            &of.offer, window(of, gettable, skip, got, NULL), minimum(lines, got)
        )
    cap_lines(of, gettable, got, True)


cdef void appraise_bundle(Appraisal* of) noexcept nogil:
    """Every part of so many sets has at most the dearest units of its segment, or those that the pick order allows."""
    cdef const GoodsReward* reward = of.reward
    cdef int32_t part
    cdef int64_t sets = INT64_MAX, of_set = 0, low = 0, high, middle, most
    cdef bint all_sets
    within_reach(of, True, Pick.DEAREST)
    for part in range(reward.part_count):
        high = units_of(of, lines_of_segment(of.basket, of.rules.parts[reward.first_part + part].segment))
        sets = minimum(sets, high // of.basket.quantities[part])
        of_set += of.basket.quantities[part]
    sets = minimum(sets, units_of(of, of.basket.reached) // of_set)
    # Sets passed over then make none possible that would not be made anyway.
    all_sets = of.repeat >= sets
    sets = minimum(sets, of.repeat)
    if sets == 0:
        return
    of.candidate.claimed = sets * of_set
    cap_lines(of, of.basket.reached, of.candidate.claimed, False)
    most = most_of_sets(of, sets, bases(of, sets, False))
    if of.offer.kind == RewardKind.FIXED_PRICE:
        # Every further set adds less: find the last that is above the price.
        high = sets
        while low < high:
            middle = (low + high + 1) // 2
            if bases(of, middle, False) - bases(of, middle - 1, False) > of.offer.number:
                low = middle
            else:
                high = middle - 1
        most = bases(of, low, False) - of.offer.number * low if low else 0
    elif all_sets and reward.pick == Pick.CHEAPEST and are_apart(of):
        sort(of.basket.pieces, of.count, Pick.CHEAPEST)
        most = minimum(most, most_of_sets(of, sets, bases(of, sets, True)))
    of.candidate.most.saving = most


cdef int64_t most_of_sets(const Appraisal* of, int64_t sets, int64_t base) noexcept nogil:
    """The most that so many sets want whose units come to so much together."""
    if of.offer.kind == RewardKind.PERCENT_OFF:
        return rounded_parts(&of.offer, base, sets)
    return times(of.offer.number, sets, base)


cdef int64_t bases(const Appraisal* of, int64_t sets, bint behind_claims) noexcept nogil:
    """The most that the units of so many sets come to."""
    cdef int32_t part
    cdef const uint64_t* members
    cdef int64_t total = 0, units, skip = 0
    for part in range(of.reward.part_count):
        members = lines_of_segment(of.basket, of.rules.parts[of.reward.first_part + part].segment)
        units = sets * of.basket.quantities[part]
        if behind_claims:
            skip = minimum(of.claimed_before, units_of(of, members) - units)
        total += window(of, members, skip, units, NULL)
    return total


cdef bint are_apart(const Appraisal* of) noexcept nogil:
    """Whether no line is in two parts of the bundle."""
    cdef const uint64_t* members
    cdef int32_t part, other, word, first = of.reward.first_part
    for part in range(first, first + of.reward.part_count):
        members = lines_of_segment(of.basket, of.rules.parts[part].segment)
        for other in range(first, part):
            for word in range(of.basket.word_count):
                if members[word] & lines_of_segment(of.basket, of.rules.parts[other].segment)[word]:
                    return False
    return True
