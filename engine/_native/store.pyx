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
    FEW = 16                      # so many usages are searched one by one
    TOLERANCE = 8                 # one part in so many of the memory needed may be unused


cdef class SentStore:
    """Takes any number of carts in turn, with memory for the largest of each array."""

    def __cinit__(self):
        cdef SentCart* cart = &self.cart
        self.memory = Arena()
        self.set_array(Record.LINE, <void**>&cart.lines, &cart.line_count, sizeof(SentLine))
        self.set_array(Record.SHIPMENT, <void**>&cart.shipments, &cart.shipment_count, sizeof(SentShipment))
        self.set_array(Record.RATE, <void**>&cart.rates, &cart.rate_count, sizeof(SentRate))
        self.set_array(Record.USAGE, <void**>&cart.usage, &cart.usage_count, sizeof(SentUsage))
        self.set_array(Record.USES, <void**>&cart.uses, &cart.use_count, sizeof(SentUses))
        self.set_array(Record.COUPON_FACT, <void**>&cart.coupon_facts, &cart.coupon_fact_count, sizeof(SentCouponFact))
        self.set_array(Record.ATTRIBUTE, <void**>&cart.attributes, &cart.attribute_count, sizeof(SentAttribute))
        self.set_array(Record.TEXT, <void**>&cart.texts, &cart.text_count, sizeof(Text))
        self.set_array(Record.SEGMENT, <void**>&cart.segments, &cart.segment_count, sizeof(int32_t))
        self.clear()

    cdef void set_array(self, Record of, void** start, int32_t* count, size_t size) noexcept:
        self.arrays[<int>of] = Array(start, count, 0, size)

    cdef int clear(self) except -1:
        """Empties the cart; the arrays keep their room."""
        memset(&self.cart, 0, <char*>&self.cart.lines - <char*>&self.cart)
        self.usage_places = None
        self.sources = []
        self.source_size = self.stale_size = 0
        self.goods = -1
        return 0

    cdef void set_cart(self, const SentCart* cart) noexcept:
        """Copies all of a cart except its arrays."""
        memcpy(&self.cart, cart, <char*>&self.cart.lines - <char*>&self.cart)
        self.usage_places = None

    cdef int extend(self, Array* array) except -1:
        """Moves an array to where it has at least twice the room."""
        cdef int32_t room = 2 * array.room if array.room else FIRST_ROOM
        cdef void* wider = self.memory.take(room, array.size)
        if array.room:
            memcpy(wider, array.start[0], array.room * array.size)
        array.start[0] = wider
        array.room = room
        return 0

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

    cdef int note_usage(self) except -1:
        """The last usage is new."""
        cdef int32_t place = self.cart.usage_count - 1
        if self.usage_places is not None:
            self.usage_places[key_of(self.cart.usage[place].promotion_id)] = place
        return 0

    cdef int keep_segments(self, SentLine* line, const int32_t* found, int32_t count) except -1:
        """Stores the segments of a line, in the place of the ones before if they fit."""
        cdef SentCart* cart = &self.cart
        if count > line.segments.count:
            while self.arrays[<int>SEGMENT].room - cart.segment_count < count:
                self.extend(&self.arrays[<int>SEGMENT])
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
        cdef Array* array
        cdef Arena memory
        cdef void* start
        cdef int64_t wanted = 0
        for array in self.arrays[:<int>RECORDS]:
            wanted += piece_size(array.count[0], array.size)
        if self.memory.size() <= wanted + wanted // TOLERANCE:
            return False
        memory = Arena()
        memory.begin_chunk(wanted)
        for array in self.arrays[:<int>RECORDS]:
            start = memory.take(array.count[0], array.size)
            if array.count[0]:
                memcpy(start, array.start[0], array.count[0] * array.size)
            array.start[0] = start
            array.room = array.count[0]
        self.scratch_room = 0
        self.memory = memory
        return True


cdef bytes key_of(Text text):
    return text.start[:text.length]
