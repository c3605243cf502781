"""Sent carts written to the wire as ``engine.v1.Cart``."""

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from engine._native.artifact cimport Type
from engine._native.basket cimport Text
from engine._native.program cimport Program
from engine._native.sent cimport (
    ABSENT, SentAttribute, SentCart, SentCouponFact, SentCustomer, SentLine, SentRate, SentShipment, SentUsage,
    SentUses, Slice,
)
from engine._native.store cimport SentStore
from engine._native.wire.octets cimport (
    BYTES_1, BYTES_2, BYTES_3, BYTES_4, BYTES_5, BYTES_6, BYTES_7, BYTES_8, BYTES_9, BYTES_10, BYTES_11, BYTES_12,
    BYTES_13, BYTES_15, BYTES_16, VARINT_2, VARINT_3, VARINT_4, VARINT_5, VARINT_6, VARINT_7, VARINT_8, VARINT_14,
    VARINT_15,
)
from engine._native.wire.reading cimport read_octets

cdef enum:
    FIRST_SIZE = 1024


cdef class Output:
    """A buffer filled from its end; reused, with room for the most that was written."""

    def __dealloc__(self):
        free(self.start)
        free(self.start_before)

    cdef void keep(self) noexcept:
        """What was written last stays readable while the next is written."""
        self.start, self.start_before = self.start_before, self.start
        self.end, self.end_before = self.end_before, self.end

    cdef unsigned char* make_room(self, unsigned char* at, int64_t size) except NULL:
        cdef int64_t done = self.end - at, whole = max(2 * (self.end - self.start), done + size, FIRST_SIZE)
        cdef unsigned char* start = <unsigned char*>malloc(whole)
        if start == NULL:
            raise MemoryError
        if done:
            memcpy(start + whole - done, at, done)
        free(self.start)
        self.start = start
        self.end = start + whole
        return self.end - done

    cdef object taken(self):
        """What is written, as Python bytes."""
        return PyBytes_FromStringAndSize(<const char*>self.at, self.end - self.at)


cdef int write_cart(Output output, const SentCart* cart, bint with_moment) except -1:
    """Reads back as the same cart; lines and shipments by id. Without its moment it gets that of the reading."""
    cdef int32_t index
    cdef unsigned char* at = output.end
    for index in range(cart.coupon_fact_count - 1, -1, -1):
        at = put_coupon_fact(output, at, &cart.coupon_facts[index])
    at = room(output, at, 3 * FIELD_ROOM)
    if cart.compare_rates:
        at = put_number(at, VARINT_15, 1)
    if cart.explain:
        at = put_number(at, VARINT_14, 1)
    for index in range(cart.usage_count - 1, -1, -1):
        at = put_usage(output, at, cart, &cart.usage[index])
    if with_moment:
        at = room(output, at, 3 * FIELD_ROOM)
        at = put_moment(at, BYTES_12, cart.second, cart.nanosecond)
    at = put_attributes(output, at, BYTES_11, cart, cart.own_attributes)
    at = put_texts(output, at, BYTES_10, cart, cart.declined)
    at = put_texts(output, at, BYTES_9, cart, cart.coupons)
    at = room(output, at, cart.payment_method.length + cart.channel.length + 2 * FIELD_ROOM)
    at = put_text(at, BYTES_8, &cart.payment_method)
    at = put_text(at, BYTES_7, &cart.channel)
    if cart.customer.present:
        at = put_customer(output, at, cart)
    for index in range(cart.shipment_count - 1, -1, -1):
        at = put_shipment(output, at, cart, &cart.shipments[index])
    for index in range(cart.line_count - 1, -1, -1):
        at = put_line(output, at, cart, &cart.lines[index])
    at = room(output, at, cart.currency.length + cart.rule_set.length + cart.id.length + 3 * FIELD_ROOM)
    at = put_text(at, BYTES_3, &cart.currency)
    at = put_text(at, BYTES_2, &cart.rule_set)
    output.at = put_text(at, BYTES_1, &cart.id)
    return 0


