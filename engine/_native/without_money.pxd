"""Rewards without money off: gifts, points, credit, effects (docs/pricing.md §5)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Adjustment, Basket
from engine._native.program cimport Rules
from engine._native.rewards cimport Outcome

cdef enum:
    MOST_GIFTS = 1_000_000        # units by one promotion

cdef Outcome grant_gift(const Rules* rules, Basket* basket, int32_t index) noexcept nogil
cdef Outcome grant_points(const Rules* rules, Basket* basket, int32_t index) noexcept nogil
cdef Outcome grant_credit(const Rules* rules, Basket* basket, int32_t index, int64_t most) noexcept nogil
cdef Outcome grant_effect(Basket* basket, int32_t index) noexcept nogil
cdef int64_t value_of(const Rules* rules, const Basket* basket, const Adjustment* adjustment) noexcept nogil
cdef int64_t weight_of_gifts(const Rules* rules, const Basket* basket) noexcept nogil
