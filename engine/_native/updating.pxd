"""Bringing a basket up to date with what mutations changed of its sent cart."""

from engine._native.edits cimport Edits
from engine._native.loading cimport LoadedCart

cdef enum Updated:
    UP_TO_DATE, LINES_KEPT, NOTHING_KEPT

cdef Updated update(LoadedCart loaded, Edits edits) except *
