"""Sets to begin a search with."""

from libc.stdint cimport int64_t

from engine._native.basket cimport Basket
from engine._native.program cimport Rules

cdef bint try_alone(const Rules* rules, Basket* basket) noexcept nogil
cdef bint start_with_all(const Rules* rules, Basket* basket) noexcept nogil
cdef bint start(const Rules* rules, Basket* basket, int64_t limit) noexcept nogil
