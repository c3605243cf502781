"""A layer begins."""

from libc.stdint cimport int64_t, uint64_t

from engine._native.artifact cimport Layer
from engine._native.basket cimport Basket, KeptLine
from engine._native.program cimport Rules

cdef void enter_layer(const Rules* rules, Basket* basket, const Layer* layer) noexcept nogil
cdef void begin_subtotals(Basket* basket) noexcept nogil
cdef void enter_rates(Basket* basket) noexcept nogil
cdef void enter_gifts(const Rules* rules, Basket* basket) noexcept nogil
cdef void enter_subtotals(Basket* basket, const KeptLine* lines) noexcept nogil
cdef int64_t subtotal_of(const Basket* basket, const uint64_t* members) noexcept nogil
