"""Sorting records in place."""

from libc.stdint cimport int64_t
from libc.stdlib cimport abort
from libc.string cimport memcpy

cdef enum:
    MOST_WORDS = 5                # of eight bytes, in a record

# Whether a record comes before another one; the context is that of the sort.
ctypedef bint (*Before)(const void* left, const void* right, const void* context) noexcept nogil


cdef inline void sort_records(
    void* records, int64_t count, size_t size, size_t apart, Before comes_before, const void* context
) noexcept nogil:
    """Shell sort of records of so many bytes, each beginning so many bytes behind the one before."""
    cdef char* first = <char*>records
    cdef int64_t[MOST_WORDS] moved  # aligned for any record
    cdef int64_t gap = 1, place, hole
    if size > sizeof(moved):
        abort()
    while gap < count // 3:
        gap = gap * 3 + 1
    while gap:
        for place in range(gap, count):
            memcpy(moved, first + place * apart, size)
            hole = place
            while hole >= gap and comes_before(moved, first + (hole - gap) * apart, context):
                memcpy(first + hole * apart, first + (hole - gap) * apart, size)
                hole -= gap
            memcpy(first + hole * apart, moved, size)
        gap //= 3
