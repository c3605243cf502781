"""Lines that come or go while all others stay as they are."""

from libc.stdint cimport int32_t

from engine._native.loading cimport LoadedCart

cdef bint insert_line(LoadedCart loaded, int32_t place, bint* stale) except -1
cdef bint remove_line(LoadedCart loaded, int32_t index, bint* stale) except -1
