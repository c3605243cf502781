"""Steps of a search: a candidate is granted or a layer entered, and taken back."""

from libc.stdint cimport int32_t

from engine._native.basket cimport Basket
from engine._native.program cimport Rules
from engine._native.rewards cimport Outcome

cdef enum:
    BEFORE_LAYERS = -1

cdef void appraise_from(const Rules* rules, Basket* basket, int32_t first) noexcept nogil
cdef Outcome push(const Rules* rules, Basket* basket, int32_t index) noexcept nogil
cdef bint cross(const Rules* rules, Basket* basket, int32_t layer) noexcept nogil
cdef void appraise_again(const Rules* rules, Basket* basket, int32_t first) noexcept nogil
cdef int32_t pop(Basket* basket) noexcept nogil
