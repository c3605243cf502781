"""Rehearsals in every scenario: which bundle sets were passed over (docs/search.md)."""

from libc.stdint cimport int32_t

from engine._native.basket cimport Basket
from engine._native.search.candidates cimport Search, Worth

cdef Worth rehearse_in_turn(
    const Basket* basket, Search* search, int32_t place, bint forced
) noexcept nogil
cdef void mark_unknown_everywhere(const Basket* basket, Search* search, int32_t index) noexcept nogil
