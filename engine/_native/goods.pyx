"""Goods rewards (docs/pricing.md §5): which units they reach; with buy_get.pyx and bundle.pyx."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t

from engine._native.alike cimport are_of_alike, begin_alike, next_alike, select_of_alike
from engine._native.artifact cimport GoodsReward, Layer, Leftover, Per, Percentages, Same, Selection
from engine._native.basket cimport Ask, Basket, Shipment
from engine._native.bundle cimport grant_bundle
from engine._native.buy_get cimport grant_buy_get
from engine._native.conditions cimport read_if_any, read_number
from engine._native.money cimport maximum, minimum
from engine._native.program cimport Rules
from engine._native.rewards cimport (
    GRANTED, INCOMPLETE, NOT_IN_CART, NO_EFFECT, NO_VALUE, OUT_OF_ROOM, Offer, Outcome, add_share, begin_adjustment,
    end_adjustment, new_goods_offer,
)
from engine._native.runs cimport settle
from engine._native.selection cimport (
    BY_LINE, gather, has_units, leave_out_reduced, reach, select_rates, select_units, sort,
)
from engine._native.sharing cimport take
from engine._native.whole_lines cimport grant_lines, grant_lines_again


cdef Outcome grant_goods(
    const Rules* rules, Basket* basket, const Layer* layer, int32_t index, int64_t most
) noexcept nogil:
    """Takes the promotion's reward off the units it reaches, at most so much."""
    cdef const GoodsReward* reward = &rules.goods_rewards[rules.promotions[index].reward]
    cdef Offer offer
    if not read_goods(rules, basket, layer, reward, &offer):
        return NO_VALUE
    offer.cap = minimum(offer.cap, most)
    return grant_offer(rules, basket, reward, index, &offer)


cdef Outcome grant_asked(const Rules* rules, Basket* basket, const Layer* layer, const Ask* ask) noexcept nogil:
    """As ``grant_goods``, without limits, for a promotion whose number and cap were read when it was asked."""
    cdef Offer offer = asked_offer(rules, layer, ask)
    if not read_quantities(rules, basket, ask.reward, &offer):
        return NO_VALUE
    return grant_offer(rules, basket, ask.reward, ask.promotion, &offer)


cdef Outcome grant_offer(
    const Rules* rules, Basket* basket, const GoodsReward* reward, int32_t index, Offer* offer
) noexcept nogil:
    """Takes an offer whose numbers and quantities were read."""
    cdef Outcome outcome
    if not reach(rules, basket, reward):
        return NOT_IN_CART
    if reward.selection == Selection.UNITS:
        if reward.skip_reduced:
            leave_out_reduced(basket)
        if basket.quantities[0] == INT64_MAX and not (
            reward.set_size or reward.at_least or reward.shipping or reward.of_list_price
        ):
            return grant_lines(basket, offer, index)
        outcome = grant_units(rules, basket, reward, offer)
    elif reward.same != Same.SAME_NOTHING:
        outcome = grant_sets_of_alike(rules, basket, reward, offer)
    else:
        outcome = grant_sets(rules, basket, reward, offer)
    if outcome != GRANTED:
        return outcome if reward.part_count == 1 or are_in_cart(rules, basket, reward) else NOT_IN_CART
    begin_adjustment(basket, index)
    settle(basket, offer.compounding)
    if reward.shipping:
        settle_rates(basket)
    return end_adjustment(basket, offer)


cdef Outcome grant_sets(
    const Rules* rules, Basket* basket, const GoodsReward* reward, Offer* offer
) noexcept nogil:
    if reward.selection == Selection.BUNDLE:
        return grant_bundle(rules, basket, reward, offer)
    return grant_buy_get(rules, basket, reward, offer)


cdef Outcome grant_sets_of_alike(
    const Rules* rules, Basket* basket, const GoodsReward* reward, Offer* offer
) noexcept nogil:
    """Grants sets within each group of alike lines. When no group gives anything, the outcome is that of the one that
    came furthest.
    """
    cdef int32_t place = 0
    cdef Outcome outcome = INCOMPLETE
    begin_alike(rules, basket, reward)
    while outcome != OUT_OF_ROOM and next_alike(rules, basket, reward, &place):
        outcome = <Outcome>maximum(outcome, grant_sets(rules, basket, reward, offer))
    reach(rules, basket, reward)
    return outcome


