"""Shipping rewards (docs/pricing.md §5)."""

from libc.stdint cimport int32_t

from engine._native.artifact cimport Layer, Promotion
from engine._native.basket cimport Basket
from engine._native.program cimport Rules
from engine._native.rewards cimport Offer, Outcome

cdef Outcome grant_shipping(const Rules* rules, Basket* basket, const Layer* layer, int32_t index) noexcept nogil
cdef bint offers(
    const Rules* rules, Basket* basket, const Promotion* promotion, int32_t place, Offer* offer
) noexcept nogil
