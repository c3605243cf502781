"""Records by text: an array of structs whose first member is a Text, which is their id, name or code."""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcmp

from engine._native.basket cimport Text
from engine._native.store cimport SentStore


cdef inline bint same(const Text* left, const Text* right) noexcept:
    return left.length == right.length and memcmp(left.start, right.start, left.length) == 0


cdef inline int order_of(const Text* left, const Text* right) noexcept:
    """Below, at or above 0 as the left text stands before, with or behind the right one, bytewise."""
    cdef int order = memcmp(left.start, right.start, left.length if left.length < right.length else right.length)
    if order == 0:
        return (left.length > right.length) - (left.length < right.length)
    return order


cdef inline const Text* text_at(const void* records, int32_t index, size_t size) noexcept:
    return <const Text*>(<const char*>records + index * size)


# None of the texts may be NULL.
cdef int32_t place_of(const void* records, int32_t count, size_t size, const Text* text) noexcept
cdef int32_t index_of(const void* records, int32_t count, size_t size, const Text* text) noexcept
cdef bint sort_distinct(SentStore store, void* records, int32_t count, size_t size) except -1
cdef bint are_distinct(SentStore store, const void* records, int32_t count, size_t size) except -1
