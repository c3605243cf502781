"""Pricing a basket again when little of it has changed."""

from libc.stdint cimport int32_t

from engine._native.artifact cimport Layer
from engine._native.basket cimport Ask, Basket
from engine._native.program cimport Rules

cdef void begin_again(const Rules* rules, Basket* basket) noexcept nogil
cdef bint enter_again(const Rules* rules, Basket* basket, int32_t index, bint asks) noexcept nogil
cdef void make_all_dirty(Basket* basket, int32_t index) noexcept nogil
cdef Ask* ask_layer(
    const Rules* rules, Basket* basket, int32_t index, const int32_t* promotions, const int32_t* end
) noexcept nogil
cdef bint grant_asked_layer(
    const Rules* rules, Basket* basket, const Layer* layer, Ask* first, int32_t count
) noexcept nogil
cdef void end_again(Basket* basket) noexcept nogil
