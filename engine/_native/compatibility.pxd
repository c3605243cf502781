"""Which promotions are compatible with each other (docs/pricing.md §6)."""

from libc.stdint cimport int32_t

from engine._native.artifact cimport Promotion
from engine._native.basket cimport Basket
from engine._native.program cimport Rules

cdef void clear_applied(const Rules* rules, Basket* basket) noexcept nogil
cdef bint goes_with_applied(const Rules* rules, const Basket* basket, const Promotion* promotion) noexcept nogil
cdef void mark_labels(const Rules* rules, Basket* basket, const Promotion* promotion) noexcept nogil
cdef int32_t displacing(const Rules* rules, const Basket* basket, int32_t index) noexcept nogil


cdef inline bint is_independent(const Promotion* promotion) noexcept nogil:
    return promotion.exclusive < 0 and not promotion.label_count | promotion.exclusion_count


cdef inline bint is_compatible(const Rules* rules, const Basket* basket, const Promotion* promotion) noexcept nogil:
    """Whether a promotion is compatible with all that applied already."""
    return is_independent(promotion) or goes_with_applied(rules, basket, promotion)


cdef inline void note_applied(const Rules* rules, Basket* basket, const Promotion* promotion) noexcept nogil:
    """The promotion applied."""
    if promotion.label_count | promotion.exclusion_count:
        mark_labels(rules, basket, promotion)
