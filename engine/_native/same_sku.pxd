"""Going through the lines that a reward reaches, SKU by SKU (docs/pricing.md §5)."""

from libc.stdint cimport int32_t

from engine._native.basket cimport Basket

cdef void begin_skus(Basket* basket) noexcept nogil
cdef bint next_sku(Basket* basket, int32_t* place) noexcept nogil
