# Everything here is C: see same_sku.pxd.
"""Going through the lines that a reward reaches, SKU by SKU (docs/pricing.md §5)."""

from libc.stdint cimport int32_t, uint64_t
from libc.string cimport memset

from engine._native.basket cimport Basket, has_line


cdef void begin_skus(Basket* basket) noexcept nogil:
    """Links the lines reached that have a SKU in common."""
    cdef int32_t index, sku
    memset(basket.first_of_sku, 0xFF, basket.line_count * sizeof(int32_t))
    for index in range(basket.line_count - 1, -1, -1):
        if has_line(basket.reached, index):
            sku = basket.lines[index].sku
            basket.next_of_sku[index] = basket.first_of_sku[sku]
            basket.first_of_sku[sku] = index


cdef bint next_sku(Basket* basket, int32_t* place) noexcept nogil:
    """Reaches only the lines of the next SKU, by its first line; False when there are no more.

    ``place``, at first 0, is how far it has come.
    """
    cdef int32_t index
    while place[0] < basket.line_count:
        index = basket.first_of_sku[basket.lines[place[0]].sku]
        if index == place[0]:
            memset(basket.reached, 0, basket.word_count * sizeof(uint64_t))
            while index >= 0:
                basket.reached[index >> 6] |= <uint64_t>1 << (index & 63)
                index = basket.next_of_sku[index]
            place[0] += 1
            return True
        place[0] += 1
    return False
