"""What mutations changed of a sent cart: enough to price only that anew, and to undo it."""

cimport cython
from libc.stdint cimport int32_t, int64_t

from engine._native.memory cimport Arena
from engine._native.sent cimport SentCart
from engine._native.store cimport Record, SentStore

cdef enum EditKind:
    AMOUNTS_SET                   # quantity and price of a line, nothing else
    ADDED
    REPLACED
    REMOVED

cdef enum:
    # What changed besides lines, as bits.
    CUSTOMER_CHANGED = 1
    FACTS_CHANGED = 2             # channel, payment method, attributes of the cart
    SHIPMENTS_CHANGED = 4
    COUPONS_CHANGED = 8           # codes, or facts about them
    USAGE_CHANGED = 16
    DECLINED_CHANGED = 32
    MOMENT_CHANGED = 64
    LINES_CHANGED = 128           # lines were added, replaced or removed; not when only amounts were set
    ALL_MOVED = 256               # texts and arrays have moved: pointers into them are stale

cdef struct Edit:
    EditKind kind
    Record of
    int32_t index                 # of the record just after the edit; of a removed one, before it
    # What was there before:
    int64_t quantity              # AMOUNTS_SET
    int64_t price
    int64_t saved                 # otherwise: offset of the record in ``Edits.saved``


@cython.final
cdef class Edits:
    # In the order made: each index is valid for the cart as the edits before left it.
    cdef Edit* edits
    cdef int32_t count
    cdef int changed              # bits
    cdef bint refers              # texts of the cart point into the request
    cdef int32_t room
    cdef char* saved
    cdef int64_t saved_size
    cdef int64_t saved_room
    cdef Arena memory
    cdef SentCart before          # the cart before, without the contents of its arrays
    cdef bint kept                # ``before`` is filled
    cdef int64_t goods_before

    cdef void begin(self, SentStore store) noexcept
    cdef void keep(self, SentStore store) noexcept
    cdef Edit* new_edit(self, EditKind kind, Record of, int32_t index) except NULL
    cdef bint put(
        self, SentStore store, Record of, int32_t found, int32_t place, int64_t most, const void* record
    ) except -1
    cdef int add(self, SentStore store, Record of, int32_t index, const void* record) except -1
    cdef int replace(self, SentStore store, Record of, int32_t index, const void* record) except -1
    cdef int remove(self, SentStore store, Record of, int32_t index) except -1
    cdef int save(self, EditKind kind, Record of, int32_t index, const void* record, size_t size) except -1
    cdef void undo(self, SentStore store) noexcept
