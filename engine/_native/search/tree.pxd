"""The best set of promotions of a layer, or of all layers, by branch and bound (docs/search.md)."""

from libc.stdint cimport int32_t

from engine._native.basket cimport Basket
from engine._native.program cimport Rules

cdef bint search_layer(
    const Rules* rules, Basket* basket, int32_t layer, const int32_t* promotions, int32_t count
) noexcept nogil
cdef bint search_layers(const Rules* rules, Basket* basket) noexcept nogil
