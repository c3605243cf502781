"""The quote of a priced cart, written to the wire."""

from engine._native.loading cimport LoadedCart
from engine._native.wire.writing cimport Output

cdef int write_quote(Output output, LoadedCart loaded) except -1
