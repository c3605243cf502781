"""Room for the arrays that are written while a cart is priced. Each function raises MemoryError when there is none."""

from libc.stdint cimport int64_t

from engine._native.basket cimport Basket
from engine._native.memory cimport Arena
from engine._native.program cimport Rules

cdef bint searches(const Rules* rules) noexcept
cdef int take_line_room(Basket* basket, Arena memory, int64_t room) except -1
cdef int take_pricing_room(
    const Rules* rules, Basket* basket, Arena memory, bint for_search, int64_t room
) except -1
cdef int take_kept_room(const Rules* rules, Basket* basket, Arena memory, int64_t line_room) except -1
cdef int take_search_room(const Rules* rules, Basket* basket, Arena memory) except -1
