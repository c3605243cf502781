# Everything here is C: see appraisal.pxd.
"""How much a candidate may grant at most, and of which lines (docs/search.md).

What is said of the basket as it stands holds for all that may follow: prices only fall, units are only claimed.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memset

from engine._native.artifact cimport (
    CREDIT_REWARDS, GIFT_REWARDS, GOODS_REWARDS, POINTS_MULTIPLIER, POINTS_PER_UNIT_SPENT, POINTS_REWARDS,
    SHIPPING_REWARDS, Entry, Figure, GiftReward, GoodsReward, Layer, NumberKind, NumberTable, Per, Percentages, Pick,
    PointsReward, Promotion, RewardKind, Rounding, Selection, ShippingReward,
)
from engine._native.basket cimport (
    Adjustment, Basket, Line, Piece, Run, Shipment, has_line, lines_of_segment, lowest_bit,
)
from engine._native.candidates cimport GAIN, MOST_PARTS, Candidate, Cap, Claim, Search
from engine._native.conditions cimport holds, read_if_any
from engine._native.entry cimport subtotal_of
from engine._native.money cimport MAX_AMOUNT, WHOLE, int128, maximum, minimum, saturated
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, Offer, new_offer, wanted
from engine._native.selection cimport BY_LINE, gather, leave_out_reduced, reach, select_units, sort
from engine._native.selection cimport units_of as units_of_segment
from engine._native.shipping cimport ask_about, names_method, offered
from engine._native.without_money cimport MOST_GIFTS, value_of


cdef enum:
    MOST_SETS = 64                # looked at one by one
    LARGEST = 1_000_000_000_000_000_000  # above any saving


cdef struct Appraisal:
    const Rules* rules
    Basket* basket
    Search* search
    Candidate* candidate
    int32_t index                 # of the candidate
    int32_t first                 # of those that come before its turn
    const Promotion* promotion
    const GoodsReward* reward
    Offer offer                   # its numbers at their most favourable
    int64_t repeat
    int64_t* least                # of each part: quantities; the same where they are known
    int64_t* most
    int64_t budget                # what it may still give; INT64_MAX: anything
    int64_t claimed_before        # units that others may claim before its turn
    bint entered                  # its layer has begun: conditions, numbers, bases and claims are its own
    bint fixed                    # bases stay as they are until its turn
    int32_t count                 # of the basket's pieces: the units within reach
    # Of a bundle: units of a set, the dearest unit of each part, and what these come to.
    int64_t units_of_set
    int64_t dearest[MOST_PARTS]
    int64_t dearest_set


cdef bint appraise(
    const Rules* rules, Basket* basket, Search* search, int32_t index, int32_t first, bint entered,
    int64_t points_before,
) noexcept nogil:
    """Fills in what a candidate may grant at most; False when it can have no effect.

    ``entered``: its layer has begun. Before its turn the candidates from the first on may claim units, and give so many
    points.
    """
    cdef Candidate* candidate = &search.candidates[index]
    cdef const Layer* layer = &rules.layers[candidate.layer]
    cdef Appraisal of
    of.rules = rules
    of.basket = basket
    of.search = search
    of.candidate = candidate
    of.promotion = &rules.promotions[candidate.promotion]
    of.budget = INT64_MAX if of.promotion.limits < 0 else basket.budgets[candidate.promotion]
    of.index = index
    of.first = first
    of.claimed_before = 0
    of.entered = entered
    of.fixed = entered and layer.percentages == Percentages.ADDITIVE
    of.least = basket.quantities
    of.most = search.quantities
    memset(&candidate.most, 0, sizeof(candidate.most))
    candidate.claimed = 0
    candidate.claim_count = -1
    candidate.first_cap = search.cap_used
    candidate.cap_count = 0
    candidate.capped = False
    candidate.passed = 0
    candidate.too_cheap = -1
    if of.promotion.family == SHIPPING_REWARDS:
        appraise_shipping(&of)
        return candidate.most.saving > 0
    if entered and not holds(rules, &basket.facts, of.promotion.condition):
        return False
    if of.promotion.family == GOODS_REWARDS:
        return appraise_goods(&of)
    candidate.cap_count = -1
    if of.promotion.family == GIFT_REWARDS:
        return appraise_gift(&of)
    if of.promotion.family == POINTS_REWARDS:
        return appraise_points(&of, points_before)
    if of.promotion.family == CREDIT_REWARDS:
        return appraise_credit(&of)
    candidate.most.effects = 1
    add_value(&of)
    return True


cdef bint read(const Appraisal* of, int32_t index, int64_t* value, bint smallest) noexcept nogil:
    """A number of the reward, if there is any; before its layer begins the smallest or the largest it may be."""
    if of.entered:
        return read_if_any(of.rules, &of.basket.facts, index, value)
    return read_extreme(of, index, value, smallest)


cdef bint read_extreme(const Appraisal* of, int32_t index, int64_t* value, bint smallest) noexcept nogil:
    cdef const NumberTable* table
    cdef const Entry* entry
    cdef const Figure* figure
    cdef bint found = False
    if index < 0:
        return True
    table = &of.rules.numbers[index]
    if table.kind == NumberKind.FIXED:
        return read_if_any(of.rules, &of.basket.facts, index, value)
    for entry in of.rules.entries[table.first:table.first + table.length]:
        figure = &of.rules.figures[<int64_t>entry.value * of.rules.currency_count + of.basket.facts.currency]
        if figure.present and (not found or (figure.amount < value[0] if smallest else figure.amount > value[0])):
            value[0] = figure.amount
            found = True
    return found


cdef void add_value(Appraisal* of) noexcept nogil:
    """What it counts for beside money off."""
    cdef Adjustment adjustment
    adjustment.promotion = of.candidate.promotion
    adjustment.gifts = of.candidate.most.gifts
    adjustment.points = of.candidate.most.points
    of.candidate.most.saving = value_of(of.rules, of.basket, &adjustment)


cdef bint appraise_gift(Appraisal* of) noexcept nogil:
    cdef const GiftReward* reward = &of.rules.gift_rewards[of.promotion.reward]
    cdef int64_t quantity, size = 1
    if not read(of, reward.quantity, &quantity, False):
        return False
    if reward.part >= 0:
        if not read(of, of.rules.parts[reward.part].quantity, &size, True):
            return False
        quantity *= units_of_segment(of.basket, of.rules.parts[reward.part].segment) // size
    of.candidate.most.gifts = minimum(quantity, MOST_GIFTS)
    add_value(of)
    return quantity > 0


cdef bint appraise_points(Appraisal* of, int64_t points_before) noexcept nogil:
    """What was spent only falls, and others give at most so many points that are multiplied."""
    cdef const PointsReward* reward = &of.rules.points_rewards[of.promotion.reward]
    cdef int64_t number
    cdef int128 points
    if not read(of, reward.number, &number, False):
        return False
    points = <int128>number
    if reward.kind == POINTS_PER_UNIT_SPENT:
        points *= <int128>subtotal_of(of.basket, lines_of_segment(of.basket, reward.segment))
        points //= <int128>(<int64_t>WHOLE * of.rules.currencies[of.basket.facts.currency].unit)
    elif reward.kind == POINTS_MULTIPLIER:
        points = <int128>points_before * <int128>number // <int128>WHOLE - <int128>points_before
    of.candidate.most.points = saturated(points)
    add_value(of)
    return of.candidate.most.points > 0


cdef bint appraise_credit(Appraisal* of) noexcept nogil:
    cdef int64_t credit
    if not read(of, of.rules.credit_rewards[of.promotion.reward].number, &credit, False):
        return False
    of.candidate.most.credit = minimum(credit, of.budget)
    add_value(of)
    return of.candidate.most.credit > 0


cdef void appraise_shipping(Appraisal* of) noexcept nogil:
    """At most what is wanted of the prices that entered, or of those now."""
    cdef const ShippingReward* reward = &of.rules.shipping_rewards[of.promotion.reward]
    cdef Basket* basket = of.basket
    cdef int32_t index
    cdef const Shipment* shipment
    cdef int64_t amount, cap = 0, most = 0, budget = of.budget
    of.offer = new_offer(of.rules, reward.kind, budget)
    for index in range(basket.shipment_count):
        shipment = &basket.shipments[index]
        ask_about(basket, index)
        if not (shipment.chosen and names_method(of.rules, basket, reward)):
            continue
        of.offer.cap = budget
        if of.entered:
            if offered(of.rules, basket, of.promotion, reward, &of.offer) != GRANTED:
                continue
            amount = wanted(&of.offer, shipment.entered)
        else:
            if not read(of, reward.number, &of.offer.number, reward.kind == RewardKind.FIXED_PRICE):
                continue
            if not read(of, reward.up_to, &of.offer.cap, False):
                continue
            of.offer.cap = minimum(of.offer.cap, budget)
            amount = wanted(&of.offer, shipment.charge)
        amount = minimum(amount, shipment.charge)
        cap = maximum(cap, of.offer.cap)
        most += amount
        add_cap(of.search, of.candidate, basket.line_count + index, amount)
    limit(of.search, of.candidate, minimum(most, cap))


cdef bint appraise_goods(Appraisal* of) noexcept nogil:
    cdef const GoodsReward* reward = &of.rules.goods_rewards[of.promotion.reward]
    cdef int32_t part
    of.reward = reward
    of.offer = new_offer(of.rules, reward.kind, INT64_MAX)
    of.repeat = INT64_MAX
    if not (
        read(of, reward.number, &of.offer.number, reward.kind == RewardKind.FIXED_PRICE)
        and read(of, reward.up_to, &of.offer.cap, False) and read(of, reward.repeat, &of.repeat, False)
    ):
        return False
    for part in range(reward.part_count):
        of.least[part] = of.most[part] = INT64_MAX
        if not (
            read(of, of.rules.parts[reward.first_part + part].quantity, &of.least[part], True)
            and read(of, of.rules.parts[reward.first_part + part].quantity, &of.most[part], False)
        ):
            return False
    reach(of.rules, of.basket, reward)
    if reward.selection != Selection.UNITS:
        count_claims_before(of)
    if reward.selection == Selection.BUY_GET:
        appraise_buy_get(of)
    elif reward.selection == Selection.BUNDLE:
        appraise_bundle(of)
    else:
        if reward.skip_reduced:
            leave_out_reduced(of.basket)
        if of.most[0] == INT64_MAX and not reward.set_size:
            appraise_all(of)
        elif reward.per_line:
            appraise_some_of_each_line(of)
        else:
            appraise_some(of)
    limit(
        of.search, of.candidate,
        minimum(of.candidate.most.saving, minimum(of.offer.cap, of.budget)),
    )
    return of.candidate.most.saving > 0


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


cdef void count_claims_before(Appraisal* of) noexcept nogil:
    """How many of the units within reach those before may claim."""
    cdef Search* search = of.search
    cdef const Candidate* other
    cdef const GoodsReward* reward
    cdef int64_t sets, units
    cdef int32_t index, part
    for index in range(of.first, of.index):
        other = &search.candidates[index]
        if other.layer != of.candidate.layer or other.claimed == 0:
            continue
        units = other.claimed
        if other.claim_count >= 0:
            reward = &of.rules.goods_rewards[of.rules.promotions[other.promotion].reward]
            sets = other.claimed // other.of_set_units
            units = 0
            for part in range(other.part_count):
                units += minimum(
                    sets * other.sizes[part], shared_units(of.basket, of.rules.parts[reward.first_part + part].segment)
                )
            units = minimum(units, other.claimed)
        of.claimed_before += units


cdef int64_t shared_units(const Basket* basket, int32_t segment) noexcept nogil:
    """Units of a segment that are within reach."""
    cdef const uint64_t* members = lines_of_segment(basket, segment)
    cdef int64_t units = 0
    cdef int32_t word
    cdef uint64_t bits
    for word in range(basket.word_count):
        bits = members[word] & basket.reached[word]
        while bits:
            units += basket.lines[word * 64 + lowest_bit(bits)].quantity
            bits &= bits - 1
    return units


cdef int64_t base_of(const Appraisal* of, const Run* run) noexcept nogil:
    """What its percentage reads of a unit; before its layer begins no more than the running price."""
    return run.base if of.entered else run.price


cdef inline int64_t room_of(const Line* line) noexcept nogil:
    return line.subtotal - line.floor * line.quantity


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


cdef void appraise_some_of_each_line(Appraisal* of) noexcept nogil:
    """The first units of each line: whatever is granted before, the k-th in pick order is no dearer than it is now."""
    cdef Basket* basket = of.basket
    cdef Piece* chosen = basket.selected
    cdef int32_t count = gather(basket, False, chosen), place = 0, index
    cdef int64_t base, wants, total = 0, most = 0, amount
    cdef Piece* piece
    if not of.entered:
        for piece in chosen[:count]:
            piece.base = piece.price
    count = select_units(basket, count, of.reward, of.most[0])
    sort(chosen, count, BY_LINE)
    while place < count:
        index = chosen[place].line
        base = 0
        wants = 0
        while place < count and chosen[place].line == index:
            base += chosen[place].base * chosen[place].count
            wants += minimum(chosen[place].base, wanted(&of.offer, chosen[place].base)) * chosen[place].count
            place += 1
        amount = room_of(&basket.lines[index])
        if of.reward.per == Per.UNIT:
            amount = minimum(amount, wants)
        elif of.reward.per == Per.LINE:
            amount = minimum(amount, wanted(&of.offer, base))
        total += base
        most += amount
        add_cap(of.search, of.candidate, index, amount)
    of.candidate.most.saving = minimum(most, wanted(&of.offer, total)) if of.reward.per == Per.ORDER else most


cdef void appraise_some(Appraisal* of) noexcept nogil:
    """The first units of a segment, or those that count of its sets.

    Where bases stay as they are, of the units with one base so many are chosen, whichever. Elsewhere the k-th unit in
    pick order is, whatever is granted before, no dearer than the k-th now.
    """
    cdef Basket* basket = of.basket
    cdef Piece* pieces = basket.pieces
    cdef Piece* selected = basket.selected
    cdef Piece* piece
    cdef int64_t* taken = of.search.sums
    cdef int64_t* units = of.search.counts
    cdef int32_t place = 0, end, index, count = 0, chosen
    cdef int64_t base = 0, total = 0, group, here, most = 0, wants = 0, lines = 0
    cdef bint certain = of.fixed
    within_reach(of, False, BY_LINE)
    for index in range(of.count):
        selected[index] = pieces[index]
        taken[pieces[index].line] = units[pieces[index].line] = 0
    chosen = select_units(basket, of.count, of.reward, of.most[0])
    sort(pieces, of.count, of.reward.pick)
    if of.reward.skip_reduced and not of.entered:
        # Lines may drop out, and others take their place: the dearest at most.
        for piece in selected[:chosen]:
            total += piece.count
        sort(pieces, of.count, Pick.DEAREST)
        chosen = 0
        for piece in pieces[:of.count]:
            if total:
                selected[chosen] = piece[0]
                selected[chosen].count = minimum(total, piece.count)
                total -= selected[chosen].count
                chosen += 1
    while place < of.count:
        end = place
        group = 0
        here = 0
        while end < of.count and pieces[end].base == pieces[place].base:
            group += pieces[end].count
            end += 1
        while count < chosen and selected[count].base == pieces[place].base:
            here += selected[count].count
            count += 1
        if here:
            for piece in pieces[place:end]:
                certain = certain and (here == group or piece.line == pieces[place].line)
                taken[piece.line] += minimum(piece.count, here) * piece.base
                units[piece.line] += minimum(piece.count, here)
            base += here * pieces[place].base
            wants += here * minimum(wanted(&of.offer, pieces[place].base), pieces[place].base)
            total += here
        place = end
    sort(pieces, of.count, BY_LINE)
    place = 0
    while place < of.count:
        index = pieces[place].line
        if not of.fixed:
            taken[index] = 0
            units[index] = 0
        while place < of.count and pieces[place].line == index:
            if not of.fixed:
                # Any of its units may be chosen; within a line they stand dearest first.
                here = minimum(total - units[index], pieces[place].count)
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
    elif of.offer.kind == RewardKind.PERCENT_OFF and not certain:
        most = minimum(most, rounded_parts(&of.offer, base, minimum(lines, total)))
    of.candidate.most.saving = most


cdef int64_t most_of_line(const Appraisal* of, const Line* line, int64_t base, int64_t units) noexcept nogil:
    """The most that so many units of a line may give, their bases together at most so much."""
    cdef int64_t most = 0, amount
    cdef const Run* run
    for run in of.basket.runs[line.first_run:line.first_run + line.run_count]:
        amount = run.price - line.floor
        if of.reward.per == Per.UNIT:
            amount = minimum(amount, wanted(&of.offer, base_of(of, run)))
        most = maximum(most, amount)
    most = minimum(room_of(line), most * units)
    return minimum(most, wanted(&of.offer, base)) if of.reward.per == Per.LINE else most


cdef int64_t rounded_parts(const Offer* offer, int64_t base, int64_t times) noexcept nogil:
    """The most that a percentage comes to when it is taken of so many parts of a base, each rounded."""
    cdef int128 scaled = <int128>2 * <int128>base * <int128>offer.number
    if offer.rounding != Rounding.DOWN:
        scaled += <int128>times * <int128>WHOLE
    return minimum(base, <int64_t>(scaled // <int128>(2 * <int64_t>WHOLE)))


cdef int64_t most_of_unit(const Appraisal* of, int64_t base) noexcept nogil:
    """The most that is wanted of a unit. A percentage may be rounded for the line as a whole: so up, of each."""
    if of.offer.kind == RewardKind.PERCENT_OFF and of.reward.per != Per.UNIT:
        return <int64_t>((<int128>base * <int128>of.offer.number + <int128>(WHOLE - 1)) // <int128>WHOLE)
    return wanted(&of.offer, base)


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
            amount = minimum(amount, most_of_unit(of, piece.base))
        most[piece.line] = maximum(most[piece.line], amount)
        unclaimed[piece.line] += piece.count
    for piece in basket.pieces[:of.count]:
        if most[piece.line]:
            line = &basket.lines[piece.line]
            amount = most[piece.line] * minimum(units, unclaimed[piece.line])
            add_cap(of.search, of.candidate, piece.line, minimum(amount, room_of(line)))
            most[piece.line] = 0


cdef void appraise_buy_get(Appraisal* of) noexcept nogil:
    """At most so many sets as there are unclaimed units for. Of what is got, cheapest first, the j-th is no dearer than
    the one so many places on as others may have claimed units.
    """
    cdef const GoodsReward* reward = of.reward
    cdef const uint64_t* buyable = lines_of_segment(of.basket, of.rules.parts[reward.first_part].segment)
    cdef const uint64_t* gettable = lines_of_segment(of.basket, of.rules.parts[reward.first_part + 1].segment)
    cdef int64_t to_buy, to_get, units, sets, got, skip = 0, lines = 0
    cdef const Piece* piece
    within_reach(of, True, reward.pick)
    to_buy = units_of(of, buyable)
    to_get = units_of(of, gettable)
    units = units_of(of, of.basket.reached)
    sets = minimum(minimum(to_buy // of.least[0], to_get // of.least[1]), units // (of.least[0] + of.least[1]))
    sets = minimum(sets, of.repeat)
    if sets == 0:
        return
    # Where quantities are not known yet, of more units got for each bought there are fewer sets.
    got = minimum(to_get, times(of.most[1], sets, units))
    got = minimum(got, <int64_t>(<int128>units * <int128>of.most[1] // <int128>(of.least[0] + of.most[1])))
    of.candidate.claimed = minimum(units, times(of.most[0] + of.most[1], sets, units))
    if reward.pick == Pick.CHEAPEST:
        skip = cheapest_got(of, gettable, units, to_buy, to_get, sets, got)
    for piece in of.basket.pieces[:of.count]:
        lines += has_line(gettable, piece.line)
    if reward.per == Per.UNIT:
        of.candidate.most.saving = window(of, gettable, skip, got, &of.offer)
    else:
        of.candidate.most.saving = rounded_parts(
            &of.offer, window(of, gettable, skip, got, NULL), minimum(lines, got)
        )
    if of.fixed and reward.pick == Pick.CHEAPEST and skip < to_get - got:
        # They are among so many of the cheapest, and none gives more than it has room for.
        of.candidate.most.saving = minimum(of.candidate.most.saving, rooms_of_first(of, gettable, skip + got))
    cap_lines(of, gettable, got, True)
    if of.least[0] == of.most[0] and of.least[1] == of.most[1]:
        of.candidate.gets = True
        of.candidate.cheapest_first = reward.pick == Pick.CHEAPEST and (
            to_buy + to_get == units or to_buy == to_get == units
        )
        of.candidate.fixed = of.candidate.ordered = of.fixed
        of.candidate.apart = to_buy + to_get == units
        of.candidate.alike = to_buy == to_get == units
        of.candidate.picks_cheapest = reward.pick == Pick.CHEAPEST
        of.candidate.of_set = INT64_MAX
        of.candidate.rounding = 0
        if reward.per == Per.LINE and of.offer.rounding != Rounding.DOWN:
            of.candidate.rounding = lines * GAIN // 2
        list_claims(of)


cdef int64_t cheapest_got(
    const Appraisal* of, const uint64_t* gettable, int64_t units, int64_t to_buy, int64_t to_get, int64_t sets,
    int64_t got,
) noexcept nogil:
    """How many units the j-th of those got, cheapest first, may lie behind the j-th cheapest that can be got.

    Where some units can be got as well as bought, and others not, these are passed over when they are needed; then the
    j-th is no dearer than the j-th of those that can only be got.
    """
    cdef int64_t skip = to_get - got, only = units - to_buy
    if to_buy + to_get == units or to_buy == to_get == units:
        return minimum(skip, of.claimed_before)
    if to_buy - of.claimed_before - sets * of.most[0] >= got:
        return minimum(skip, of.claimed_before)
    if only >= got + of.claimed_before:
        return minimum(skip, behind_only(of, gettable, of.claimed_before + got) - got)
    return skip


cdef int64_t behind_only(const Appraisal* of, const uint64_t* gettable, int64_t units) noexcept nogil:
    """How many of the units that can be got stand up to the last of so many that can only be got."""
    cdef const uint64_t* buyable = lines_of_segment(of.basket, of.rules.parts[of.reward.first_part].segment)
    cdef const Piece* piece
    cdef int64_t passed = 0
    for piece in of.basket.pieces[:of.count]:
        if has_line(gettable, piece.line):
            passed += piece.count
            if not has_line(buyable, piece.line):
                units -= minimum(units, piece.count)
        if units == 0:
            break
    return passed


cdef int64_t rooms_of_first(const Appraisal* of, const uint64_t* members, int64_t units) noexcept nogil:
    """What the first so many units of these lines may give; of equal ones those that may give most."""
    cdef const Piece* pieces = of.basket.pieces
    cdef const Piece* piece
    cdef int32_t place = 0, end
    cdef int64_t total = 0, group, most, amount, whole
    while place < of.count and units:
        end = place
        group = 0
        most = 0
        whole = 0
        while end < of.count and pieces[end].base == pieces[place].base:
            piece = &pieces[end]
            end += 1
            if not has_line(members, piece.line):
                continue
            amount = piece.price - of.basket.lines[piece.line].floor
            amount = minimum(amount, most_of_unit(of, piece.base))
            group += piece.count
            most = maximum(most, amount)
            whole += amount * piece.count
        if group <= units:
            total += whole
        else:
            total += minimum(whole, most * units)
        units -= minimum(units, group)
        place = end
    return total


cdef void list_claims(Appraisal* of) noexcept nogil:
    """Lists the lines of which units may be claimed, and what these may save."""
    cdef Candidate* candidate = of.candidate
    cdef Search* search = of.search
    cdef Claim* claim
    cdef Piece* piece
    cdef int32_t part, of_set = 0, place, hole
    cdef uint32_t parts
    cdef int64_t gain, largest = 1
    cdef Claim moved
    if of.reward.part_count > MOST_PARTS or of.count > search.cap_room - search.claim_used:
        return
    for piece in of.basket.pieces[:of.count]:
        largest = maximum(largest, piece.base)
    # Every unit at the price of the dearest must not leave int64, nor its parts; else what is known of it stays rough.
    if <int128>largest * <int128>units_of(of, of.basket.reached) > <int128>MAX_AMOUNT:
        return
    candidate.part_count = of.reward.part_count
    candidate.repeat = of.repeat
    candidate.first_claim = search.claim_used
    candidate.claim_count = 0
    search.claiming = True
    for part in range(of.reward.part_count):
        candidate.sizes[part] = of.least[part]
        of_set += of.least[part]
    candidate.of_set_units = of_set
    for piece in of.basket.pieces[:of.count]:
        search.counts[piece.line] = -1
    for piece in of.basket.pieces[:of.count]:
        parts = 0
        for part in range(of.reward.part_count):
            if has_line(lines_of_segment(of.basket, of.rules.parts[of.reward.first_part + part].segment), piece.line):
                parts |= <uint32_t>1 << part
        gain = gain_of(of, piece, parts)
        if search.counts[piece.line] < 0:
            search.counts[piece.line] = search.claim_used
            claim = &search.claims[search.claim_used]
            claim.column = piece.line
            claim.parts = parts
            claim.gain = -1
            claim.give = claim.base = 0
            search.claim_used += 1
            candidate.claim_count += 1
        claim = &search.claims[search.counts[piece.line]]
        if claim.gain >= 0 and claim.base != piece.base:
            # Of the units of a line with several bases it is not known which come first.
            candidate.fixed = candidate.ordered = False
        claim.base = maximum(claim.base, piece.base)
        claim.gain = maximum(claim.gain, gain)
        claim.give = maximum(
            claim.give, minimum(gain + GAIN - 1, (piece.price - of.basket.lines[piece.line].floor) * GAIN)
        )
    # By base, largest first (Shell sort would be no faster: they come nearly sorted).
    for place in range(candidate.first_claim + 1, candidate.first_claim + candidate.claim_count):
        moved = search.claims[place]
        hole = place
        while hole > candidate.first_claim and is_behind(&search.claims[hole - 1], &moved):
            search.claims[hole] = search.claims[hole - 1]
            hole -= 1
        search.claims[hole] = moved


cdef inline bint is_behind(const Claim* left, const Claim* right) noexcept nogil:
    """Larger bases come first; of equal ones those that give more come last, so first from behind."""
    return left.base < right.base or left.base == right.base and left.give > right.give


cdef inline int64_t divided_up(int128 dividend, int64_t divisor) noexcept nogil:
    return <int64_t>((dividend + <int128>(divisor - 1)) // <int128>divisor)


cdef int64_t gain_of(const Appraisal* of, const Piece* piece, uint32_t parts) noexcept nogil:
    """The most that a unit may save, rounding aside."""
    cdef int32_t part
    cdef int64_t most = 0
    if of.candidate.gets and not parts & 2:
        return 0
    if of.offer.kind == RewardKind.PERCENT_OFF:
        if of.candidate.gets and of.reward.per == Per.UNIT:
            return wanted(&of.offer, piece.base) * GAIN
        return divided_up(<int128>piece.base * <int128>of.offer.number * <int128>GAIN, WHOLE)
    if of.candidate.gets:
        return minimum(piece.base, wanted(&of.offer, piece.base)) * GAIN
    if of.offer.kind == RewardKind.AMOUNT_OFF:
        # No set gives more than its units cost.
        return divided_up(<int128>minimum(of.offer.number, of.dearest_set) * <int128>GAIN, of.units_of_set)
    # The price of a set is shared out among its parts, as their dearest units cost.
    for part in range(of.reward.part_count):
        if parts >> part & 1:
            most = maximum(most, piece.base * GAIN - of.candidate.shares[part])
    return most


cdef void appraise_bundle(Appraisal* of) noexcept nogil:
    """Every part of so many sets has at most the dearest units of its segment, or those that the pick order allows."""
    cdef const GoodsReward* reward = of.reward
    cdef int32_t part
    cdef int64_t sets = INT64_MAX, of_set = 0, most_of_set = 0, low = 0, high, middle, most, units, possible
    cdef bint all_sets
    within_reach(of, True, Pick.DEAREST)
    for part in range(reward.part_count):
        high = units_of(of, lines_of_segment(of.basket, of.rules.parts[reward.first_part + part].segment))
        sets = minimum(sets, high // of.least[part])
        of_set += of.least[part]
        most_of_set += of.most[part]
    units = units_of(of, of.basket.reached)
    sets = minimum(sets, units // of_set)
    possible = sets
    # Sets passed over then make none possible that would not be made anyway.
    all_sets = of.repeat >= sets
    sets = minimum(sets, of.repeat)
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
    of.candidate.cheapest_first = of.fixed and reward.pick == Pick.CHEAPEST and reward.part_count <= MOST_PARTS
    if of.candidate.cheapest_first:
        # Sets are formed cheapest first; those that give nothing are passed over.
        share_parts(of)
        sort(of.basket.pieces, of.count, Pick.CHEAPEST)
        of.candidate.too_cheap = -1
        of.candidate.passed = 0
        if not all_sets or of.offer.kind == RewardKind.FIXED_PRICE:
            of.candidate.passed = passed_over(of, possible)
        most = minimum(most, most_of_cheapest(of, sets, possible))
    of.candidate.most.saving = most
    if of_set == most_of_set and reward.part_count <= MOST_PARTS:
        sort(of.basket.pieces, of.count, Pick.DEAREST)
        of.units_of_set = of_set
        of.dearest_set = 0
        for part in range(reward.part_count):
            of.dearest[part] = window(
                of, lines_of_segment(of.basket, of.rules.parts[reward.first_part + part].segment), 0, 1, NULL
            )
            of.dearest_set += of.dearest[part] * of.least[part]
        of.candidate.gets = False
        of.candidate.fixed = of.candidate.ordered = of.fixed
        of.candidate.picks_cheapest = reward.pick == Pick.CHEAPEST
        share_parts(of)
        tell_cheap_units(of)
        of.candidate.of_set = most_of_sets(of, 1, bases(of, 1))
        if of.offer.kind == RewardKind.FIXED_PRICE:
            of.candidate.of_set = maximum(0, bases(of, 1) - of.offer.number)
        of.candidate.rounding = 0
        if of.offer.kind == RewardKind.PERCENT_OFF and of.offer.rounding != Rounding.DOWN:
            of.candidate.rounding = times(GAIN // 2, sets, INT64_MAX)
        list_claims(of)


cdef void tell_cheap_units(Appraisal* of) noexcept nogil:
    """Which units may be in a set of which nothing is wanted: those cheap enough for the cheapest of others."""
    cdef Candidate* candidate = of.candidate
    cdef const uint64_t* members
    cdef const Piece* piece
    cdef int32_t part
    candidate.least_set = 0
    for part in range(of.reward.part_count):
        members = lines_of_segment(of.basket, of.rules.parts[of.reward.first_part + part].segment)
        candidate.least[part] = LARGEST
        for piece in of.basket.pieces[:of.count]:
            if has_line(members, piece.line):
                candidate.least[part] = minimum(candidate.least[part], piece.base)
        candidate.least_set += candidate.least[part] * of.least[part]
        candidate.shares[part] = 0
        if of.offer.kind == RewardKind.FIXED_PRICE:
            candidate.shares[part] = <int64_t>(
                <int128>minimum(of.offer.number, of.dearest_set) * <int128>of.dearest[part] * <int128>GAIN
                // <int128>maximum(1, of.dearest_set)
            )
    candidate.enough = 0
    if of.offer.kind == RewardKind.FIXED_PRICE:
        candidate.enough = of.offer.number
    elif of.offer.kind == RewardKind.PERCENT_OFF:
        # Half of the smallest minor unit, or a whole one, at this percentage.
        candidate.enough = WHOLE // maximum(1, of.offer.number) + 1


cdef int64_t passed_over(Appraisal* of, int64_t possible) noexcept nogil:
    """How many sets may be passed over before one gives something, and among those that do.

    The first ones, while they are too cheap for the offer; and those all of whose units stand at their floors: no more
    units of a line than what others may take of it before brings there.
    """
    cdef const uint64_t* members
    cdef const Piece* piece
    cdef int64_t cheap = 0, drained = INT64_MAX, units, room
    cdef int32_t part
    while cheap < possible and wanted(&of.offer, set_at(of, cheap, -1)) == 0:
        cheap += 1
    of.candidate.too_cheap = cheap
    for part in range(of.reward.part_count):
        members = lines_of_segment(of.basket, of.rules.parts[of.reward.first_part + part].segment)
        units = 0
        for piece in of.basket.pieces[:of.count]:
            if has_line(members, piece.line):
                room = piece.price - of.basket.lines[piece.line].floor
                units += piece.count if room == 0 else minimum(piece.count, of.search.taken[piece.line] // room)
        drained = minimum(drained, units // of.most[part])
    return cheap + minimum(drained, possible - cheap)


cdef int64_t set_at(const Appraisal* of, int64_t index, int64_t skip) noexcept nogil:
    """What the units of a set come to at most, cheapest first, when so many units before were claimed by others.

    Parts that share lines take units from each other: as many as those of all sets so far have. Without others (-1) it
    is what they come to at least.
    """
    cdef const uint64_t* members
    cdef int64_t total = 0, available, behind
    cdef int32_t part
    for part in range(of.reward.part_count):
        members = lines_of_segment(of.basket, of.rules.parts[of.reward.first_part + part].segment)
        available = units_of(of, members)
        behind = index * of.most[part]
        if skip >= 0:
            behind += skip + (index + 1) * of.candidate.shared[part]
        total += window(of, members, minimum(behind, available - of.most[part]), of.most[part], NULL)
    return total


cdef int64_t most_of_cheapest(const Appraisal* of, int64_t sets, int64_t possible) noexcept nogil:
    """What so many sets may want when those before them are passed over."""
    cdef int64_t index, first = minimum(of.candidate.passed, possible - sets), total = 0
    for index in range(first, first + minimum(sets, MOST_SETS)):
        total += wanted_of_set(of, index)
    if sets > MOST_SETS:
        # The dearest come last: all others want no more.
        total += times(wanted_of_set(of, possible - 1), sets - MOST_SETS, LARGEST)
    return total


cdef int64_t wanted_of_set(const Appraisal* of, int64_t index) noexcept nogil:
    """An amount is wanted of any set, but none gives more than its units cost."""
    cdef int64_t cost = set_at(of, index, of.claimed_before)
    return minimum(cost, wanted(&of.offer, cost))


cdef int64_t most_of_sets(const Appraisal* of, int64_t sets, int64_t base) noexcept nogil:
    """The most that so many sets want whose units come to so much together."""
    if of.offer.kind == RewardKind.PERCENT_OFF:
        return rounded_parts(&of.offer, base, sets)
    return times(of.offer.number, sets, base)


cdef int64_t bases(const Appraisal* of, int64_t sets) noexcept nogil:
    """The most that the units of so many sets come to."""
    cdef const uint64_t* members
    cdef int64_t total = 0
    cdef int32_t part
    for part in range(of.reward.part_count):
        members = lines_of_segment(of.basket, of.rules.parts[of.reward.first_part + part].segment)
        total += window(of, members, 0, times(of.most[part], sets, units_of(of, members)), NULL)
    return total


cdef void share_parts(Appraisal* of) noexcept nogil:
    """How many units of a set other parts may take from the segment of each."""
    cdef const uint64_t* members
    cdef const uint64_t* others
    cdef int32_t part, other, word, first = of.reward.first_part
    for part in range(of.reward.part_count):
        members = lines_of_segment(of.basket, of.rules.parts[first + part].segment)
        of.candidate.shared[part] = 0
        for other in range(of.reward.part_count):
            others = lines_of_segment(of.basket, of.rules.parts[first + other].segment)
            for word in range(of.basket.word_count):
                if other != part and members[word] & others[word]:
                    of.candidate.shared[part] += of.most[other]
                    break
