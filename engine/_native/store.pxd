"""A sent cart and the memory it is in: arrays that grow as carts need them and are reused for the next cart."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Text
from engine._native.memory cimport Arena
from engine._native.sent cimport (
    SentAttribute, SentCart, SentCouponFact, SentLine, SentRate, SentShipment, SentUsage, SentUses,
)

cdef enum Record:
    # What the arrays of a cart hold.
    LINE, SHIPMENT, RATE, USAGE, USES, COUPON_FACT, ATTRIBUTE, TEXT, SEGMENT, RECORDS

cdef struct Array:
    void** start                  # these two are members of the cart
    int32_t* count
    int32_t room                  # records
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
    cdef Array[<int>RECORDS] arrays

    cdef int clear(self) except -1
    cdef void set_cart(self, const SentCart* cart) noexcept
    cdef int extend(self, Array* array) except -1
    cdef void* take_scratch(self, int64_t size) except NULL
    cdef int keep_source(self, bytes source) except -1
    cdef int32_t usage_of(self, Text promotion_id) except -2
    cdef int note_usage(self) except -1
    cdef int keep_segments(self, SentLine* line, const int32_t* found, int32_t count) except -1
    cdef int64_t size(self) noexcept
    cdef bint trim(self) except -1
    cdef void set_array(self, Record of, void** start, int32_t* count, size_t size) noexcept


# Each appends an uninitialised record to an array. Earlier pointers into the array become invalid.

cdef inline void* new_record(SentStore store, Record of, size_t size) except NULL:
    cdef Array* array = &store.arrays[<int>of]
    cdef int32_t index = array.count[0]
    if index == array.room:
        store.extend(array)
    array.count[0] = index + 1
    return <char*>array.start[0] + index * size


cdef inline SentLine* new_line(SentStore store) except NULL:
    return <SentLine*>new_record(store, Record.LINE, sizeof(SentLine))


cdef inline SentShipment* new_shipment(SentStore store) except NULL:
    return <SentShipment*>new_record(store, Record.SHIPMENT, sizeof(SentShipment))


cdef inline SentRate* new_rate(SentStore store) except NULL:
    return <SentRate*>new_record(store, Record.RATE, sizeof(SentRate))


cdef inline SentUsage* new_usage(SentStore store) except NULL:
    return <SentUsage*>new_record(store, Record.USAGE, sizeof(SentUsage))


cdef inline SentUses* new_uses(SentStore store) except NULL:
    return <SentUses*>new_record(store, Record.USES, sizeof(SentUses))


cdef inline SentCouponFact* new_coupon_fact(SentStore store) except NULL:
    return <SentCouponFact*>new_record(store, Record.COUPON_FACT, sizeof(SentCouponFact))


cdef inline SentAttribute* new_attribute(SentStore store) except NULL:
    return <SentAttribute*>new_record(store, Record.ATTRIBUTE, sizeof(SentAttribute))


cdef inline Text* new_text(SentStore store) except NULL:
    return <Text*>new_record(store, Record.TEXT, sizeof(Text))
