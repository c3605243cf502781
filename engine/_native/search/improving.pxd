"""Local search: changes a set by a candidate or two, as long as that makes it better (docs/search.md)."""

from libc.stdint cimport int64_t

from engine._native.basket cimport Basket
from engine._native.program cimport Rules

cdef bint improve(const Rules* rules, Basket* basket, int64_t limit) noexcept nogil
