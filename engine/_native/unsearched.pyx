# Everything here is C: see unsearched.pxd.
"""What no search finds out: the most that any set saves, and what is granted of too many (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from engine._native.appraisal cimport appraise
from engine._native.artifact cimport GOODS_REWARDS, SHIPPING_REWARDS
from engine._native.basket cimport Adjustment, Basket, Line, Shipment, room_of
from engine._native.bits cimport is_in
from engine._native.candidates cimport OF_CAP, Candidate, Cap, Search, caps_of
from engine._native.money cimport maximum, minimum
from engine._native.program cimport Rules
from engine._native.without_money cimport value_of


cdef int64_t most_of_all(const Rules* rules, Basket* basket) noexcept nogil:
    """What any set of the candidates saves at most: of lines and rates what these have room for, no more than all may
    take of them, and what those are worth that take no money.
    """
    cdef Search* search = &basket.search
    cdef const Candidate* candidate
    cdef const Cap* cap
    cdef int64_t total = 0
    cdef int32_t index
    cdef bint listed = True
    memset(search.sums, 0, (basket.line_count + basket.shipment_count) * sizeof(int64_t))
    for candidate in search.candidates[:search.count]:
        if not takes_money(rules, candidate.promotion):
            total += candidate.most.saving
        elif candidate.cap_count < 0:
            listed = False
        else:
            search.work += OF_CAP * candidate.cap_count
            for cap in caps_of(search, candidate)[:candidate.cap_count]:
                search.sums[cap.column] += cap.amount
    if not listed:
        return total + most_of_goods(basket)
    for index in range(basket.line_count):
        total += minimum(search.sums[index], room_of(&basket.lines[index]))
    for index in range(basket.shipment_count):
        total += minimum(search.sums[basket.line_count + index], basket.shipments[index].charge)
    return total


cdef int64_t most_of_goods(const Basket* basket) noexcept nogil:
    """What lines and rates have room for."""
    cdef int64_t total = 0
    cdef const Line* line
    cdef const Shipment* shipment
    for line in basket.lines[:basket.line_count]:
        total += room_of(line)
    for shipment in basket.shipments[:basket.shipment_count]:
        total += shipment.charge
    return total


cdef inline bint takes_money(const Rules* rules, int32_t promotion) noexcept nogil:
    """Whether it saves what it takes of lines and rates; the others save what they are worth."""
    cdef int family = rules.promotions[promotion].family
    return family == GOODS_REWARDS or family == SHIPPING_REWARDS


cdef void leave_unsearched(
    const Rules* rules, Basket* basket, const int32_t* promotions, int32_t count, const int32_t* granted,
    int32_t granted_count
) noexcept nogil:
    """Of more promotions than are searched among some are granted, as ``all`` does, as far as they go together. Says
    what any set of all saves at most.
    """
    cdef Search* search = &basket.search
    cdef Candidate* candidate = search.candidates
    cdef int64_t points = 0
    cdef int32_t index, layer = 0
    search.granted_count = 0
    for index in granted[:granted_count]:
        if is_in(basket.reachable, index):
            search.granted[search.granted_count] = index
            search.granted_count += 1
    search.unsearched = most_of_goods(basket)
    for index in promotions[:count]:
        while index >= rules.layers[layer].first_promotion + rules.layers[layer].promotion_count:
            layer += 1
            points = 0
        if is_in(basket.reachable, index) and not takes_money(rules, index):
            candidate.promotion = index
            candidate.layer = layer
            if appraise(rules, basket, 0, 0, points):
                points += candidate.most.points
                search.unsearched += candidate.most.saving


cdef void settle_unsearched(const Rules* rules, Basket* basket, int32_t first) noexcept nogil:
    """Says what other sets may save beyond the adjustments from the first on, when none were tried."""
    cdef Search* search = &basket.search
    cdef const Adjustment* adjustment
    cdef int64_t more = search.unsearched
    if more < 0:
        return
    for adjustment in basket.adjustments[first:basket.adjustment_count]:
        more -= adjustment.amount + value_of(rules, basket, adjustment)
    search.gap += maximum(0, more)
    search.optimal = False