cdef Outcome grant_goods_again(const Rules* rules, Basket* basket, const Layer* layer, const Ask* ask) noexcept nogil:
    """Takes the reward of a promotion that takes of each line by itself off the dirty lines; the others keep what they
    gave.
    """
    cdef Offer offer = asked_offer(rules, layer, ask)
    cdef int32_t word
    reach(rules, basket, ask.reward)
    for word in range(basket.word_count):
        basket.reached[word] &= basket.kept.dirty[word]
    if ask.reward.skip_reduced:
        leave_out_reduced(basket)
    return grant_lines_again(basket, &offer, ask)


cdef inline Offer asked_offer(const Rules* rules, const Layer* layer, const Ask* ask) noexcept nogil:
    cdef Offer offer = new_goods_offer(rules, layer, ask.reward, ask.cap)
    offer.number = ask.number
    return offer


cdef bint takes_line_by_line(const Rules* rules, const Layer* layer, const GoodsReward* reward) noexcept nogil:
    """Whether a reward without a cap takes of each line what it would take if that were the only one."""
    return (
        reward.selection == Selection.UNITS and reward.per != Per.ORDER
        and not reward.set_size and not reward.at_least
        and rules.parts[reward.first_part].quantity < 0 and layer.percentages == Percentages.ADDITIVE
        and not reward.of_list_price and rules.rule_set.leftover != Leftover.CARRIED
    )


cdef bint read_goods(
    const Rules* rules, Basket* basket, const Layer* layer, const GoodsReward* reward, Offer* offer
) noexcept nogil:
    """Reads the numbers and quantities of a reward, INT64_MAX where there is none. False when one has no value."""
    offer[0] = new_goods_offer(rules, layer, reward, INT64_MAX)
    return (
        read_number(rules, &basket.facts, reward.number, &offer.number)
        and read_if_any(rules, &basket.facts, reward.up_to, &offer.cap)
        and read_quantities(rules, basket, reward, offer)
    )


cdef inline bint read_quantities(
    const Rules* rules, Basket* basket, const GoodsReward* reward, Offer* offer
) noexcept nogil:
    """The quantities of parts, and how often a set may be repeated."""
    cdef int32_t part
    if not read_if_any(rules, &basket.facts, reward.repeat, &offer.repeat):
        return False
    for part in range(reward.part_count):
        basket.quantities[part] = INT64_MAX
        if not read_if_any(
            rules, &basket.facts, rules.parts[reward.first_part + part].quantity, &basket.quantities[part]
        ):
            return False
    return True


cdef bint are_in_cart(const Rules* rules, const Basket* basket, const GoodsReward* reward) noexcept nogil:
    """Whether every part has a unit in the cart."""
    cdef int32_t part
    for part in range(reward.part_count):
        if not has_units(basket, rules.parts[reward.first_part + part].segment):
            return False
    return True


cdef Outcome grant_units(
    const Rules* rules, Basket* basket, const GoodsReward* reward, Offer* offer
) noexcept nogil:
    """Takes the offer off those units of a segment that are chosen in pick order, and perhaps off the chosen rates."""
    cdef int64_t times = 1
    cdef int32_t count = gather(basket, False, basket.selected)
    if count:
        if are_of_alike(reward):
            count = select_of_alike(rules, basket, reward, basket.quantities[0])
        else:
            count = select_units(basket, count, reward, basket.quantities[0])
        sort(basket.selected, count, BY_LINE)
    if count == 0 and (basket.quantities[0] < INT64_MAX or reward.set_size or reward.at_least):
        return INCOMPLETE
    if reward.shipping:
        count = select_rates(basket, count, reward, offer.compounding)
    return take(basket, offer, count, &times, False) if count else NO_EFFECT


cdef void settle_rates(Basket* basket) noexcept nogil:
    """The promotion at hand is done: adds the shares of the chosen rates behind those of lines."""
    cdef int32_t index
    cdef Shipment* shipment
    for index in range(basket.shipment_count):
        shipment = &basket.shipments[index]
        if shipment.granted:
            add_share(basket, basket.line_count + index, shipment.granted)
            shipment.granted = 0
