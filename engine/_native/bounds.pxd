"""Whether sets that begin with the one at hand may be better than the best one found (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Basket
from engine._native.candidates cimport Search

cdef void measure_rooms(const Basket* basket, Search* search) noexcept nogil
cdef void form_cliques(Search* search) noexcept nogil
cdef int64_t most_saved(const Basket* basket, Search* search, int32_t first) noexcept nogil
cdef bint promises(const Basket* basket, Search* search, int32_t first, int64_t* most) noexcept nogil
