"""What rewards on all or some units of a segment grant at most (docs/search.md).

Of each line no more can be taken than is wanted of its units, nor than its room. When only some units are chosen, the
k-th of them in any later state is no dearer than the k-th now.
"""

from libc.stdint cimport int32_t, int64_t

from engine._native.alike cimport are_of_alike, select_of_alike
from engine._native.artifact cimport Per, Pick, RewardKind
from engine._native.basket cimport Basket, Line, Piece, Run, Shipment, room_of
from engine._native.bits cimport Walk, next_member, walk_through
from engine._native.money cimport WHOLE, int128, maximum, minimum
from engine._native.rewards cimport wanted, weight
from engine._native.search.appraising cimport (
    Appraisal, add_cap, base_of, gather_reached, most_of_line_price, rounded_parts,
)
from engine._native.search.candidates cimport Cap, caps_of
from engine._native.selection cimport BY_LINE, end_of_line, gather, is_reached, select_units, sort


cdef void appraise_all(Appraisal* of, bint all_units) noexcept nogil:
    """All units of a segment, or any of them, and the chosen shipping rates when the reward reaches these, too."""
    cdef Basket* basket = of.basket
    cdef int32_t index
    cdef int per = of.reward.per
    cdef int64_t base, total = 0, most = 0, amount
    cdef const Line* line
    cdef const Run* run
    cdef Walk walk = walk_through(basket.reached, basket.word_count)
    while next_member(&walk, &index):
        line = &basket.lines[index]
        base = amount = 0
        for run in line.runs[:line.run_count]:
            base += base_of(of, run) * run.count
            if per == Per.UNIT:
                amount += minimum(wanted(&of.offer, base_of(of, run)), run.price - line.floor) * run.count
            else:
                amount += (run.price - line.floor) * run.count
        if per == Per.LINE:
            amount = minimum(amount, most_of_line_price(of, base))
        total += base
        most += amount
        add_cap(of.search, of.candidate, index, amount)
    if of.reward.shipping:
        appraise_rates(of, &total, &most)
    of.candidate.most.saving = minimum(most, wanted(&of.offer, total)) if per == Per.ORDER else most
    if of.fixed and all_units and not of.reward.shipping:
        record_shares(of)


cdef void appraise_rates(Appraisal* of, int64_t* total, int64_t* most) noexcept nogil:
    """The chosen rates: adds their prices, and the most taken of them."""
    cdef Basket* basket = of.basket
    cdef int32_t index
    cdef const Shipment* shipment
    cdef int64_t base, amount
    for index in range(basket.shipment_count):
        shipment = &basket.shipments[index]
        if not is_reached(of.reward, shipment):
            continue
        base = shipment.entered if of.entered else shipment.charge
        amount = shipment.charge
        if of.reward.per != Per.ORDER:
            amount = minimum(amount, most_of_line_price(of, base))
        total[0] += base
        most[0] += amount
        add_cap(of.search, of.candidate, basket.line_count + index, amount)


cdef void appraise_off_list(Appraisal* of) noexcept nogil:
    """Percentages off list prices: what every unit wants, rounded up, even when only some units are chosen."""
    cdef Basket* basket = of.basket
    cdef int32_t index
    cdef int64_t total = 0, most = 0, want, amount
    cdef const Line* line
    cdef const Run* run
    cdef Walk walk = walk_through(basket.reached, basket.word_count)
    while next_member(&walk, &index):
        line = &basket.lines[index]
        want = 0
        for run in line.runs[:line.run_count]:
            want += minimum(base_of(of, run), most_off_list(of, line, run)) * run.count
        amount = room_of(line)
        if of.reward.per != Per.ORDER:
            amount = minimum(amount, want)
        total += want
        most += amount
        add_cap(of.search, of.candidate, index, amount)
    if of.reward.shipping:
        appraise_rates(of, &total, &most)
    of.candidate.most.saving = minimum(most, total)


