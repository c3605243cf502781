"""Mutations of shipments, coupons, the customer and facts of the cart, read from the wire and applied to a sent cart.
"""

from libc.stdint cimport INT64_MAX, int32_t, uint32_t
from libc.string cimport memset

from engine._native.artifact cimport CART
from engine._native.basket cimport Text, same
from engine._native.checking cimport allowed, chosen_rate, shipment_of
from engine._native.edits cimport (
    COUPONS_CHANGED, CUSTOMER_CHANGED, DECLINED_CHANGED, FACTS_CHANGED, MOMENT_CHANGED, SHIPMENTS_CHANGED,
    USAGE_CHANGED, Edits,
)
from engine._native.ordering cimport index_of, lower_bound
from engine._native.program cimport Rules
from engine._native.sent cimport SentAttribute, SentCart, SentCouponFact, SentRate, SentShipment, SentUsage, Slice
from engine._native.store cimport Record, SentStore, new_attribute, new_text
from engine._native.wire.octets cimport (
    BYTES_1, BYTES_2, BYTES_5, BYTES_6, BYTES_7, BYTES_8, BYTES_9, BYTES_10, BYTES_11, BYTES_12, BYTES_13, BYTES_14,
    BYTES_16, BYTES_17, BYTES_18, Octets, next_tag, read_any_text, skip_field, text_between,
)
from engine._native.wire.reading cimport (
    read_attribute_fields, read_attribute_value, read_coupon_fact, read_customer, read_list, read_moment, read_shipment,
    read_usage,
)


cdef Octets apply_to_cart(
    SentStore store, const Rules* rules, uint32_t tag, Octets at, Octets end, Edits edits
) except? NULL:
    if tag == BYTES_5:
        return attach_coupon(store, at, end, edits)
    if tag == BYTES_6:
        return detach_coupon(store, at, end, edits)
    if tag == BYTES_8:
        return set_shipment(store, at, end, edits)
    if tag == BYTES_9:
        return remove_shipment(store, at, end, edits)
    if tag == BYTES_10:
        return choose_rate(store, at, end, edits)
    if tag == BYTES_14:
        return set_usage(store, at, end, edits)
    if tag == BYTES_18:
        return set_coupon_fact(store, at, end, edits)
    return set_fact(store, rules, tag, at, end, edits)


cdef Octets set_fact(
    SentStore store, const Rules* rules, uint32_t tag, Octets at, Octets end, Edits edits
) except? NULL:
    """A fact of the customer, or of the cart as a whole."""
    cdef SentCart* cart = &store.cart
    if tag == BYTES_13:
        edits.changed |= MOMENT_CHANGED
        return read_moment(at, end, cart)
    edits.refers = True
    if tag == BYTES_7:
        edits.changed |= CUSTOMER_CHANGED
        return read_customer(store, rules, at, end, &cart.customer)
    if tag == BYTES_17:
        edits.changed |= CUSTOMER_CHANGED
        memset(&cart.customer, 0, sizeof(cart.customer))
        return skip_fields(at, end)
    if tag == BYTES_16:
        edits.changed |= DECLINED_CHANGED
        return set_declined(store, at, end)
    edits.changed |= FACTS_CHANGED
    if tag == BYTES_11:
        return text_between(at, end, allowed.text, &cart.payment_method)
    if tag == BYTES_12:
        return text_between(at, end, allowed.text, &cart.channel)
    return set_attribute(store, rules, at, end)


cdef Octets set_shipment(SentStore store, Octets at, Octets end, Edits edits) except? NULL:
    cdef SentCart* cart = &store.cart
    cdef int32_t place
    cdef SentShipment shipment
    if read_shipment(store, at, end, &shipment) == NULL:
        return NULL
    place = lower_bound(cart.shipments, cart.shipment_count, sizeof(SentShipment), shipment.id)
    if not edits.put(
        store, Record.SHIPMENT, shipment_of(cart, shipment.id), place, allowed.shipments, &shipment
    ):
        return NULL
    edits.changed |= SHIPMENTS_CHANGED
    edits.refers = True
    return end


cdef Octets remove_shipment(SentStore store, Octets at, Octets end, Edits edits) except? NULL:
    cdef SentCart* cart = &store.cart
    cdef int32_t index
    cdef Text shipment_id
    if text_between(at, end, INT64_MAX, &shipment_id) == NULL:
        return NULL
    index = shipment_of(cart, shipment_id)
    if index < 0:
        return NULL
    edits.remove(store, Record.SHIPMENT, index)
    edits.changed |= SHIPMENTS_CHANGED
    return end


cdef Octets choose_rate(SentStore store, Octets at, Octets end, Edits edits) except? NULL:
    cdef SentCart* cart = &store.cart
    cdef Text shipment_id = Text(NULL, 0), method = Text(NULL, 0)
    cdef SentShipment shipment
    cdef const SentRate* rate
    cdef uint32_t tag
    cdef int32_t index
    while next_tag(&at, end, &tag):
        if tag == BYTES_1:
            at = read_any_text(at, end, &shipment_id)
        elif tag == BYTES_2:
            at = read_any_text(at, end, &method)
        else:
            at = skip_field(at, end, tag)
    index = shipment_of(cart, shipment_id)
    if at == NULL or index < 0:
        return NULL
    shipment = cart.shipments[index]
    shipment.method = method
    rate = chosen_rate(cart, &shipment)
    if rate != NULL:
        # Of the same text, but not in the request.
        shipment.method = rate.method
    elif method.start != NULL:
        return NULL
    edits.replace(store, Record.SHIPMENT, index, &shipment)
    edits.changed |= SHIPMENTS_CHANGED
    return end


