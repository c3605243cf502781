"""Running the layers of a rule set over a basket (docs/pricing.md §6). C only: no Python, no memory asked for."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.artifact cimport (
    CART, CART_SHIPPING, EXCLUSIVE_CART, GROUP_SLOTS, LAYERS, SEGMENT, SEGMENTS, SHIPMENT_NUMBERS, SHIPMENT_PRICE,
    SUBTOTAL, Combine, Layer, LayerKind, Promotion,
)
from engine._native.basket cimport (
    Basket, LayerResult, Number, Shipment, lines_of_segment, lines_of_shipment, lowest_bit,
)
from engine._native.compatibility cimport forget_applied, is_compatible, note_applied
from engine._native.granting cimport grant
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, OUT_OF_ROOM, Outcome
from engine._native.runs cimport enter_lines, unpack_lines
from engine._native.search cimport search_layer


cdef struct Queue:
    # Promotions yet to be tried; their indices rise.
    const int32_t* next
    const int32_t* end


cdef bint price_basket(const Rules* rules, Basket* basket) noexcept nogil:
    """Prices the basket as loaded; False when it has too little room, and then nothing of the result holds.

    The first strict promotion that has an effect, alone, is the whole answer. Nothing applies to an empty cart.
    """
    cdef int32_t index
    if basket.line_count == 0:
        return run_layers(rules, basket, basket.candidates, 0)
    for index in range(basket.strict_count):
        if not run_layers(rules, basket, &basket.strict[index], 1):
            return False
        if basket.adjustment_count:
            return True
    return run_layers(rules, basket, basket.candidates, basket.candidate_count)


cdef bint run_layers(const Rules* rules, Basket* basket, const int32_t* promotions, int32_t count) noexcept nogil:
    """Prices the basket under these promotions alone; False when it has too little room."""
    cdef Queue queue, best
    cdef const int32_t* behind
    cdef int32_t index
    cdef Shipment* shipment
    cdef const Layer* layer
    unpack_lines(basket)
    for shipment in basket.shipments[:basket.shipment_count]:
        shipment.charge = shipment.price
    basket.search.nodes = basket.search.gap = 0
    basket.search.optimal = True
    basket.share_count = 0
    basket.adjustment_count = 0
    forget_applied(rules, basket)
    queue.next = promotions
    queue.end = promotions + count
    for index in range(rules.counts[<int>LAYERS]):
        layer = &rules.layers[index]
        basket.layers[index].first_adjustment = basket.adjustment_count
        enter_layer(rules, basket, layer)
        if layer.combine == Combine.BEST:
            behind = queue.next
            while behind < queue.end and behind[0] < layer.first_promotion + layer.promotion_count:
                behind += 1
            if not search_layer(rules, basket, index, &basket.layers[index], queue.next, behind - queue.next):
                return False
            best.next = basket.search.granted
            best.end = best.next + basket.search.granted_count
            if not run_layer(rules, basket, layer, &basket.layers[index], &best):
                return False
            queue.next = behind
            if is_cart_closed(rules, basket):
                queue.end = behind
        elif not run_layer(rules, basket, layer, &basket.layers[index], &queue):
            return False
        leave_layer(basket, &basket.layers[index])
    # Now the runs of a line are its buckets.
    enter_lines(basket)
    return True


cdef void enter_layer(const Rules* rules, Basket* basket, const Layer* layer) noexcept nogil:
    """Fixes what the conditions and numbers of the layer read: what earlier layers left."""
    cdef int32_t index
    cdef Number* numbers
    cdef Shipment* shipment
    enter_lines(basket)
    for index in range(rules.counts[<int>SEGMENTS]):
        if rules.segments[index].read:
            numbers = &basket.facts.numbers[<int>SEGMENT][index * GROUP_SLOTS]
            numbers[<int>SUBTOTAL].value = subtotal_of(basket, lines_of_segment(basket, index))
    for index in range(basket.shipment_count):
        shipment = &basket.shipments[index]
        shipment.entered = shipment.charge
        if layer.kind == LayerKind.SHIPPING:
            numbers = &basket.shipment_numbers[index * SHIPMENT_NUMBERS]
            numbers[<int>SHIPMENT_PRICE].value = shipment.entered
            numbers[<int>SUBTOTAL].value = subtotal_of(basket, lines_of_shipment(basket, index))
    basket.facts.numbers[<int>CART][<int>CART_SHIPPING].value = shipping(basket)


cdef bint run_layer(
    const Rules* rules, Basket* basket, const Layer* layer, const LayerResult* result, Queue* queue
) noexcept nogil:
    """Grants the layer's promotions in their order; False when the basket lacks room."""
    cdef const Promotion* promotion
    cdef int32_t index, behind = layer.first_promotion + layer.promotion_count
    cdef bint closed = False
    cdef Outcome outcome
    while queue.next < queue.end and queue.next[0] < behind:
        index = queue.next[0]
        queue.next += 1
        promotion = &rules.promotions[index]
        if closed or not is_compatible(rules, basket, result, promotion):
            continue
        outcome = grant(rules, basket, layer, index)
        if outcome == OUT_OF_ROOM:
            return False
        if outcome == GRANTED:
            note_applied(rules, basket, promotion)
            closed = layer.combine == Combine.FIRST or promotion.exclusive >= 0
            if promotion.exclusive == EXCLUSIVE_CART:
                queue.end = queue.next
    return True


cdef bint is_cart_closed(const Rules* rules, const Basket* basket) noexcept nogil:
    cdef int32_t last = basket.adjustment_count - 1
    return last >= 0 and rules.promotions[basket.adjustments[last].promotion].exclusive == EXCLUSIVE_CART


cdef void leave_layer(const Basket* basket, LayerResult* result) noexcept nogil:
    cdef int32_t index
    result.adjustment_count = basket.adjustment_count - result.first_adjustment
    result.shipping = shipping(basket)
    result.subtotal = 0
    for index in range(basket.line_count):
        result.subtotal += basket.lines[index].subtotal


cdef int64_t subtotal_of(const Basket* basket, const uint64_t* members) noexcept nogil:
    cdef int64_t subtotal = 0
    cdef int32_t word
    cdef uint64_t bits
    for word in range(basket.word_count):
        bits = members[word]
        while bits:
            subtotal += basket.lines[word * 64 + lowest_bit(bits)].subtotal
            bits &= bits - 1
    return subtotal


cdef int64_t shipping(const Basket* basket) noexcept nogil:
    cdef int64_t total = 0
    cdef int32_t index
    for index in range(basket.shipment_count):
        total += basket.shipments[index].charge
    return total
