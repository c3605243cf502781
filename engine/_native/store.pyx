"""A sent cart and the memory it lies in: arrays that grow as carts need them and stay for the next cart."""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy, memset

from engine._native.memory cimport Arena
from engine._native.sent cimport SentCart

cdef enum:
    FIRST_ROOM = 8                # records


cdef class SentStore:
    """Takes any number of carts in turn, with memory for the largest of each array."""

    def __cinit__(self):
        self.memory = Arena()
        self.clear()

    cdef int clear(self) except -1:
        """A cart in which everything is absent; the arrays keep their room."""
        memset(&self.cart, 0, <size_t>&(<SentCart*>NULL).lines)
        self.sources = []
        self.stale_size = 0
        self.goods = -1
        return 0

    cdef void set_cart(self, const SentCart* cart) noexcept:
        """Takes over all of a cart but its arrays."""
        memcpy(&self.cart, cart, <size_t>&(<SentCart*>NULL).lines)

    cdef void* extended(self, void* array, int32_t* room, size_t size) except NULL:
        """The array with at least twice the room."""
        cdef int32_t wider = 2 * room[0] if room[0] else FIRST_ROOM
        cdef void* extended = self.memory.take(wider, size)
        if room[0]:
            memcpy(extended, array, room[0] * size)
        room[0] = wider
        return extended

    cdef void* take_scratch(self, int64_t size) except NULL:
        """Bytes that hold until the next call."""
        if self.scratch_room < size:
            self.scratch = self.memory.take(2 * size, sizeof(char))
            self.scratch_room = 2 * size
        return self.scratch
