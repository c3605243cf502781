"""The ways in which claims may go, followed one beside the other (docs/search.md)."""

from libc.stdint cimport int32_t

from engine._native.basket cimport Basket
from engine._native.candidates cimport Search, Worth

cdef Worth worth_in_turn(
    const Basket* basket, Search* search, int32_t place, bint forced
) noexcept nogil
cdef void lose_sight_of(const Basket* basket, Search* search, int32_t index) noexcept nogil
