"""Records by text: arrays of structs whose first member is a Text, their id, name or code.

No record's text has a NULL start; the text looked for may have one.
"""

from libc.stdint cimport int32_t

from engine._native.basket cimport Text
from engine._native.store cimport SentStore

cdef int32_t index_of(const void* records, int32_t count, size_t size, Text text) noexcept
cdef int32_t lower_bound(const void* records, int32_t count, size_t size, Text text) noexcept
cdef int32_t sorted_index_of(const void* records, int32_t count, size_t size, Text text) noexcept
cdef bint sort_distinct(SentStore store, void* records, int32_t count, size_t size) except -1
cdef bint are_distinct(SentStore store, const void* records, int32_t count, size_t size) except -1
