"""Bounds that need no search, and what is granted when there are too many promotions (docs/search.md).

No set takes more of a column than its room, nor more than the caps of all candidates on it.
"""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from engine._native.artifact cimport GOODS_REWARDS, SHIPPING_REWARDS
from engine._native.basket cimport Adjustment, Basket, Line, Shipment, room_of
from engine._native.bits cimport contains
from engine._native.money cimport maximum, minimum
from engine._native.program cimport Rules
from engine._native.search.appraisal cimport appraise
from engine._native.search.candidates cimport COST_CAP, Candidate, Cap, Search, caps_of
from engine._native.without_money cimport value_of


cdef int64_t bound_by_rooms(const Rules* rules, Basket* basket) noexcept nogil:
    """The most that any set of the candidates saves: of each column its room or the sum of all caps, whichever is less,
    and what those are valued at that take no money.
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
            search.work += COST_CAP * candidate.cap_count
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
    """The room of all lines and shipments."""
    cdef int64_t total = 0
    cdef const Line* line
    cdef const Shipment* shipment
    for line in basket.lines[:basket.line_count]:
        total += room_of(line)
    for shipment in basket.shipments[:basket.shipment_count]:
        total += shipment.charge
    return total


cdef inline bint takes_money(const Rules* rules, int32_t promotion) noexcept nogil:
    """Whether it takes money off lines or shipping; others count by the value of what they grant."""
    cdef int family = rules.promotions[promotion].family
    return family == GOODS_REWARDS or family == SHIPPING_REWARDS


cdef void grant_unsearched(
    const Rules* rules, Basket* basket, const int32_t* promotions, int32_t count, const int32_t* granted,
    int32_t granted_count
) noexcept nogil:
    """Grants the compatible promotions of a given list, and bounds any set of all promotions by their rooms."""
    cdef Search* search = &basket.search
    cdef Candidate* candidate = search.candidates
    cdef int64_t points = 0
    cdef int32_t index, layer = 0
    search.granted_count = 0
    for index in granted[:granted_count]:
        if contains(basket.reachable, index):
            search.granted[search.granted_count] = index
            search.granted_count += 1
    search.unsearched = most_of_goods(basket)
    for index in promotions[:count]:
        while index >= rules.layers[layer].first_promotion + rules.layers[layer].promotion_count:
            layer += 1
            points = 0
        if contains(basket.reachable, index) and not takes_money(rules, index):
            candidate.promotion = index
            candidate.layer = layer
            if appraise(rules, basket, 0, 0, points):
                points += candidate.most.points
                search.unsearched += candidate.most.saving


cdef void add_unsearched_gap(const Rules* rules, Basket* basket, int32_t first) noexcept nogil:
    """When no sets were tried, adds to ``gap`` what others may save beyond the adjustments from the first on."""
    cdef Search* search = &basket.search
    cdef const Adjustment* adjustment
    cdef int64_t more = search.unsearched
    if more < 0:
        return
    for adjustment in basket.adjustments[first:basket.adjustment_count]:
        more -= adjustment.amount + value_of(rules, basket, adjustment)
    search.gap += maximum(0, more)
    search.optimal = False
