"""Shares of lines in proportion to what entered the layer, where no line reaches its floor (docs/pricing.md §7)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Basket
from engine._native.rewards cimport Offer

cdef int32_t share_in_proportion(Basket* basket, Offer* offer, int64_t* granted) noexcept nogil
