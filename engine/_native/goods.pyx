"""Goods rewards (docs/pricing.md §5): which units one reaches is said here, in buy_get.pyx and in bundle.pyx."""

from libc.stdint cimport int32_t

from engine._native.artifact cimport Layer, Percentages, Promotion, Selection
from engine._native.basket cimport Basket
from engine._native.bundle cimport grant_bundle
from engine._native.buy_get cimport grant_buy_get
from engine._native.conditions cimport holds, read_number
from engine._native.program cimport Rules
from engine._native.rewards cimport (
    GRANTED, NOTHING, OUT_OF_ROOM, Offer, Outcome, begin_adjustment, end_adjustment, has_room, new_offer,
)
from engine._native.runs cimport settle
from engine._native.selection cimport BY_LINE, gather, keep_first, reach, sort
from engine._native.sharing cimport take


cdef Outcome grant_goods(const Rules* rules, Basket* basket, const Layer* layer, int32_t index) noexcept nogil:
    """Takes the promotion's reward off the units it reaches, if its condition holds."""
    cdef const Promotion* promotion = &rules.promotions[index]
    cdef Offer offer = new_offer(rules, promotion)
    cdef Outcome outcome
    if not holds(rules, &basket.facts, promotion.condition):
        return NOTHING
    if not read_number(rules, &basket.facts, promotion.number, &offer.number):
        return NOTHING
    if promotion.up_to >= 0 and not read_number(rules, &basket.facts, promotion.up_to, &offer.cap):
        return NOTHING
    if not has_room(basket, basket.line_count):
        return OUT_OF_ROOM
    reach(rules, basket, promotion)
    if promotion.selection == Selection.UNITS:
        outcome = grant_units(rules, basket, promotion, &offer)
    elif promotion.selection == Selection.BUY_GET:
        outcome = grant_buy_get(rules, basket, promotion, &offer)
    else:
        outcome = grant_bundle(rules, basket, promotion, &offer)
    if outcome != GRANTED:
        return outcome
    begin_adjustment(basket, index)
    settle(basket, layer.percentages == Percentages.COMPOUNDING)
    return end_adjustment(basket, &offer)


cdef Outcome grant_units(const Rules* rules, Basket* basket, const Promotion* promotion, Offer* offer) noexcept nogil:
    """Takes the offer off all units of a segment, or off the first ones in pick order."""
    cdef int32_t quantity = rules.parts[promotion.first_part].quantity
    cdef int32_t count = gather(basket, False, basket.selected)
    if quantity >= 0:
        sort(basket.selected, count, promotion.pick)
        count = keep_first(basket.selected, count, quantity)
        sort(basket.selected, count, BY_LINE)
    return take(basket, offer, promotion.per, count, 1, False)
