"""Running the layers of a rule set over a basket (docs/pricing.md §6). No Python object is touched, no memory
allocated.
"""

from libc.stdint cimport int32_t, int64_t

from engine._native.artifact cimport EXCLUSIVE_CART, LAYERS, Combine, Layer, Promotion
from engine._native.basket cimport Adjustment, Ask, Basket, LayerResult, Shipment, Totals
from engine._native.best_per_line cimport grant_best_per_line
from engine._native.compatibility cimport clear_applied, displacing, is_compatible, note_applied
from engine._native.entry cimport begin_subtotals, enter_layer, enter_rates
from engine._native.following cimport ask_layer, begin_again, end_again, enter_again, grant_asked_layer, make_all_dirty
from engine._native.granting cimport grant, grant_alone
from engine._native.program cimport Rules
from engine._native.rewards cimport DISPLACED, GRANTED, NOT_BEST, OUT_OF_ROOM, Outcome
from engine._native.runs cimport enter_lines, unpack_lines
from engine._native.search.candidates cimport Search
from engine._native.search.tree cimport search_layer, search_layers
from engine._native.search.unsearched cimport add_unsearched_gap


cdef struct Queue:
    # Promotions still to be tried, by rising index.
    const int32_t* next
    const int32_t* end


cdef bint price_basket(const Rules* rules, Basket* basket) noexcept nogil:
    """Prices the basket as loaded; False when it has too little room, and then nothing of the result holds.

    The first strict promotion that has an effect, alone, is the whole answer. Nothing applies to an empty cart.
    """
    cdef int32_t index, other
    cdef bint kept = basket.kept.good and basket.strict_count == 0
    reset_searches(basket)
    basket.kept.good = basket.kept.keeps = False
    basket.kept.whole = True
    basket.kept.times += 1
    if basket.line_count == 0:
        return run_layers(rules, basket, basket.candidates, 0, False)
    for index in range(basket.strict_count):
        if not run_layers(rules, basket, &basket.strict[index], 1, False):
            return False
        if basket.adjustment_count:
            for other in basket.strict[index + 1:basket.strict_count]:
                basket.outcomes[other] = DISPLACED
            for other in basket.candidates[:basket.candidate_count]:
                basket.outcomes[other] = DISPLACED
            return True
        # A strict promotion without effect leaves no trace.
        reset_searches(basket)
    if rules.rule_set.selects_globally:
        return price_globally(rules, basket)
    if not basket.kept.wanted:
        return run_layers(rules, basket, basket.candidates, basket.candidate_count, False)
    basket.kept.good = kept
    if kept and run_again(rules, basket):
        return True
    # What was kept does not fit how promotions displace each other now.
    reset_searches(basket)
    return run_again(rules, basket)


cdef void add_up(Basket* basket) noexcept nogil:
    """Sums up the priced basket."""
    cdef const Shipment* shipment
    cdef const Adjustment* adjustment
    cdef Totals totals = Totals(0, 0, 0, 0)
    for shipment in basket.shipments[:basket.shipment_count]:
        totals.shipping_price += shipment.price
        totals.shipping += shipment.charge
    for adjustment in basket.adjustments[:basket.adjustment_count]:
        totals.points += adjustment.points
        totals.credit += adjustment.credit
    basket.totals = totals


cdef void reset_searches(Basket* basket) noexcept nogil:
    basket.search.nodes = basket.search.gap = 0
    basket.search.optimal = True


cdef bint price_globally(const Rules* rules, Basket* basket) noexcept nogil:
    """The best set of the promotions of all layers, searched from the layered answer; False when there is too little
    room.
    """
    cdef Search* search = &basket.search
    cdef int32_t index
    if not run_layers(rules, basket, basket.candidates, basket.candidate_count, False):
        return False
    search.layered_count = basket.adjustment_count
    for index in range(search.layered_count):
        search.layered[index] = basket.adjustments[index].promotion
    # The gap is that of the search over all layers, not the sum over layers.
    search.gap = 0
    search.optimal = True
    begin_cart(rules, basket)
    if not search_layers(rules, basket):
        return False
    if not run_layers(rules, basket, search.granted, search.granted_count, True):
        return False
    add_unsearched_gap(rules, basket, 0)
    if basket.explains:
        note_displaced(rules, basket, basket.candidates, basket.candidates + basket.candidate_count)
    return True


cdef void begin_cart(const Rules* rules, Basket* basket) noexcept nogil:
    """Nothing is granted."""
    unpack_lines(basket)
    begin_grants(rules, basket)


