"""Records by text: searching, sorting, and whether all texts differ."""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy

from engine._native.basket cimport Text, compared, same
from engine._native.store cimport SentStore

cdef enum:
    FEW = 16                      # so many records are compared pairwise

cdef struct Key:
    Text text
    int64_t index                 # of its record


cdef inline Text text_at(const void* records, int32_t index, size_t size) noexcept:
    return (<const Text*>(<const char*>records + index * size))[0]


cdef int32_t index_of(const void* records, int32_t count, size_t size, Text text) noexcept:
    """The first record with a text, in any order; -1 when there is none."""
    cdef int32_t index
    for index in range(count):
        if same(text_at(records, index, size), text):
            return index
    return -1


cdef int32_t lower_bound(const void* records, int32_t count, size_t size, Text text) noexcept:
    """The index of a text among sorted records, or the one at which it would be inserted."""
    cdef int32_t first = 0, middle
    while first < count:
        middle = (first + count) // 2
        if compared(text_at(records, middle, size), text) < 0:
            first = middle + 1
        else:
            count = middle
    return first


cdef int32_t sorted_index_of(const void* records, int32_t count, size_t size, Text text) noexcept:
    """The record of a text among sorted ones; -1 when there is none."""
    cdef int32_t index = lower_bound(records, count, size, text)
    return index if index < count and same(text_at(records, index, size), text) else -1


cdef bint sort_distinct(SentStore store, void* records, int32_t count, size_t size) except -1:
    """Sorts records by text, bytewise; False, and in no defined order, when a text occurs twice."""
    cdef Key* keys
    cdef char* sorted_records
    cdef int32_t index
    if is_rising(records, count, size):
        return True
    keys = sorted_keys(store, records, count, size, count * size)
    sorted_records = <char*>(keys + 2 * count)
    for index in range(count):
        memcpy(sorted_records + index * size, <const char*>records + keys[index].index * size, size)
    memcpy(records, sorted_records, count * size)
    return is_rising(records, count, size)


cdef bint are_distinct(SentStore store, const void* records, int32_t count, size_t size) except -1:
    """Whether no text occurs twice, in any order."""
    cdef int32_t index
    if count <= FEW:
        for index in range(1, count):
            if index_of(records, index, size, text_at(records, index, size)) >= 0:
                return False
        return True
    return is_rising(sorted_keys(store, records, count, size, 0), count, sizeof(Key))


cdef bint is_rising(const void* records, int32_t count, size_t size) noexcept:
    cdef int32_t index
    for index in range(1, count):
        if compared(text_at(records, index - 1, size), text_at(records, index, size)) >= 0:
            return False
    return True


cdef Key* sorted_keys(SentStore store, const void* records, int32_t count, size_t size, int64_t behind) except NULL:
    """The keys of records by text, merge sorted; in scratch memory, behind which so many more bytes are free."""
    cdef Key* keys = <Key*>store.take_scratch(2 * count * sizeof(Key) + behind)
    cdef Key* source = keys
    cdef Key* target = keys + count
    cdef int64_t index, width = 1, first
    for index in range(count):
        keys[index].text = text_at(records, <int32_t>index, size)
        keys[index].index = index
    while width < count:
        first = 0
        while first < count:
            merge(source + first, min(width, count - first), min(2 * width, count - first), target + first)
            first += 2 * width
        source, target = target, source
        width *= 2
    if source != keys:
        memcpy(keys, source, count * sizeof(Key))
    return keys


cdef void merge(const Key* keys, int64_t half, int64_t count, Key* merged) noexcept:
    """Merges two sorted runs: keys before ``half``, and keys from it on."""
    cdef int64_t left = 0, right = half, index
    for index in range(count):
        if right == count or left < half and compared(keys[left].text, keys[right].text) <= 0:
            merged[index] = keys[left]
            left += 1
        else:
            merged[index] = keys[right]
            right += 1
