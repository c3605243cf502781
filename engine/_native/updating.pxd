"""Updating a basket after mutations of its sent cart."""

from engine._native.edits cimport Edits
from engine._native.loading cimport LoadedCart

cdef bint update(LoadedCart loaded, Edits edits) except -1
