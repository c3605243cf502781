"""A sent cart and the memory it is in: arrays that grow as carts need them and are reused for the next cart."""

from cpython.bytes cimport PyBytes_GET_SIZE
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy, memset

from engine._native.basket cimport Text, same
from engine._native.memory cimport Arena, piece_size
from engine._native.sent cimport (
    SentAttribute, SentCart, SentCouponFact, SentLine, SentRate, SentShipment, SentUsage, SentUses,
)

cdef enum:
    FIRST_ROOM = 8                # records
    ARRAYS = 9
    FEW = 16                      # so many usages are searched one by one
    TOLERANCE = 8                 # one part in so many of the memory needed may be unused


cdef class SentStore:
    """Takes any number of carts in turn, with memory for the largest of each array."""

    def __cinit__(self):
        self.memory = Arena()
        self.clear()

    cdef int clear(self) except -1:
        """Empties the cart; the arrays keep their room."""
        memset(&self.cart, 0, <size_t>&(<SentCart*>NULL).lines)
        self.usage_places = None
        self.sources = []
        self.source_size = self.stale_size = 0
        self.goods = -1
        return 0

    cdef void set_cart(self, const SentCart* cart) noexcept:
        """Copies all of a cart except its arrays."""
        memcpy(&self.cart, cart, <size_t>&(<SentCart*>NULL).lines)
        self.usage_places = None

    cdef void* extended(self, void* array, int32_t* room, size_t size) except NULL:
        """The array, moved to at least twice the room."""
        cdef int32_t wider = 2 * room[0] if room[0] else FIRST_ROOM
        cdef void* extended = self.memory.take(wider, size)
        if room[0]:
            memcpy(extended, array, room[0] * size)
        room[0] = wider
        return extended

    cdef void* take_scratch(self, int64_t size) except NULL:
        """Bytes that are valid until the next call."""
        if self.scratch_room < size:
            self.scratch = self.memory.take(2 * size, sizeof(char))
            self.scratch_room = 2 * size
        return self.scratch

    cdef int keep_source(self, bytes source) except -1:
        """Keeps bytes alive that texts of the cart point into."""
        self.sources.append(source)
        self.source_size += PyBytes_GET_SIZE(source)
        return 0

    cdef int32_t usage_of(self, Text promotion_id) except -2:
        """The index of a promotion's usage; -1 when there is none. By a dict when there are many, as a request may set
        thousands.
        """
        cdef const SentCart* cart = &self.cart
        cdef int32_t place
        if self.usage_places is None:
            for place in range(min(cart.usage_count, FEW)):
                if same(cart.usage[place].promotion_id, promotion_id):
                    return place
            if cart.usage_count <= <int32_t>FEW:
                return -1
            self.usage_places = {key_of(cart.usage[place].promotion_id): place for place in range(cart.usage_count)}
        return self.usage_places.get(key_of(promotion_id), -1)

    cdef int add_usage(self, const SentUsage* usage) except -1:
        if self.usage_places is not None:
            self.usage_places[key_of(usage.promotion_id)] = self.cart.usage_count
        new_usage(self)[0] = usage[0]
        return 0

    cdef int keep_segments(self, SentLine* line, const int32_t* found, int32_t count) except -1:
        """Stores the segments of a line, in the place of the ones before if they fit."""
        cdef SentCart* cart = &self.cart
        if count > line.segments.count:
            while self.segment_room - cart.segment_count < count:
                cart.segments = <int32_t*>self.extended(cart.segments, &self.segment_room, sizeof(int32_t))
            self.stale_size += line.segments.count * sizeof(int32_t)
            line.segments.first = cart.segment_count
            cart.segment_count += count
        memcpy(&cart.segments[line.segments.first], found, count * sizeof(int32_t))
        line.segments.count = count
        line.matched = True
        return 0

    cdef int64_t size(self) noexcept:
        """Bytes held, the sources from the wire included."""
        return self.memory.size() + self.source_size

    cdef bint trim(self) except -1:
        """Frees memory that the cart does not need, if it is much. True: all arrays have moved."""
        cdef Array arrays[ARRAYS]
        cdef Array* array
        cdef Arena memory
        cdef void* start
        cdef int64_t wanted = 0
        self.list_arrays(arrays)
        for array in arrays[:ARRAYS]:
            wanted += piece_size(array.count, array.size)
        if self.memory.size() <= wanted + wanted // TOLERANCE:
            return False
        memory = Arena()
        memory.begin_chunk(wanted)
        for array in arrays[:ARRAYS]:
            start = memory.take(array.count, array.size)
            if array.count:
                memcpy(start, array.start[0], array.count * array.size)
            array.start[0] = start
            array.room[0] = array.count
        self.scratch_room = 0
        self.memory = memory
        return True

    cdef void list_arrays(self, Array* arrays) noexcept:
        cdef SentCart* cart = &self.cart
        arrays[0] = Array(<void**>&cart.lines, &self.line_room, cart.line_count, sizeof(SentLine))
        arrays[1] = Array(<void**>&cart.shipments, &self.shipment_room, cart.shipment_count, sizeof(SentShipment))
        arrays[2] = Array(<void**>&cart.rates, &self.rate_room, cart.rate_count, sizeof(SentRate))
        arrays[3] = Array(<void**>&cart.usage, &self.usage_room, cart.usage_count, sizeof(SentUsage))
        arrays[4] = Array(<void**>&cart.uses, &self.use_room, cart.use_count, sizeof(SentUses))
        arrays[5] = Array(<void**>&cart.attributes, &self.attribute_room, cart.attribute_count, sizeof(SentAttribute))
        arrays[6] = Array(<void**>&cart.texts, &self.text_room, cart.text_count, sizeof(Text))
        arrays[7] = Array(<void**>&cart.segments, &self.segment_room, cart.segment_count, sizeof(int32_t))
        arrays[8] = Array(
            <void**>&cart.coupon_facts, &self.coupon_fact_room, cart.coupon_fact_count, sizeof(SentCouponFact)
        )


cdef bytes key_of(Text text):
    return text.start[:text.length]
