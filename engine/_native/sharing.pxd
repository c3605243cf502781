"""How much each selected unit gives of what a goods reward wants (docs/pricing.md §5, §7)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Basket
from engine._native.money cimport int128
from engine._native.rewards cimport Offer, Outcome

cdef Outcome take(Basket* basket, Offer* offer, int32_t count, int64_t* times, bint claiming) noexcept nogil
cdef int128 wanted_of_lines(Basket* basket, const Offer* offer, int32_t count, int32_t* lines) noexcept nogil
cdef bint claim(Basket* basket, int32_t count, int64_t times) noexcept nogil
