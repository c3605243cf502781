"""How much a set may save beyond one that has more candidates (docs/search.md)."""

from libc.stdint cimport int64_t

from engine._native.basket cimport Basket
from engine._native.program cimport Rules

cdef int64_t largest_loss(const Rules* rules, Basket* basket) noexcept nogil
