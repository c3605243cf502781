"""What a cart may hold (engine/pricing/validation.py), and whether the parts of a sent cart are consistent."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Text
from engine._native.money cimport MAX_AMOUNT, multiply_overflows
from engine._native.program cimport Rules
from engine._native.sent cimport SentCart, SentRate, SentShipment
from engine._native.store cimport SentStore

# Texts are in characters.
cdef struct Allowed:
    int64_t lines
    int64_t shipments
    int64_t rates
    int64_t coupons
    int64_t declined
    int64_t usage
    int64_t coupon_facts
    int64_t segments
    int64_t tags
    int64_t attributes
    int64_t text
    int64_t quantity              # of a line
    int64_t weight                # of a unit
    int64_t count                 # of redemptions
    int64_t first_second          # since 1970 UTC, of a moment
    int64_t last_second

cdef Allowed allowed


cdef inline bint is_too_much(int64_t price, int64_t quantity, int64_t* amount) noexcept:
    """Adds up what so many units cost; says whether that is more than an amount may be."""
    return multiply_overflows(price, quantity, amount) or amount[0] > <int64_t>MAX_AMOUNT


cdef int32_t currency_of(const Rules* rules, Text code) noexcept
cdef int32_t shipment_of(const SentCart* cart, Text shipment_id) noexcept
cdef const SentRate* chosen_rate(const SentCart* cart, const SentShipment* shipment) noexcept
cdef bint sum_up_goods(SentStore store) noexcept
cdef bint shipments_fit(const SentCart* cart) noexcept
cdef bint lines_are_shipped(const SentCart* cart) noexcept
