"""Goods rewards about whole lines: no units of them are picked (docs/pricing.md §5, §7)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Ask, Basket, Line
from engine._native.rewards cimport Offer, Outcome

cdef bint take_off(Basket* basket, Line* line, const Offer* offer, int64_t share) noexcept nogil
cdef Outcome grant_lines_again(Basket* basket, Offer* offer, const Ask* ask) noexcept nogil
cdef Outcome grant_lines(Basket* basket, Offer* offer, int32_t index) noexcept nogil
