"""Mutations of a cart, read from the wire and applied."""

from libc.stdint cimport int64_t

from engine._native.edits cimport Edits
from engine._native.program cimport Rules
from engine._native.store cimport SentStore
from engine._native.wire.writing cimport Output

cdef bint mutate_cart(
    SentStore store, const Rules* rules, bytes request, int64_t now, Edits edits, Output output
) except -1
