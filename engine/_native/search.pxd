"""The best set of promotions, found by branch and bound (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Basket
from engine._native.program cimport Rules

cdef bint search_layer(
    const Rules* rules, Basket* basket, int32_t layer, const int32_t* promotions, int32_t count, int64_t nodes
) noexcept nogil
cdef bint search_layers(
    const Rules* rules, Basket* basket, const int32_t* promotions, int32_t count, const int32_t* layered,
    int32_t layered_count, int64_t nodes
) noexcept nogil
