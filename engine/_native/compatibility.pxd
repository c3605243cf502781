"""Which promotions go together on a cart (docs/pricing.md §6)."""

from libc.stdint cimport int32_t

from engine._native.artifact cimport Promotion
from engine._native.basket cimport Basket
from engine._native.program cimport Rules

cdef void forget_applied(const Rules* rules, Basket* basket) noexcept nogil
cdef bint is_compatible(const Rules* rules, const Basket* basket, const Promotion* promotion) noexcept nogil
cdef void note_applied(const Rules* rules, Basket* basket, const Promotion* promotion) noexcept nogil
cdef int32_t displacing(const Rules* rules, const Basket* basket, int32_t index) noexcept nogil
cdef bint excludes(const Rules* rules, const Promotion* promotion, const Promotion* other) noexcept nogil
