"""Where the carts of a program are priced, one after the other."""

from engine._native.edits cimport Edits
from engine._native.loading cimport LoadedCart
from engine._native.program cimport Program
from engine._native.wire.writing cimport Output


cdef class Workspace:
    cdef readonly Program program
    cdef LoadedCart loaded        # the cart laid out
    cdef Edits edits              # what the last mutations changed
    cdef Output output
