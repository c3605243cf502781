"""An arena: memory handed out in pieces and taken back as a whole."""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memset

cdef extern from *:
    """
    #if defined(__SANITIZE_ADDRESS__)
    #include <sanitizer/asan_interface.h>
    #define allow_memory(start, size) ASAN_UNPOISON_MEMORY_REGION(start, size)
    #define forbid_memory(start, size) ASAN_POISON_MEMORY_REGION(start, size)
    #else
    #define allow_memory(start, size) ((void)0)
    #define forbid_memory(start, size) ((void)0)
    #endif
    """
    # Under `make sanitize`, an access outside the pieces of an arena ends the process; otherwise these do nothing.
    void allow_memory(const void* start, size_t size) nogil
    void forbid_memory(const void* start, size_t size) nogil

cdef enum:
    ALIGNMENT = 16

cdef struct Chunk:
    Chunk* earlier
    size_t size                   # bytes after this head; a multiple of 16, like the head


cdef inline int64_t piece_size(int64_t count, size_t size) noexcept nogil:
    """Bytes that an array of records takes in an arena, with one more at least, so that arrays do not touch."""
    return (<size_t>count * size + ALIGNMENT) // ALIGNMENT * ALIGNMENT


@cython.final
cdef class Arena:
    cdef Chunk* chunk             # the latest; NULL before the first piece
    cdef size_t used              # bytes of it that are handed out

    cdef inline void* take(self, int64_t count, size_t size) except NULL:
        """An uninitialised array of records."""
        cdef size_t wanted = piece_size(count, size)
        cdef void* piece
        if self.chunk == NULL or wanted > self.chunk.size - self.used:
            self.extend(wanted)
        piece = <char*>self.chunk + sizeof(Chunk) + self.used
        self.used += wanted
        allow_memory(piece, <size_t>count * size)
        return piece

    cdef inline void* filled(self, int64_t count, size_t size, int byte) except NULL:
        """The same with every byte set; 0xFF makes numbers -1."""
        return memset(self.take(count, size), byte, count * size)

    # Uninitialised arrays of what is most common.

    cdef inline int32_t* indices(self, int64_t count) except NULL:
        return <int32_t*>self.take(count, sizeof(int32_t))

    cdef inline int64_t* numbers(self, int64_t count) except NULL:
        return <int64_t*>self.take(count, sizeof(int64_t))

    cdef inline uint64_t* bits(self, int64_t words) except NULL:
        return <uint64_t*>self.take(words, sizeof(uint64_t))

    cdef int reset(self) except -1
    cdef int extend(self, size_t wanted) except -1
    cdef int begin_chunk(self, size_t size) except -1
    cdef int64_t size(self) noexcept
    cdef void release(self) noexcept
