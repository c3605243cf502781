"""Steps of a search, down and up the tree: a candidate is granted or a layer entered, and either is taken back."""

from libc.stdint cimport int32_t

from engine._native.basket cimport Basket
from engine._native.program cimport Rules
from engine._native.rewards cimport Outcome

cdef enum:
    BEFORE_LAYERS = -1

cdef void appraise_from(const Rules* rules, Basket* basket, int32_t first) noexcept nogil
cdef Outcome push_candidate(const Rules* rules, Basket* basket, int32_t index) noexcept nogil
cdef bint push_layer(const Rules* rules, Basket* basket, int32_t layer) noexcept nogil
cdef void reappraise(const Rules* rules, Basket* basket, int32_t first) noexcept nogil
cdef int32_t pop(Basket* basket) noexcept nogil
