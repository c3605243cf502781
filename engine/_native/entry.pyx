"""A layer begins: what its conditions and numbers read is what earlier layers left (docs/pricing.md §6)."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.artifact cimport (
    CART, CART_SEGMENT, CART_SHIPPING, GIFT_REWARDS, LINES, MERCHANDISE, SHIPMENT_PRICE, SUBTOTAL, WEIGHT, Layer,
    LayerKind,
)
from engine._native.basket cimport (
    Basket, KeptLine, Number, Shipment, facts_of_row, facts_of_segment, facts_of_shipment, lines_of_row,
    lines_of_shipment,
)
from engine._native.bits cimport Walk, next_member, walk_through
from engine._native.money cimport add_overflows
from engine._native.program cimport Rules
from engine._native.runs cimport enter_lines
from engine._native.without_money cimport weight_of_gifts


cdef void enter_layer(const Rules* rules, Basket* basket, const Layer* layer) noexcept nogil:
    """Fixes what the conditions and numbers of the layer read: what earlier layers left."""
    cdef int32_t index
    enter_lines(basket)
    if layer.kind == LayerKind.SHIPPING:
        for index in range(basket.shipment_count):
            facts_of_shipment(basket, index)[<int>SUBTOTAL].value = subtotal_of(
                basket, lines_of_shipment(basket, index)
            )
    enter_rates(basket)
    if rules.counts[<int>GIFT_REWARDS]:
        enter_gifts(rules, basket)


cdef void begin_subtotals(Basket* basket) noexcept nogil:
    """Subtotals of segments and shipments before the first layer: their lines as sent."""
    cdef int32_t place
    cdef Number* numbers
    for place in basket.read_rows[:basket.read_row_count]:
        numbers = facts_of_row(&basket.facts, place)
        numbers[<int>SUBTOTAL].value = numbers[<int>MERCHANDISE].value
    for place in range(basket.shipment_count):
        numbers = facts_of_shipment(basket, place)
        numbers[<int>SUBTOTAL].value = numbers[<int>MERCHANDISE].value


cdef void enter_rates(Basket* basket) noexcept nogil:
    """What is left of each shipping rate, and of all."""
    cdef int32_t index
    cdef Shipment* shipment
    basket.shipping = 0
    for index in range(basket.shipment_count):
        shipment = &basket.shipments[index]
        shipment.entered = shipment.charge
        facts_of_shipment(basket, index)[<int>SHIPMENT_PRICE].value = shipment.charge
        basket.shipping += shipment.charge
    basket.facts.numbers[<int>CART][<int>CART_SHIPPING].value = basket.shipping


cdef void enter_gifts(const Rules* rules, Basket* basket) noexcept nogil:
    """Gifts of earlier layers add to the weight of the cart, and of its only shipment."""
    cdef Number weight
    weight.present = basket.weight >= 0 and not add_overflows(
        basket.weight, weight_of_gifts(rules, basket), &weight.value
    )
    if not weight.present:
        weight.value = 0
    if rules.segments[CART_SEGMENT].read:
        facts_of_segment(&basket.facts, CART_SEGMENT)[<int>WEIGHT] = weight
    if basket.shipment_count == 1:
        basket.shipment_numbers[<int>WEIGHT] = weight


cdef void enter_subtotals(Basket* basket, const KeptLine* lines) noexcept nogil:
    """Subtotals of segments and shipments: of lines as they entered the layer, or as they are."""
    cdef int32_t place
    cdef Number* numbers
    basket.kept.subtotal = basket.subtotal
    for place in basket.read_rows[:basket.read_row_count]:
        numbers = facts_of_row(&basket.facts, place)
        numbers[<int>SUBTOTAL].value = entered(basket, lines, numbers, lines_of_row(basket, place))
    for place in range(basket.shipment_count):
        numbers = facts_of_shipment(basket, place)
        numbers[<int>SUBTOTAL].value = entered(basket, lines, numbers, lines_of_shipment(basket, place))


cdef inline int64_t entered(
    const Basket* basket, const KeptLine* lines, const Number* numbers, const uint64_t* members
) noexcept nogil:
    """The subtotal of the lines of a group as they enter the layer; that of all lines is known."""
    cdef int64_t subtotal = 0
    cdef Walk walk = walk_through(members, basket.word_count)
    cdef int32_t index
    if numbers[<int>LINES].value == basket.line_count:
        return basket.subtotal
    if lines == NULL:
        return subtotal_of(basket, members)
    while next_member(&walk, &index):
        subtotal += lines[index].subtotal
    return subtotal


cdef int64_t subtotal_of(const Basket* basket, const uint64_t* members) noexcept nogil:
    cdef int64_t subtotal = 0
    cdef Walk walk = walk_through(members, basket.word_count)
    cdef int32_t index
    while next_member(&walk, &index):
        subtotal += basket.lines[index].subtotal
    return subtotal