cdef void begin_grants(const Rules* rules, Basket* basket) noexcept nogil:
    cdef Shipment* shipment
    basket.subtotal = basket.merchandise
    basket.changed = False
    begin_subtotals(basket)
    for shipment in basket.shipments[:basket.shipment_count]:
        shipment.charge = shipment.price
        shipment.granted = 0
    enter_rates(basket)
    basket.share_count = 0
    basket.adjustment_count = 0
    basket.first_of_layer = 0
    clear_applied(rules, basket)


cdef bint run_layers(
    const Rules* rules, Basket* basket, const int32_t* promotions, int32_t count, bint found
) noexcept nogil:
    """Prices the basket under these promotions alone; False when it has too little room.

    ``found``: they are the best set, to be granted; else each layer looks for what it grants.
    """
    cdef Queue queue, candidates
    cdef int32_t index
    cdef const Layer* layer
    begin_cart(rules, basket)
    queue.next = promotions
    queue.end = promotions + count
    candidates.next = basket.candidates
    candidates.end = basket.candidates + basket.candidate_count
    for index in range(rules.counts[<int>LAYERS]):
        layer = &rules.layers[index]
        basket.layers[index].first_adjustment = basket.first_of_layer = basket.adjustment_count
        enter_layer(rules, basket, layer)
        if found:
            if basket.explains and not try_alone(rules, basket, layer, &candidates):
                return False
            if not run_layer(rules, basket, layer, &queue):
                return False
        elif not run_as_combined(rules, basket, index, &queue):
            return False
        leave_layer(basket, &basket.layers[index])
    # The runs of each line are its buckets in the quote.
    enter_lines(basket)
    return True


cdef bint run_again(const Rules* rules, Basket* basket) noexcept nogil:
    """Prices the basket under its candidates, and keeps what may hold the next time; False when it has too little room,
    or when something that was kept does not hold: then nothing is.
    """
    cdef Queue queue
    cdef int32_t index
    cdef const Layer* layer
    cdef const int32_t* end
    cdef Ask* asks
    begin_again(rules, basket)
    begin_grants(rules, basket)
    queue.next = basket.candidates
    queue.end = basket.candidates + basket.candidate_count
    for index in range(rules.counts[<int>LAYERS]):
        layer = &rules.layers[index]
        basket.layers[index].first_adjustment = basket.first_of_layer = basket.adjustment_count
        end = end_of(&queue, layer)
        if not enter_again(rules, basket, index, end > queue.next or basket.kept.layers[index].filled):
            return False
        asks = NULL
        if layer.combine == Combine.BEST or layer.combine == Combine.BEST_PER_LINE:
            make_all_dirty(basket, index)
        elif basket.kept.layers[index].takes:
            asks = ask_layer(rules, basket, index, queue.next, end)
        if asks == NULL:
            if not run_as_combined(rules, basket, index, &queue):
                return False
        elif not run_asked(rules, basket, layer, &queue, asks, end):
            return False
        leave_layer(basket, &basket.layers[index])
    end_again(basket)
    return True


cdef inline bint run_as_combined(const Rules* rules, Basket* basket, int32_t index, Queue* queue) noexcept nogil:
    """Grants the promotions of a layer as the layer combines them; False when there is too little room."""
    cdef const Layer* layer = &rules.layers[index]
    if layer.combine == Combine.BEST:
        return run_best(rules, basket, index, queue)
    if layer.combine == Combine.BEST_PER_LINE:
        return run_best_per_line(rules, basket, layer, queue)
    return run_layer(rules, basket, layer, queue)


cdef bint run_best_per_line(const Rules* rules, Basket* basket, const Layer* layer, Queue* queue) noexcept nogil:
    """Grants each line the promotion that takes most of it; False when there is too little room."""
    cdef const int32_t* first = queue.next
    queue.next = end_of(queue, layer)
    return grant_best_per_line(rules, basket, layer, first, <int32_t>(queue.next - first))


cdef const int32_t* end_of(const Queue* queue, const Layer* layer) noexcept nogil:
    """Where the promotions of later layers begin."""
    cdef const int32_t* end = queue.next
    while end < queue.end and end[0] < layer.first_promotion + layer.promotion_count:
        end += 1
    return end