cdef inline int64_t most_off_list(const Appraisal* of, const Line* line, const Run* run) noexcept nogil:
    """The most wanted of a unit. Without a list price its base stands in, and the same percentage is taken off that."""
    cdef int64_t list_price = line.list_price if line.list_price >= 0 else base_of(of, run)
    cdef int128 off = <int128>list_price * <int128>of.offer.number + <int128>(WHOLE - 1)
    return maximum(0, base_of(of, run) - list_price + <int64_t>(off // <int128>WHOLE))


cdef void record_shares(Appraisal* of) noexcept nogil:
    """Notes the share of each line: what it gives when every line has room for its share, the amount being spread in
    proportion to what is wanted of each line, or to their prices.

    Left-over minor units may lower a share by as many as there are lines.
    """
    cdef Basket* basket = of.basket
    cdef int64_t wants = 0, weights = 0, base = 0
    cdef int32_t index
    cdef Cap* cap
    cdef Walk walk = walk_through(basket.reached, basket.word_count)
    while next_member(&walk, &index):
        of.search.sums[index] = weigh_line(of, &basket.lines[index], &wants, &base)
        weights += of.search.sums[index]
    if of.reward.per == Per.ORDER:
        wants = wanted(&of.offer, base)
    wants = minimum(wants, minimum(of.offer.cap, of.budget))
    for cap in caps_of(of.search, of.candidate)[:of.candidate.cap_count]:
        cap.share = <int64_t>(
            <int128>wants * <int128>of.search.sums[cap.column] // <int128>maximum(1, weights)
        )
        cap.share = maximum(0, cap.share - of.candidate.cap_count)
        of.candidate.spread = of.candidate.spread or cap.share > 0
        if of.reward.per == Per.UNIT:
            cap.unusable = room_of(&basket.lines[cap.column]) - cap.amount


cdef int64_t weigh_line(const Appraisal* of, const Line* line, int64_t* wants, int64_t* bases) noexcept nogil:
    """The weight of a line in the spread; adds what is wanted of it, and its bases."""
    cdef int64_t base = 0, units_weight = 0, units_want = 0
    cdef const Run* run
    for run in line.runs[:line.run_count]:
        base += run.base * run.count
        units_weight += weight(&of.offer, run.base) * run.count
        units_want += minimum(run.base, wanted(&of.offer, run.base)) * run.count
    bases[0] += base
    if of.reward.per == Per.UNIT:
        wants[0] += units_want
        return units_weight
    wants[0] += minimum(base, wanted(&of.offer, base))
    return weight(&of.offer, base) if of.reward.per == Per.LINE else base


cdef void appraise_some_of_each(Appraisal* of) noexcept nogil:
    """The first units of each line in pick order: the k-th is no dearer at its turn than it is now.

    Or the first units of alike lines, when bases stay: these will be the ones chosen.
    """
    cdef Basket* basket = of.basket
    cdef Piece* chosen = basket.selected
    cdef int32_t count = gather(basket, False, chosen), place = 0, index, end
    cdef int64_t base, wants, total = 0, most = 0, amount
    cdef Piece* piece
    if not of.entered:
        for piece in chosen[:count]:
            piece.base = piece.price
    if are_of_alike(of.reward):
        count = select_of_alike(of.rules, basket, of.reward, of.most[0])
    else:
        count = select_units(basket, count, of.reward, of.most[0])
    sort(chosen, count, BY_LINE)
    while place < count:
        index = chosen[place].line
        end = end_of_line(chosen, place, count)
        base = wants = 0
        for piece in chosen[place:end]:
            base += piece.base * piece.count
            wants += minimum(piece.base, wanted(&of.offer, piece.base)) * piece.count
        place = end
        amount = room_of(&basket.lines[index])
        if of.reward.per == Per.UNIT:
            amount = minimum(amount, wants)
        elif of.reward.per == Per.LINE:
            amount = minimum(amount, most_of_line_price(of, base))
        total += base
        most += amount
        add_cap(of.search, of.candidate, index, amount)
    of.candidate.most.saving = minimum(most, wanted(&of.offer, total)) if of.reward.per == Per.ORDER else most


cdef void appraise_some(Appraisal* of) noexcept nogil:
    """The first units of a segment in pick order, or those of its sets that count.

    When bases stay, these are the ones that will be chosen. Otherwise the k-th unit in pick order is no dearer at its
    turn than the k-th now, and any unit may be the one.
    """
    cdef Basket* basket = of.basket
    cdef Piece* pieces = basket.pieces
    cdef Piece* selected = basket.selected
    cdef Piece* piece
    cdef int64_t* taken = of.search.sums
    cdef int64_t* units = of.search.counts
    cdef int32_t place = 0, index, chosen
    cdef int64_t base = 0, units_chosen = 0, here, most = 0, wants = 0, lines = 0
    gather_reached(of, False, of.order)
    for index in range(of.count):
        selected[index] = pieces[index]
        taken[pieces[index].line] = units[pieces[index].line] = 0
    chosen = select_units(basket, of.count, of.reward, of.most[0])
    if (of.reward.skip_reduced and not of.entered) or of.reward.pick == Pick.LINE_ORDER:
        # Reduced lines may drop out for others, or ids say which units go first.
        chosen = select_dearest(of, chosen)
    for piece in selected[:chosen]:
        taken[piece.line] += piece.count * piece.base
        units[piece.line] += piece.count
        base += piece.count * piece.base
        wants += piece.count * minimum(wanted(&of.offer, piece.base), piece.base)
        units_chosen += piece.count
    gather_reached(of, False, BY_LINE)
    place = 0
    while place < of.count:
        index = pieces[place].line
        if not of.fixed:
            taken[index] = 0
            units[index] = 0
        while place < of.count and pieces[place].line == index:
            if not of.fixed:
                # Any units of the line may be chosen; the dearest come first.
                here = minimum(units_chosen - units[index], pieces[place].count)
                taken[index] += here * pieces[place].base
                units[index] += here
            place += 1
        if units[index]:
            lines += 1
            here = most_of_line(of, &basket.lines[index], taken[index], units[index])
            most += here
            add_cap(of.search, of.candidate, index, here)
    if of.reward.per == Per.ORDER:
        most = minimum(most, wanted(&of.offer, base))
    elif of.reward.per == Per.UNIT:
        most = minimum(most, wants)
    elif of.offer.kind == RewardKind.PERCENT_OFF and not of.fixed:
        most = minimum(most, rounded_parts(&of.offer, base, minimum(lines, units_chosen)))
    of.candidate.most.saving = most


cdef int32_t select_dearest(Appraisal* of, int32_t chosen) noexcept nogil:
    """Selects as many of the dearest units within reach as are in the first ``chosen`` pieces selected."""
    cdef Piece* selected = of.basket.selected
    cdef const Piece* piece
    cdef int64_t left = 0
    for piece in selected[:chosen]:
        left += piece.count
    sort(of.basket.pieces, of.count, Pick.DEAREST)
    chosen = 0
    for piece in of.basket.pieces[:of.count]:
        if left:
            selected[chosen] = piece[0]
            selected[chosen].count = minimum(left, piece.count)
            left -= selected[chosen].count
            chosen += 1
    return chosen


cdef int64_t most_of_line(const Appraisal* of, const Line* line, int64_t base, int64_t units) noexcept nogil:
    """The most that so many units of a line give if their bases sum to at most so much."""
    cdef int64_t most = 0, amount
    cdef const Run* run
    for run in line.runs[:line.run_count]:
        amount = run.price - line.floor
        if of.reward.per == Per.UNIT:
            amount = minimum(amount, wanted(&of.offer, base_of(of, run)))
        most = maximum(most, amount)
    most = minimum(room_of(line), most * units)
    return minimum(most, most_of_line_price(of, base)) if of.reward.per == Per.LINE else most
