"""Shipping rewards: what is taken off the chosen rates (docs/pricing.md §5)."""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcmp

from engine._native.artifact cimport (
    SHIPMENT, SHIPMENT_METHOD, SHIPMENT_NUMBERS, SHIPMENT_TEXTS, Layer, Percentages, Promotion, TextEntry,
)
from engine._native.basket cimport Basket, Shipment, Text
from engine._native.conditions cimport holds, read_number
from engine._native.money cimport int128, minimum
from engine._native.program cimport Rules
from engine._native.rewards cimport (
    OUT_OF_ROOM, Offer, Outcome, add_share, begin_adjustment, end_adjustment, has_room, new_offer, wanted,
)


cdef Outcome grant_shipping(const Rules* rules, Basket* basket, const Layer* layer, int32_t index) noexcept nogil:
    """Takes the promotion's reward off each shipment for which its condition holds."""
    cdef const Promotion* promotion = &rules.promotions[index]
    cdef int32_t place
    cdef int64_t want, taken
    cdef Shipment* shipment
    cdef Offer offer = new_offer(rules, promotion)
    if not has_room(basket, basket.shipment_count):
        return OUT_OF_ROOM
    begin_adjustment(basket, index)
    basket.adjustments[basket.adjustment_count].on_shipments = True
    for place in range(basket.shipment_count):
        shipment = &basket.shipments[place]
        if not (shipment.chosen and offers(rules, basket, promotion, place, &offer)):
            continue
        want = wanted(&offer, shipment.charge if layer.percentages == Percentages.COMPOUNDING else shipment.entered)
        taken = minimum(want, shipment.charge)
        offer.wanted += <int128>want
        if taken:
            shipment.charge -= taken
            add_share(basket, place, taken)
    return end_adjustment(basket, &offer)


cdef bint offers(
    const Rules* rules, Basket* basket, const Promotion* promotion, int32_t place, Offer* offer
) noexcept nogil:
    """Whether the promotion is meant for the shipment; reads its number."""
    basket.facts.numbers[<int>SHIPMENT] = &basket.shipment_numbers[place * SHIPMENT_NUMBERS]
    basket.facts.texts[<int>SHIPMENT] = &basket.shipment_texts[place * SHIPMENT_TEXTS]
    return (
        names_method(rules, promotion, basket.facts.texts[<int>SHIPMENT][<int>SHIPMENT_METHOD])
        and holds(rules, &basket.facts, promotion.condition)
        and read_number(rules, &basket.facts, promotion.number, &offer.number)
    )


cdef bint names_method(const Rules* rules, const Promotion* promotion, Text method) noexcept nogil:
    """A promotion that names no method means all of them."""
    cdef int32_t index
    cdef const TextEntry* entry
    for index in rules.methods[promotion.first_method:promotion.first_method + promotion.method_count]:
        entry = &rules.texts[index]
        if entry.length == method.length and not memcmp(rules.text_bytes + entry.offset, method.start, method.length):
            return True
    return promotion.method_count == 0
