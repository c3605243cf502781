"""What a candidate may grant at most, in all and of each line (docs/search.md).

The bounds are read from the basket as it stands and hold for every set below the node, because within a layer prices
only fall, floors stay and units are only claimed, never freed.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t
from libc.string cimport memset

from engine._native.alike cimport are_of_alike, begin_alike, next_alike
from engine._native.artifact cimport (
    CREDIT_REWARDS, GIFT_REWARDS, GOODS_REWARDS, POINTS_MULTIPLIER, POINTS_PER_UNIT_SPENT, POINTS_REWARDS,
    SHIPPING_REWARDS, Entry, GiftReward, GoodsReward, Layer, NumberKind, NumberTable, Per, Percentages, Pick,
    PointsReward, RewardKind, Same, Selection, ShippingReward,
)
from engine._native.basket cimport Adjustment, Basket, Line, Number, Shipment, lines_of_segment, lines_reached, room_of
from engine._native.bits cimport Walk, next_member, walk_through
from engine._native.conditions cimport figure, holds, read_if_any
from engine._native.entry cimport subtotal_of
from engine._native.money cimport WHOLE, int128, maximum, minimum, saturated
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, new_offer, wanted
from engine._native.search.appraising cimport Appraisal, add_cap, times
from engine._native.search.bundle_appraisal cimport appraise_bundle
from engine._native.search.candidates cimport (
    COST_APPRAISAL, COST_APPRAISED_LINE, COST_CHOSEN_LINE, COST_ROUGH_LINE, COST_WORD, Candidate, Cap, Search, caps_of,
    exceeds_allowance,
)
from engine._native.search.set_appraisal cimport appraise_buy_get, count_claims_before
from engine._native.search.unit_appraisal cimport appraise_all, appraise_off_list, appraise_some, appraise_some_of_each
from engine._native.selection cimport is_reached, leave_out_reduced, reach
from engine._native.selection cimport units_of as units_of_segment
from engine._native.shipping cimport ask_about, names_method, offered
from engine._native.without_money cimport MOST_GIFTS, value_of


cdef bint appraise(
    const Rules* rules, Basket* basket, int32_t index, int32_t first, int64_t points_before
) noexcept nogil:
    """Fills in what a candidate may grant at most; False when it can have no effect.

    The candidates between ``first`` and it may claim units before its turn, and give so many points.
    """
    cdef Search* search = &basket.search
    cdef Candidate* candidate = &search.candidates[index]
    cdef const Layer* layer = &rules.layers[candidate.layer]
    cdef bint entered = candidate.layer == search.layer
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
    candidate.first_claim = search.claim_used
    candidate.first_cap = search.cap_used
    candidate.cap_count = 0
    candidate.spread = False
    candidate.percent = 0
    candidate.price = -1
    candidate.even = False
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
    """A number of the reward; while its layer has not begun, the smallest or the largest that it may be. False: none.
    """
    if of.entered:
        return read_if_any(of.rules, &of.basket.facts, index, value)
    return read_extreme(of, index, value, smallest)


cdef bint read_extreme(const Appraisal* of, int32_t index, int64_t* value, bint smallest) noexcept nogil:
    cdef const NumberTable* table
    cdef const Entry* entry
    cdef Number may_be
    cdef bint found = False
    if index < 0:
        return True
    table = &of.rules.numbers[index]
    if table.kind == NumberKind.FIXED:
        return read_if_any(of.rules, &of.basket.facts, index, value)
    for entry in of.rules.entries[table.first:table.first + table.length]:
        may_be = figure(of.rules, &of.basket.facts, entry.value)
        if may_be.present and (not found or (may_be.value < value[0] if smallest else may_be.value > value[0])):
            value[0] = may_be.value
            found = True
    return found


cdef void add_value(Appraisal* of) noexcept nogil:
    """Adds what gifts and points are valued at."""
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
    """The amount spent only falls, and a multiplier applies to no more points than other candidates may give."""
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
    """Of each chosen rate the amount wanted, no more than what is left of it.

    Of one amount spread over all shipments, each may give all that is left of its rate.
    """
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
        cap = maximum(cap, minimum(of.offer.cap, amount) if reward.together else of.offer.cap)
        amount = shipment.charge if reward.together else minimum(amount, shipment.charge)
        most += amount
        add_cap(of.search, of.candidate, basket.line_count + index, amount)
    limit_saving(of.search, of.candidate, minimum(most, cap))


cdef bint appraise_goods(Appraisal* of) noexcept nogil:
    cdef const GoodsReward* reward = &of.rules.goods_rewards[of.promotion.reward]
    cdef int64_t work
    cdef bint all_units
    of.reward = reward
    of.order = reward.pick
    if reward.pick == Pick.LINE_ORDER:
        # The order of ids bounds nothing; no choice is dearer than the dearest units.
        of.order = Pick.DEAREST
        of.fixed = False
    if not read_offer(of):
        return False
    reach(of.rules, of.basket, reward)
    all_units = (
        reward.selection == Selection.UNITS and of.most[0] == INT64_MAX and not reward.set_size and not reward.at_least
    )
    work = lines_reached(of.basket) * (
        COST_APPRAISED_LINE if all_units else COST_CHOSEN_LINE * <int64_t>reward.part_count
    )
    of.candidate.cap = minimum(of.offer.cap, of.budget)
    of.search.work += COST_APPRAISAL
    if exceeds_allowance(of.search, work):
        appraise_roughly(of)
        return of.candidate.most.saving > 0
    of.search.work += work
    of.candidate.per = reward.per
    if reward.selection == Selection.UNITS:
        appraise_units(of, all_units)
    else:
        count_claims_before(of)
        if reward.same != Same.SAME_NOTHING:
            appraise_sets_of_alike(of)
        else:
            appraise_sets(of)
    limit_saving(of.search, of.candidate, minimum(of.candidate.most.saving, of.candidate.cap))
    return of.candidate.most.saving > 0


cdef bint read_offer(Appraisal* of) noexcept nogil:
    """The numbers and quantities of a goods reward; False when one has no value."""
    cdef const GoodsReward* reward = of.reward
    cdef int32_t part, quantity
    of.offer = new_offer(of.rules, reward.kind, INT64_MAX)
    if not (
        read(of, reward.number, &of.offer.number, reward.kind == RewardKind.FIXED_PRICE)
        and read(of, reward.up_to, &of.offer.cap, False) and read(of, reward.repeat, &of.offer.repeat, False)
    ):
        return False
    for part in range(reward.part_count):
        quantity = of.rules.parts[reward.first_part + part].quantity
        of.least[part] = of.most[part] = INT64_MAX
        if not (read(of, quantity, &of.least[part], True) and read(of, quantity, &of.most[part], False)):
            return False
    return True


cdef void appraise_units(Appraisal* of, bint all_units) noexcept nogil:
    """Units of a segment, all of them or those chosen."""
    cdef const GoodsReward* reward = of.reward
    if reward.skip_reduced:
        leave_out_reduced(of.basket)
    if reward.of_list_price:
        appraise_off_list(of)
        return
    if reward.shipping or all_units or (are_of_alike(reward) and not of.fixed):
        of.candidate.even = all_units
        appraise_all(of, all_units)
    elif reward.same != Same.SAME_NOTHING:
        appraise_some_of_each(of)
    else:
        appraise_some(of)
    if reward.kind == RewardKind.PERCENT_OFF:
        of.candidate.percent = of.offer.number
        of.candidate.exhausted = exhausted_lines(of)
    elif reward.kind == RewardKind.FIXED_PRICE and reward.per == Per.UNIT:
        of.candidate.price = of.offer.number


cdef void appraise_sets(Appraisal* of) noexcept nogil:
    if of.reward.selection == Selection.BUNDLE:
        appraise_bundle(of)
    else:
        appraise_buy_get(of)


cdef void appraise_sets_of_alike(Appraisal* of) noexcept nogil:
    """The sum over groups of alike lines: no line is in two groups."""
    cdef int64_t saving = 0, claimed = 0
    cdef int32_t place = 0
    begin_alike(of.rules, of.basket, of.reward)
    while next_alike(of.rules, of.basket, of.reward, &place):
        of.candidate.most.saving = of.candidate.claimed = 0
        appraise_sets(of)
        saving += of.candidate.most.saving
        claimed += of.candidate.claimed
        of.search.work += COST_WORD * <int64_t>(of.basket.word_count - 1)
    of.candidate.most.saving = saving
    of.candidate.claimed = claimed


cdef void appraise_roughly(Appraisal* of) noexcept nogil:
    """A cheap bound: no more than the columns within reach have room for, nor than is wanted of as many units as it may
    take, each at the price of the dearest. It may claim any units.
    """
    cdef Basket* basket = of.basket
    cdef int64_t most = 0, base = 0, units = 0, dearest = 0
    cdef int32_t index
    cdef const Line* line
    cdef Walk walk = walk_through(basket.reached, basket.word_count)
    of.search.work += COST_ROUGH_LINE * lines_reached(basket)
    while next_member(&walk, &index):
        line = &basket.lines[index]
        most += room_of(line)
        base += line.merchandise
        units += line.quantity
        dearest = maximum(dearest, line.price)
    if of.reward.shipping:
        for index in range(basket.shipment_count):
            if is_reached(of.reward, &basket.shipments[index]):
                most += basket.shipments[index].charge
                base += basket.shipments[index].price
                units += 1
                dearest = maximum(dearest, basket.shipments[index].price)
    of.candidate.cap_count = -1
    if of.reward.selection != Selection.UNITS:
        units = most_claimed(of, units)
        of.candidate.claimed = units
    base = minimum(base, times(dearest, units, base))
    if of.offer.kind == RewardKind.AMOUNT_OFF:
        base = times(of.offer.number, units, base)
    elif of.offer.kind == RewardKind.PERCENT_OFF and not of.reward.of_list_price:
        # Rounded up for each unit.
        base = <int64_t>(<int128>base * <int128>of.offer.number // <int128>WHOLE) + units
    limit_saving(of.search, of.candidate, minimum(minimum(most, base), of.candidate.cap))


cdef int64_t most_claimed(const Appraisal* of, int64_t units) noexcept nogil:
    """The most of so many units that its sets claim."""
    cdef int64_t of_set = 0
    cdef int32_t part
    if of.reward.same != Same.SAME_NOTHING:
        return units
    for part in range(of.reward.part_count):
        of_set += minimum(of.most[part], units)
    return times(of_set, of.offer.repeat, units)


cdef int64_t exhausted_lines(const Appraisal* of) noexcept nogil:
    """What the lines within reach cost that have no cap, as nothing can be taken of them."""
    cdef Basket* basket = of.basket
    cdef int64_t total = subtotal_of(basket, basket.reached)
    cdef const Cap* cap
    for cap in caps_of(of.search, of.candidate)[:maximum(0, of.candidate.cap_count)]:
        if cap.column < basket.line_count:
            total -= basket.lines[cap.column].subtotal
    return total


cdef void limit_saving(Search* search, Candidate* candidate, int64_t saving) noexcept nogil:
    """Limits the saving to so much, each cap to the saving, and the saving to the sum of the caps."""
    cdef int64_t total = 0
    cdef Cap* cap
    candidate.most.saving = saving
    if candidate.cap_count < 0:
        return
    for cap in caps_of(search, candidate)[:candidate.cap_count]:
        cap.amount = minimum(cap.amount, saving)
        total += cap.amount
    candidate.most.saving = minimum(saving, total)