cdef unsigned char* put_line(Output output, unsigned char* at, const SentCart* cart, const SentLine* line) except NULL:
    cdef int64_t done = written(output, at)
    at = room(output, at, line.gift_of.length + line.shipment_id.length + 3 * FIELD_ROOM)
    at = put_text(at, BYTES_15, &line.gift_of)
    if not line.discountable:
        at = put_number(at, VARINT_14, 0)
    at = put_text(at, BYTES_13, &line.shipment_id)
    at = put_attributes(output, at, BYTES_12, cart, line.attributes)
    at = put_texts(output, at, BYTES_11, cart, line.tags)
    at = room(
        output, at, line.brand.length + line.category.length + line.sku.length + line.id.length + 11 * FIELD_ROOM
    )
    at = put_text(at, BYTES_10, &line.brand)
    at = put_text(at, BYTES_9, &line.category)
    at = put_amount(at, VARINT_8, line.weight)
    at = put_amount(at, VARINT_7, line.minimum_price)
    at = put_amount(at, VARINT_6, line.cost)
    at = put_amount(at, VARINT_5, line.list_price)
    at = put_number(at, VARINT_4, line.price)
    at = put_whole(at, VARINT_3, line.quantity)
    at = put_text(at, BYTES_2, &line.sku)
    at = put_text(at, BYTES_1, &line.id)
    return put_size(at, BYTES_4, written(output, at) - done)


cdef inline unsigned char* put_amount(unsigned char* at, uint32_t tag, int64_t amount) noexcept:
    return at if amount == ABSENT else put_number(at, tag, amount)


cdef unsigned char* put_customer(Output output, unsigned char* at, const SentCart* cart) except NULL:
    cdef const SentCustomer* customer = &cart.customer
    cdef int64_t done = written(output, at)
    at = put_attributes(output, at, BYTES_7, cart, customer.attributes)
    at = room(output, at, 3 * FIELD_ROOM)
    if customer.points.present:
        at = put_number(at, VARINT_6, customer.points.value)
    if customer.lifetime_spend.present:
        at = put_number(at, VARINT_5, customer.lifetime_spend.value)
    if customer.orders.present:
        at = put_number(at, VARINT_4, customer.orders.value)
    at = put_texts(output, at, BYTES_3, cart, customer.segments)
    at = room(output, at, customer.tier.length + customer.id.length + 3 * FIELD_ROOM)
    at = put_text(at, BYTES_2, &customer.tier)
    at = put_text(at, BYTES_1, &customer.id)
    return put_size(at, BYTES_6, written(output, at) - done)


cdef unsigned char* put_shipment(
    Output output, unsigned char* at, const SentCart* cart, const SentShipment* shipment
) except NULL:
    cdef int64_t done = written(output, at), inner
    cdef int32_t index
    for index in range(shipment.rates.count - 1, -1, -1):
        at = put_rate(output, at, &cart.rates[shipment.rates.first + index])
    at = room(
        output, at, shipment.method.length + shipment.store.length + shipment.postal_code.length
        + shipment.region.length + shipment.country.length + shipment.id.length + 8 * FIELD_ROOM,
    )
    at = put_text(at, BYTES_4, &shipment.method)
    inner = written(output, at)
    if shipment.pickup:
        at = put_text(at, BYTES_1, &shipment.store)
        at = put_size(at, BYTES_3, written(output, at) - inner)
    else:
        at = put_text(at, BYTES_3, &shipment.postal_code)
        at = put_text(at, BYTES_2, &shipment.region)
        at = put_text(at, BYTES_1, &shipment.country)
        at = put_size(at, BYTES_2, written(output, at) - inner)
    at = put_text(at, BYTES_1, &shipment.id)
    return put_size(at, BYTES_5, written(output, at) - done)


