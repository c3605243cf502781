"""Room in which the carts of a program are priced, one after the other."""

from engine._native.edits cimport Edits
from engine._native.loading cimport LoadedCart
from engine._native.program cimport Program
from engine._native.wire.writing cimport Output


cdef class Workspace:
    """What pricing writes, sized for the program and the largest cart so far. Any number of sessions may share it, all
    of one thread at a time.
    """

    def __cinit__(self, Program program not None):
        self.program = program
        self.loaded = LoadedCart(program)
        self.edits = Edits()
        self.output = Output()
