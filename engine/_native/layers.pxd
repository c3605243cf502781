"""Running the layers of a rule set over a basket (docs/pricing.md §6)."""

from engine._native.basket cimport Basket
from engine._native.program cimport Rules

cdef bint price_basket(const Rules* rules, Basket* basket) noexcept nogil
cdef void add_up(Basket* basket) noexcept nogil
