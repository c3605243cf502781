"""What a cart may hold (engine/pricing/validation.py), and whether the parts of a sent cart are consistent."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Text, same
from engine._native.money cimport MAX_AMOUNT
from engine._native.ordering cimport index_of, sorted_index_of
from engine._native.program cimport Rules, constant_text
from engine._native.sent cimport SECOND, SentCart, SentLine, SentRate, SentShipment
from engine._native.store cimport SentStore

from engine.pricing.validation import FIRST_MOMENT, LAST_MOMENT, MAX_COUNT, MAX_QUANTITY, MAX_WEIGHT, Limits


cdef int take_allowed() except -1:
    limits = Limits()
    allowed.lines = limits.lines
    allowed.shipments = limits.shipments
    allowed.rates = limits.rates
    allowed.coupons = limits.coupons
    allowed.declined = limits.declined_promotions
    allowed.usage = limits.usage
    allowed.coupon_facts = limits.coupon_facts
    allowed.segments = limits.segments
    allowed.tags = limits.tags
    allowed.attributes = limits.attributes
    allowed.text = limits.text
    allowed.quantity = MAX_QUANTITY
    allowed.weight = MAX_WEIGHT
    allowed.count = MAX_COUNT
    allowed.first_second = FIRST_MOMENT // SECOND
    allowed.last_second = LAST_MOMENT // SECOND
    return 0


take_allowed()


cdef int32_t currency_of(const Rules* rules, Text code) noexcept:
    """Its index among the currencies of the rule set; -1 when it is none of them."""
    cdef int32_t index
    for index in range(rules.currency_count):
        if same(constant_text(rules, rules.currencies[index].code), code):
            return index
    return -1


cdef int32_t shipment_of(const SentCart* cart, Text shipment_id) noexcept:
    """The index of a shipment; -1 when there is none."""
    return sorted_index_of(cart.shipments, cart.shipment_count, sizeof(SentShipment), shipment_id)


cdef const SentRate* chosen_rate(const SentCart* cart, const SentShipment* shipment) noexcept:
    """NULL when no method is chosen, or it has no rate."""
    cdef const SentRate* rates = &cart.rates[shipment.rates.first]
    cdef int32_t index = -1
    if shipment.method.start != NULL:
        index = index_of(rates, shipment.rates.count, sizeof(SentRate), shipment.method)
    return &rates[index] if index >= 0 else NULL


cdef bint sum_up_goods(SentStore store) noexcept:
    """Sums up all lines in ``store.goods``, gifts sent back included; False when that is more than an amount may be."""
    cdef const SentLine* line
    cdef int64_t goods = 0, amount
    for line in store.cart.lines[:store.cart.line_count]:
        if is_too_much(line.price, line.quantity, &amount):
            return False
        goods += amount
    store.goods = goods
    return goods <= <int64_t>MAX_AMOUNT


cdef bint shipments_fit(const SentCart* cart) noexcept:
    """Whether each chosen method has a rate, and these add up to no more than an amount may be."""
    cdef const SentShipment* shipment
    cdef const SentRate* rate
    cdef int64_t chosen = 0
    for shipment in cart.shipments[:cart.shipment_count]:
        rate = chosen_rate(cart, shipment)
        if rate != NULL:
            chosen += rate.price
        elif shipment.method.start != NULL:
            return False
    return chosen <= <int64_t>MAX_AMOUNT


cdef bint lines_are_shipped(const SentCart* cart) noexcept:
    """Whether each line names no shipment, or one of the cart's."""
    cdef const SentLine* line
    for line in cart.lines[:cart.line_count]:
        if line.shipment_id.start != NULL and shipment_of(cart, line.shipment_id) < 0:
            return False
    return True
