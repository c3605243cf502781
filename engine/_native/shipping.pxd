"""Shipping rewards (docs/pricing.md §5)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.artifact cimport Layer, Promotion, ShippingReward
from engine._native.basket cimport Basket
from engine._native.program cimport Rules
from engine._native.rewards cimport Offer, Outcome

cdef Outcome grant_shipping(
    const Rules* rules, Basket* basket, const Layer* layer, int32_t index, int64_t most
) noexcept nogil
cdef void ask_about(Basket* basket, int32_t place) noexcept nogil
cdef Outcome offered(
    const Rules* rules, const Basket* basket, const Promotion* promotion, const ShippingReward* reward, Offer* offer
) noexcept nogil
cdef bint names_method(const Rules* rules, const Basket* basket, const ShippingReward* reward) noexcept nogil