cdef bint run_best(const Rules* rules, Basket* basket, int32_t index, Queue* queue) noexcept nogil:
    """Grants the best set of a layer's promotions; False when there is too little room."""
    cdef const Layer* layer = &rules.layers[index]
    cdef const int32_t* first = queue.next
    cdef Queue best = queue[0]
    if basket.explains and not try_alone(rules, basket, layer, &best):
        return False
    queue.next = end_of(queue, layer)
    if not search_layer(rules, basket, index, first, <int32_t>(queue.next - first)):
        return False
    best.next = basket.search.granted
    best.end = best.next + basket.search.granted_count
    if not run_layer(rules, basket, layer, &best):
        return False
    add_unsearched_gap(rules, basket, basket.first_of_layer)
    if basket.explains:
        note_displaced(rules, basket, first, queue.next)
    return close_if_exclusive(rules, basket, queue)


cdef bint run_asked(
    const Rules* rules, Basket* basket, const Layer* layer, Queue* queue, Ask* asks, const int32_t* end
) noexcept nogil:
    """Grants the layer's promotions, those up to ``end``, which were asked; False as for ``grant_asked_layer``."""
    if not grant_asked_layer(rules, basket, layer, asks, <int32_t>(end - queue.next)):
        return False
    queue.next = end
    return close_if_exclusive(rules, basket, queue)


cdef bint run_layer(const Rules* rules, Basket* basket, const Layer* layer, Queue* queue) noexcept nogil:
    """Grants the layer's promotions in order; False when there is too little room."""
    cdef const Promotion* promotion
    cdef int32_t index, behind = layer.first_promotion + layer.promotion_count
    cdef bint closed = False
    cdef Outcome outcome
    while queue.next < queue.end and queue.next[0] < behind:
        index = queue.next[0]
        queue.next += 1
        promotion = &rules.promotions[index]
        outcome = DISPLACED
        if not closed and is_compatible(rules, basket, promotion):
            outcome = grant(rules, basket, layer, index)
        if outcome == OUT_OF_ROOM:
            return False
        basket.outcomes[index] = outcome
        if outcome == GRANTED:
            note_applied(rules, basket, promotion)
            closed = layer.combine == Combine.FIRST or promotion.exclusive >= 0
            if promotion.exclusive == EXCLUSIVE_CART:
                close_cart(basket, queue)
    return True


cdef bint close_if_exclusive(const Rules* rules, Basket* basket, Queue* queue) noexcept nogil:
    """Closes the cart if the promotion granted last is exclusive to it; False when that cannot be priced again from
    what was kept. Nor is this pricing kept, as lines do not go through the remaining layers.
    """
    cdef int32_t last = basket.adjustment_count - 1
    if last < 0 or rules.promotions[basket.adjustments[last].promotion].exclusive != EXCLUSIVE_CART:
        return True
    close_cart(basket, queue)
    basket.kept.keeps = False
    return basket.kept.whole


cdef void close_cart(Basket* basket, Queue* queue) noexcept nogil:
    """Nothing else applies."""
    while queue.next < queue.end:
        queue.end -= 1
        basket.outcomes[queue.end[0]] = DISPLACED


cdef bint try_alone(const Rules* rules, Basket* basket, const Layer* layer, Queue* queue) noexcept nogil:
    """Finds what stops each promotion alone as the layer begins, NOT_BEST where nothing does; False when there is too
    little room.
    """
    cdef Outcome outcome
    while queue.next < queue.end and queue.next[0] < layer.first_promotion + layer.promotion_count:
        outcome = grant_alone(rules, basket, layer, queue.next[0])
        if outcome == OUT_OF_ROOM:
            return False
        basket.outcomes[queue.next[0]] = NOT_BEST if outcome == GRANTED else outcome
        queue.next += 1
    return True


cdef void note_displaced(
    const Rules* rules, Basket* basket, const int32_t* first, const int32_t* behind
) noexcept nogil:
    """Marks the promotions left out by a search that are not compatible with what applies."""
    while first < behind:
        if basket.outcomes[first[0]] != GRANTED and displacing(rules, basket, first[0]) >= 0:
            basket.outcomes[first[0]] = DISPLACED
        first += 1


cdef inline void leave_layer(Basket* basket, LayerResult* result) noexcept nogil:
    """Whatever adjustments do not take off rates, they take off lines."""
    cdef const Adjustment* adjustment
    cdef const Shipment* shipment
    cdef int64_t amount = 0, shipping = 0
    result.adjustment_count = basket.adjustment_count - result.first_adjustment
    for adjustment in basket.adjustments[result.first_adjustment:basket.adjustment_count]:
        amount += adjustment.amount
    for shipment in basket.shipments[:basket.shipment_count]:
        shipping += shipment.charge
    result.subtotal = basket.subtotal = basket.subtotal - (amount - (basket.shipping - shipping))
    result.shipping = basket.shipping = shipping