cdef unsigned char* put_rate(Output output, unsigned char* at, const SentRate* rate) except NULL:
    cdef int64_t done = written(output, at)
    at = room(output, at, rate.speed.length + rate.carrier.length + rate.method.length + 5 * FIELD_ROOM)
    at = put_number(at, VARINT_4, rate.price)
    at = put_text(at, BYTES_3, &rate.speed)
    at = put_text(at, BYTES_2, &rate.carrier)
    at = put_text(at, BYTES_1, &rate.method)
    return put_size(at, BYTES_5, written(output, at) - done)


cdef unsigned char* put_usage(
    Output output, unsigned char* at, const SentCart* cart, const SentUsage* usage
) except NULL:
    cdef int64_t done = written(output, at), inner
    cdef const SentUses* uses
    cdef int32_t index
    at = room(output, at, FIELD_ROOM)
    at = put_whole(at, VARINT_5, usage.spent)
    for index in range(usage.codes.count - 1, -1, -1):
        uses = &cart.uses[usage.codes.first + index]
        at = room(output, at, uses.code.length + 3 * FIELD_ROOM)
        inner = written(output, at)
        at = put_number(at, VARINT_2, uses.count)
        at = put_entry(at, BYTES_1, &uses.code)
        at = put_size(at, BYTES_4, written(output, at) - inner)
    at = room(output, at, usage.promotion_id.length + 4 * FIELD_ROOM)
    at = put_whole(at, VARINT_3, usage.customer)
    at = put_whole(at, VARINT_2, usage.total)
    at = put_text(at, BYTES_1, &usage.promotion_id)
    return put_size(at, BYTES_13, written(output, at) - done)


cdef unsigned char* put_coupon_fact(Output output, unsigned char* at, const SentCouponFact* fact) except NULL:
    cdef int64_t done = written(output, at)
    at = room(output, at, fact.pool.length + fact.code.length + 4 * FIELD_ROOM)
    at = put_number(at, VARINT_3, fact.state)
    at = put_text(at, BYTES_2, &fact.pool)
    at = put_text(at, BYTES_1, &fact.code)
    return put_size(at, BYTES_16, written(output, at) - done)


cdef unsigned char* put_texts(
    Output output, unsigned char* at, uint32_t tag, const SentCart* cart, Slice texts
) except NULL:
    cdef const Text* text
    cdef int32_t index
    for index in range(texts.count - 1, -1, -1):
        text = &cart.texts[texts.first + index]
        at = put_entry(room(output, at, text.length + FIELD_ROOM), tag, text)
    return at


cdef unsigned char* put_attributes(
    Output output, unsigned char* at, uint32_t tag, const SentCart* cart, Slice attributes
) except NULL:
    cdef const SentAttribute* attribute
    cdef int64_t done, inner
    cdef int32_t index
    for index in range(attributes.count - 1, -1, -1):
        attribute = &cart.attributes[attributes.first + index]
        at = room(output, at, attribute.text.length + attribute.name.length + 4 * FIELD_ROOM)
        done = inner = written(output, at)
        if attribute.type == Type.STRING:
            at = put_entry(at, BYTES_1, &attribute.text)
        else:
            at = put_number(at, VARINT_2 if attribute.type == Type.INT else VARINT_3, attribute.number)
        at = put_size(at, BYTES_2, written(output, at) - inner)
        at = put_entry(at, BYTES_1, &attribute.name)
        at = put_size(at, tag, written(output, at) - done)
    return at


def recoded(Program program not None, const unsigned char[::1] data not None, int64_t now):
    """For tests: the bytes of a cart, taken in and written again; None when it is not taken."""
    cdef SentStore store = SentStore()
    cdef Output output = Output()
    cdef const unsigned char* start = &data[0] if data.shape[0] else <const unsigned char*>b""
    if not read_octets(store, &program.rules, start, start + data.shape[0], now):
        return None
    write_cart(output, &store.cart, True)
    return output.taken()
