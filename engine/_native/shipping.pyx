"""Shipping rewards: what is taken off the chosen rates (docs/pricing.md §5)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.artifact cimport (
    SHIPMENT, SHIPMENT_METHOD, SHIPMENT_TEXTS, Layer, Percentages, Promotion, ShippingReward,
)
from engine._native.basket cimport Basket, Shipment, Text, facts_of_shipment, same
from engine._native.conditions cimport asked, read_if_any, read_number
from engine._native.money cimport int128, maximum, minimum
from engine._native.program cimport Rules, constant_text
from engine._native.rewards cimport (
    GRANTED, NO_EFFECT, NO_RATE, NO_VALUE, Offer, Outcome, add_share, begin_adjustment, end_adjustment, new_offer,
    wanted,
)
from engine._native.spreading cimport Target, spread


cdef Outcome grant_shipping(
    const Rules* rules, Basket* basket, const Layer* layer, int32_t index, int64_t most
) noexcept nogil:
    """Takes the promotion's reward off each shipment for which its condition holds, by id, at most so much in all.

    Each amount taken lowers the cap of the shipments behind: 15.00 in all of 7.95 and 9.95 are 7.95 and 7.05. With
    ``together``, the amount of the first shipment is spread over all in proportion to their prices: 9.00 of 12.00 and
    6.00 is 6.00 and 3.00.
    """
    cdef const Promotion* promotion = &rules.promotions[index]
    cdef const ShippingReward* reward = &rules.shipping_rewards[promotion.reward]
    cdef int32_t place, sharing = 0
    cdef int64_t want, taken, left, price
    cdef Shipment* shipment
    cdef Offer offer = new_offer(rules, reward.kind, most), first = offer
    # The outcome of the first shipment whose rate has one of its methods.
    cdef Outcome reason = NO_RATE, outcome
    begin_adjustment(basket, index)
    for place in range(basket.shipment_count):
        shipment = &basket.shipments[place]
        ask_about(basket, place)
        if not (shipment.chosen and names_method(rules, basket, reward)):
            continue
        offer.cap = most
        outcome = offered(rules, basket, promotion, reward, &offer)
        if reason == NO_RATE:
            reason = NO_EFFECT if outcome == GRANTED else outcome
        if outcome != GRANTED:
            continue
        price = shipment.charge if layer.percentages == Percentages.COMPOUNDING else shipment.entered
        if reward.together:
            if sharing == 0:
                first = offer
            basket.line_targets[sharing] = Target(
                weight=price, capacity=shipment.charge, units=1, share=0, extra=0, remainder=0, first=place, end=0,
                rank=0, clamped=False,
            )
            sharing += 1
            continue
        want = wanted(&offer, price)
        left = maximum(0, offer.cap - basket.adjustments[basket.adjustment_count].amount)
        taken = minimum(minimum(want, shipment.charge), left)
        if offer.wanted < <int128>offer.cap:
            offer.wanted += <int128>minimum(want, <int64_t>(<int128>offer.cap - offer.wanted))
        if taken:
            shipment.charge -= taken
            add_share(basket, basket.line_count + place, taken)
    if sharing:
        offer = first
        share_out(basket, &offer, sharing)
    return GRANTED if end_adjustment(basket, &offer) == GRANTED else reason


cdef void share_out(Basket* basket, Offer* offer, int32_t count) noexcept nogil:
    """Takes one amount off the shipments of the targets."""
    cdef int64_t taken
    cdef const Target* target
    offer.wanted = <int128>minimum(offer.number, offer.cap)
    spread(<int64_t>offer.wanted, basket.line_targets, count, offer.leftover, offer.rounding)
    for target in basket.line_targets[:count]:
        taken = target.share + target.extra
        if taken:
            basket.shipments[target.first].charge -= taken
            add_share(basket, basket.line_count + target.first, taken)


cdef void ask_about(Basket* basket, int32_t place) noexcept nogil:
    """Makes this shipment the one that conditions read."""
    basket.facts.numbers[<int>SHIPMENT] = facts_of_shipment(basket, place)
    basket.facts.texts[<int>SHIPMENT] = &basket.shipment_texts[place * SHIPMENT_TEXTS]


cdef Outcome offered(
    const Rules* rules, const Basket* basket, const Promotion* promotion, const ShippingReward* reward, Offer* offer
) noexcept nogil:
    """Reads what the promotion offers to the shipment asked about; otherwise returns why it offers nothing."""
    cdef Outcome outcome = asked(rules, &basket.facts, promotion.condition)
    cdef int64_t most = offer.cap
    if outcome != GRANTED:
        return outcome
    if not read_number(rules, &basket.facts, reward.number, &offer.number):
        return NO_VALUE
    if not read_if_any(rules, &basket.facts, reward.up_to, &offer.cap):
        return NO_VALUE
    offer.cap = minimum(offer.cap, most)
    return GRANTED


cdef bint names_method(const Rules* rules, const Basket* basket, const ShippingReward* reward) noexcept nogil:
    """Whether a reward applies to the method of the shipment asked about; one that names no method applies to all."""
    cdef Text method = basket.facts.texts[<int>SHIPMENT][<int>SHIPMENT_METHOD]
    cdef int32_t index
    for index in rules.text_lists[reward.first_method:reward.first_method + reward.method_count]:
        if same(constant_text(rules, index), method):
            return True
    return reward.method_count == 0
