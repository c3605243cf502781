"""Prices of claiming units, which candidates that claim them pay (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Basket
from engine._native.candidates cimport Search

cdef bint price_claims(const Basket* basket, Search* search) noexcept nogil
cdef int64_t saved_beyond(const Basket* basket, Search* search, int32_t index, bint counting) noexcept nogil
cdef int64_t* prices_of(const Basket* basket, const Search* search) noexcept nogil
