"""An arena: memory handed out in pieces and taken back as a whole."""

cimport cython
from libc.stdint cimport int64_t
from libc.stdlib cimport free, malloc

cdef enum:
    FIRST_CHUNK = 4096


@cython.final
cdef class Arena:
    """Pieces are valid until ``reset`` or the end of the arena. After a reset, the same pieces need no malloc."""

    def __dealloc__(self):
        self.release()

    cdef int reset(self) except -1:
        """Takes every piece back; several chunks become one of their total size."""
        cdef size_t total = 0
        cdef Chunk* chunk = self.chunk
        self.used = 0
        if chunk == NULL:
            return 0
        if chunk.earlier == NULL:
            forbid_memory(chunk + 1, chunk.size)
            return 0
        while chunk != NULL:
            total += chunk.size
            chunk = chunk.earlier
        self.release()
        return self.begin_chunk(total)

    cdef int extend(self, size_t wanted) except -1:
        """Adds a chunk, at least twice as large as the last."""
        return self.begin_chunk(max(wanted, FIRST_CHUNK if self.chunk == NULL else 2 * self.chunk.size))

    cdef int begin_chunk(self, size_t size) except -1:
        cdef Chunk* chunk = <Chunk*>malloc(sizeof(Chunk) + size)
        if chunk == NULL:
            raise MemoryError
        chunk.earlier = self.chunk
        chunk.size = size
        forbid_memory(chunk + 1, size)
        self.chunk = chunk
        self.used = 0
        return 0

    cdef int64_t size(self) noexcept:
        """Bytes held."""
        cdef int64_t total = 0
        cdef const Chunk* chunk = self.chunk
        while chunk != NULL:
            total += chunk.size
            chunk = chunk.earlier
        return total

    cdef void release(self) noexcept:
        cdef Chunk* chunk
        while self.chunk != NULL:
            chunk = self.chunk
            self.chunk = chunk.earlier
            free(chunk)