cdef Octets attach_coupon(SentStore store, Octets at, Octets end, Edits edits) except? NULL:
    cdef SentCart* cart = &store.cart
    cdef Text code
    if text_between(at, end, allowed.text, &code) == NULL:
        return NULL
    if coupon_of(cart, code) >= 0:
        return end
    if cart.coupons.count == allowed.coupons:
        return NULL
    move_other_coupons(store, code)
    code.start = <const char*>at  # in a list an empty text counts
    new_text(store)[0] = code
    cart.coupons.count += 1
    edits.changed |= COUPONS_CHANGED
    edits.refers = True
    return end


cdef Octets detach_coupon(SentStore store, Octets at, Octets end, Edits edits) except? NULL:
    cdef Text code
    if text_between(at, end, INT64_MAX, &code) == NULL or coupon_of(&store.cart, code) < 0:
        return NULL
    move_other_coupons(store, code)
    edits.changed |= COUPONS_CHANGED
    return end


cdef int move_other_coupons(SentStore store, Text code) except -1:
    """Copies all codes but this one to the end of the texts, where more may be added."""
    cdef SentCart* cart = &store.cart
    cdef Text* place
    cdef int32_t index, first = cart.coupons.first, count = cart.coupons.count
    cart.coupons = Slice(cart.text_count, 0)
    store.stale_size += count * sizeof(Text)
    for index in range(first, first + count):
        if not same(cart.texts[index], code):
            place = new_text(store)
            place[0] = cart.texts[index]
            cart.coupons.count += 1
    return 0


cdef int32_t coupon_of(const SentCart* cart, Text code) noexcept:
    return index_of(&cart.texts[cart.coupons.first], cart.coupons.count, sizeof(Text), code)


cdef Octets set_usage(SentStore store, Octets at, Octets end, Edits edits) except? NULL:
    cdef SentUsage usage
    cdef int32_t index
    if read_usage(store, at, end, &usage) == NULL:
        return NULL
    index = store.usage_of(usage.promotion_id)
    if not edits.put(store, Record.USAGE, index, store.cart.usage_count, allowed.usage, &usage):
        return NULL
    if index < 0:
        store.note_usage()
    edits.changed |= USAGE_CHANGED
    edits.refers = True
    return end


cdef Octets set_coupon_fact(SentStore store, Octets at, Octets end, Edits edits) except? NULL:
    cdef SentCart* cart = &store.cart
    cdef SentCouponFact fact
    cdef int32_t index
    if read_coupon_fact(at, end, &fact) == NULL:
        return NULL
    index = index_of(cart.coupon_facts, cart.coupon_fact_count, sizeof(SentCouponFact), fact.code)
    if not edits.put(store, Record.COUPON_FACT, index, cart.coupon_fact_count, allowed.coupon_facts, &fact):
        return NULL
    edits.changed |= COUPONS_CHANGED
    edits.refers = True
    return end


cdef Octets set_declined(SentStore store, Octets at, Octets end) except? NULL:
    cdef SentCart* cart = &store.cart
    cdef uint32_t tag
    cart.declined.count = 0
    while next_tag(&at, end, &tag):
        if tag == BYTES_1:
            at = read_list(store, tag, at, end, allowed.declined, &cart.declined)
        else:
            at = skip_field(at, end, tag)
    return at


cdef Octets set_attribute(SentStore store, const Rules* rules, Octets at, Octets end) except? NULL:
    """Copies the attributes to the end of the array, with the new value or without the attribute."""
    cdef SentCart* cart = &store.cart
    cdef Octets value, value_end = NULL
    cdef SentAttribute sent
    cdef SentAttribute* place
    cdef int32_t index, first = cart.own_attributes.first, count = cart.own_attributes.count
    at = read_attribute_fields(at, end, False, &sent.name, &value, &value_end)
    if at == NULL or sent.name.length == 0:
        return NULL
    if value != NULL and read_attribute_value(rules, CART, value, value_end, &sent) == NULL:
        return NULL
    cart.own_attributes = Slice(cart.attribute_count, 0)
    store.stale_size += count * sizeof(SentAttribute)
    for index in range(first, first + count):
        if not same(cart.attributes[index].name, sent.name):
            place = new_attribute(store)
            place[0] = cart.attributes[index]
            cart.own_attributes.count += 1
    if value != NULL:
        if cart.own_attributes.count == allowed.attributes:
            return NULL
        new_attribute(store)[0] = sent
        cart.own_attributes.count += 1
    return at


cdef Octets skip_fields(Octets at, Octets end) noexcept:
    cdef uint32_t tag
    while next_tag(&at, end, &tag):
        at = skip_field(at, end, tag)
    return at
