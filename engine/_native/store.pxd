"""A sent cart and the memory it is in: arrays that grow as carts need them and are reused for the next cart."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Text
from engine._native.memory cimport Arena
from engine._native.sent cimport (
    SentAttribute, SentCart, SentCouponFact, SentLine, SentRate, SentShipment, SentUsage, SentUses,
)

cdef struct Array:
    void** start
    int32_t* room                 # records
    int32_t count
    size_t size                   # bytes of a record


cdef class SentStore:
    cdef SentCart cart
    cdef list sources             # bytes and texts that the texts of the cart point into
    cdef int64_t source_size      # bytes of the sources that came from the wire
    cdef int64_t stale_size       # bytes no longer used after mutations: requests, and records copied elsewhere
    cdef int64_t goods            # sum of price × quantity, at most MAX_AMOUNT; -1: not summed up yet
    cdef dict usage_places        # index of each usage by its promotion's id (bytes); None until there are many
    cdef Arena memory
    cdef void* scratch
    cdef int64_t scratch_room
    # Records that each array has room for.
    cdef int32_t line_room
    cdef int32_t shipment_room
    cdef int32_t rate_room
    cdef int32_t usage_room
    cdef int32_t use_room
    cdef int32_t coupon_fact_room
    cdef int32_t attribute_room
    cdef int32_t text_room
    cdef int32_t segment_room

    cdef int clear(self) except -1
    cdef void set_cart(self, const SentCart* cart) noexcept
    cdef void* extended(self, void* array, int32_t* room, size_t size) except NULL
    cdef void* take_scratch(self, int64_t size) except NULL
    cdef int keep_source(self, bytes source) except -1
    cdef int32_t usage_of(self, Text promotion_id) except -2
    cdef int add_usage(self, const SentUsage* usage) except -1
    cdef int keep_segments(self, SentLine* line, const int32_t* found, int32_t count) except -1
    cdef int64_t size(self) noexcept
    cdef bint trim(self) except -1
    cdef void list_arrays(self, Array* arrays) noexcept


cdef inline void* one_longer(SentStore store, void* array, int32_t* count, int32_t* room, size_t size) except NULL:
    """The array with one more record."""
    if count[0] == room[0]:
        array = store.extended(array, room, size)
    count[0] += 1
    return array


# Each appends an uninitialised record to an array. Earlier pointers into the array become invalid.

cdef inline SentLine* new_line(SentStore store) except NULL:
    cdef SentCart* cart = &store.cart
    cart.lines = <SentLine*>one_longer(store, cart.lines, &cart.line_count, &store.line_room, sizeof(SentLine))
    return &cart.lines[cart.line_count - 1]


cdef inline SentShipment* new_shipment(SentStore store) except NULL:
    cdef SentCart* cart = &store.cart
    cart.shipments = <SentShipment*>one_longer(
        store, cart.shipments, &cart.shipment_count, &store.shipment_room, sizeof(SentShipment)
    )
    return &cart.shipments[cart.shipment_count - 1]


cdef inline SentRate* new_rate(SentStore store) except NULL:
    cdef SentCart* cart = &store.cart
    cart.rates = <SentRate*>one_longer(store, cart.rates, &cart.rate_count, &store.rate_room, sizeof(SentRate))
    return &cart.rates[cart.rate_count - 1]


cdef inline SentUsage* new_usage(SentStore store) except NULL:
    cdef SentCart* cart = &store.cart
    cart.usage = <SentUsage*>one_longer(store, cart.usage, &cart.usage_count, &store.usage_room, sizeof(SentUsage))
    return &cart.usage[cart.usage_count - 1]


cdef inline SentUses* new_uses(SentStore store) except NULL:
    cdef SentCart* cart = &store.cart
    cart.uses = <SentUses*>one_longer(store, cart.uses, &cart.use_count, &store.use_room, sizeof(SentUses))
    return &cart.uses[cart.use_count - 1]


cdef inline SentCouponFact* new_coupon_fact(SentStore store) except NULL:
    cdef SentCart* cart = &store.cart
    cart.coupon_facts = <SentCouponFact*>one_longer(
        store, cart.coupon_facts, &cart.coupon_fact_count, &store.coupon_fact_room, sizeof(SentCouponFact)
    )
    return &cart.coupon_facts[cart.coupon_fact_count - 1]


cdef inline SentAttribute* new_attribute(SentStore store) except NULL:
    cdef SentCart* cart = &store.cart
    cart.attributes = <SentAttribute*>one_longer(
        store, cart.attributes, &cart.attribute_count, &store.attribute_room, sizeof(SentAttribute)
    )
    return &cart.attributes[cart.attribute_count - 1]


cdef inline Text* new_text(SentStore store) except NULL:
    cdef SentCart* cart = &store.cart
    cart.texts = <Text*>one_longer(store, cart.texts, &cart.text_count, &store.text_room, sizeof(Text))
    return &cart.texts[cart.text_count - 1]
