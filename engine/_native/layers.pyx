"""Running the layers of a rule set over a basket (docs/pricing.md §6). C only: no Python, no memory asked for."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.artifact cimport (
    CART, CART_SHIPPING, EXCLUSIVE_CART, GIFT_REWARDS, GROUP_SLOTS, LAYERS, SEGMENT, SEGMENTS, SHIPMENT_NUMBERS,
    SHIPMENT_PRICE, SUBTOTAL, WEIGHT, Combine, Layer, LayerKind, Promotion,
)
from engine._native.basket cimport (
    Basket, LayerResult, Number, Shipment, lines_of_segment, lines_of_shipment, lowest_bit,
)
from engine._native.compatibility cimport displacing, forget_applied, is_compatible, note_applied
from engine._native.granting cimport grant, grant_alone
from engine._native.money cimport add_overflows
from engine._native.program cimport Rules
from engine._native.rewards cimport DISPLACED, GRANTED, NOT_BEST, OUT_OF_ROOM, Outcome
from engine._native.runs cimport enter_lines, unpack_lines
from engine._native.search cimport search_layer
from engine._native.without_money cimport weight_of_gifts


cdef enum:
    CART_SEGMENT = 0


cdef struct Queue:
    # Promotions yet to be tried; their indices rise.
    const int32_t* next
    const int32_t* end


cdef bint price_basket(const Rules* rules, Basket* basket) noexcept nogil:
    """Prices the basket as loaded; False when it has too little room, and then nothing of the result holds.

    The first strict promotion that has an effect, alone, is the whole answer. Nothing applies to an empty cart.
    """
    cdef int32_t index, other
    if basket.line_count == 0:
        return run_layers(rules, basket, basket.candidates, 0)
    for index in range(basket.strict_count):
        if not run_layers(rules, basket, &basket.strict[index], 1):
            return False
        if basket.adjustment_count:
            for other in basket.strict[index + 1:basket.strict_count]:
                basket.outcomes[other] = DISPLACED
            for other in basket.candidates[:basket.candidate_count]:
                basket.outcomes[other] = DISPLACED
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
        basket.layers[index].first_adjustment = basket.first_of_layer = basket.adjustment_count
        enter_layer(rules, basket, layer)
        if layer.combine == Combine.BEST:
            behind = queue.next
            while behind < queue.end and behind[0] < layer.first_promotion + layer.promotion_count:
                behind += 1
            if not search_layer(rules, basket, index, queue.next, behind - queue.next):
                return False
            if basket.explains and not try_alone(rules, basket, layer, queue.next, behind):
                return False
            best.next = basket.search.granted
            best.end = best.next + basket.search.granted_count
            if not run_layer(rules, basket, layer, &best):
                return False
            if basket.explains:
                note_displaced(rules, basket, queue.next, behind)
            queue.next = behind
            if is_cart_closed(rules, basket):
                close_cart(basket, &queue)
        elif not run_layer(rules, basket, layer, &queue):
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
    if rules.counts[<int>GIFT_REWARDS]:
        enter_weight(rules, basket)


cdef void enter_weight(const Rules* rules, Basket* basket) noexcept nogil:
    """The gifts of earlier layers are in the cart, and in its only shipment."""
    cdef Number weight
    weight.present = basket.weight >= 0 and not add_overflows(
        basket.weight, weight_of_gifts(rules, basket), &weight.value
    )
    if not weight.present:
        weight.value = 0
    if rules.segments[CART_SEGMENT].read:
        basket.facts.numbers[<int>SEGMENT][CART_SEGMENT * GROUP_SLOTS + <int>WEIGHT] = weight
    if basket.shipment_count == 1:
        basket.shipment_numbers[<int>WEIGHT] = weight


cdef bint run_layer(const Rules* rules, Basket* basket, const Layer* layer, Queue* queue) noexcept nogil:
    """Grants the layer's promotions in their order; False when the basket lacks room."""
    cdef const Promotion* promotion
    cdef int32_t index, behind = layer.first_promotion + layer.promotion_count
    cdef bint closed = False
    cdef Outcome outcome
    while queue.next < queue.end and queue.next[0] < behind:
        index = queue.next[0]
        queue.next += 1
        promotion = &rules.promotions[index]
        if closed or not is_compatible(rules, basket, promotion):
            basket.outcomes[index] = DISPLACED
            continue
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


cdef void close_cart(Basket* basket, Queue* queue) noexcept nogil:
    """Nothing else applies."""
    while queue.next < queue.end:
        queue.end -= 1
        basket.outcomes[queue.end[0]] = DISPLACED


cdef bint try_alone(
    const Rules* rules, Basket* basket, const Layer* layer, const int32_t* first, const int32_t* behind
) noexcept nogil:
    """Finds what stops each promotion alone, as the layer begins, NOT_BEST where nothing does; False without room."""
    cdef Outcome outcome
    while first < behind:
        outcome = grant_alone(rules, basket, layer, first[0])
        if outcome == OUT_OF_ROOM:
            return False
        basket.outcomes[first[0]] = NOT_BEST if outcome == GRANTED else outcome
        first += 1
    return True


cdef void note_displaced(
    const Rules* rules, Basket* basket, const int32_t* first, const int32_t* behind
) noexcept nogil:
    """Those left out by a search that do not go together with what applies."""
    while first < behind:
        if basket.outcomes[first[0]] != GRANTED and displacing(rules, basket, first[0]) >= 0:
            basket.outcomes[first[0]] = DISPLACED
        first += 1


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
