"""Sets to begin a search with: the better the first incumbent, the more of the tree is skipped."""

from libc.stdint cimport int64_t

from engine._native.basket cimport Basket
from engine._native.program cimport Rules

cdef bint try_alone(const Rules* rules, Basket* basket) noexcept nogil
cdef bint try_all(const Rules* rules, Basket* basket) noexcept nogil
cdef bint try_starting_sets(const Rules* rules, Basket* basket, int64_t limit) noexcept nogil
