"""Reading a cart from the wire. What is taken is the same cart that protobuf's parser, cart_from_message and validate
give.
"""

from libc.stdint cimport int64_t

from engine._native.basket cimport Text
from engine._native.program cimport Rules
from engine._native.sent cimport (
    SentAttribute, SentCart, SentCouponFact, SentCustomer, SentLine, SentShipment, SentUsage, Slice,
)
from engine._native.store cimport SentStore
from engine._native.wire.octets cimport Octets

cdef bint read_cart(SentStore store, const Rules* rules, bytes data, int64_t now) except -1
cdef bint read_octets(SentStore store, const Rules* rules, Octets at, Octets end, int64_t now) except -1

# Each reads a part of a cart, from its first byte to ``end``; NULL when it is not taken.
cdef Octets read_line(SentStore store, const Rules* rules, Octets at, Octets end, SentLine* line) except? NULL
cdef Octets read_shipment(SentStore store, Octets at, Octets end, SentShipment* shipment) except? NULL
cdef Octets read_customer(
    SentStore store, const Rules* rules, Octets at, Octets end, SentCustomer* customer
) except? NULL
cdef Octets read_usage(SentStore store, Octets at, Octets end, SentUsage* usage) except? NULL
cdef Octets read_coupon_fact(Octets at, Octets end, SentCouponFact* fact) noexcept
cdef Octets read_attribute_fields(
    Octets at, Octets end, bint is_entry, Text* name, Octets* value, Octets* value_end
) noexcept
cdef Octets read_attribute_value(
    const Rules* rules, int subject, Octets at, Octets end, SentAttribute* attribute
) noexcept
cdef Octets read_moment(Octets at, Octets end, SentCart* cart) noexcept

cdef Octets read_list(
    SentStore store, int tag, Octets at, Octets end, int64_t most, Slice* texts
) except? NULL
cdef void set_moment(SentCart* cart, int64_t now) noexcept
