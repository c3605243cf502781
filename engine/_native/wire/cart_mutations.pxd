"""Mutations of a cart that are not about its lines."""

from libc.stdint cimport uint32_t

from engine._native.edits cimport Edits
from engine._native.program cimport Rules
from engine._native.store cimport SentStore
from engine._native.wire.octets cimport Octets

cdef Octets apply_to_cart(
    SentStore store, const Rules* rules, uint32_t tag, Octets at, Octets end, Edits edits
) except? NULL
