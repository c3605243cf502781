"""Sorting indices of records in place."""

from libc.stdint cimport int32_t

ctypedef bint (*Before)(const void* records, int32_t left, int32_t right) noexcept nogil


cdef inline void sort_indices(
    int32_t* indices, int32_t count, Before comes_before, const void* records
) noexcept nogil:
    """Shell sort, in the order of ``comes_before``."""
    cdef int32_t gap = 1, place, hole, index
    while gap < count // 3:
        gap = gap * 3 + 1
    while gap:
        for place in range(gap, count):
            index = indices[place]
            hole = place
            while hole >= gap and comes_before(records, index, indices[hole - gap]):
                indices[hole] = indices[hole - gap]
                hole -= gap
            indices[hole] = index
        gap //= 3
