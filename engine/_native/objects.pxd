"""Carts as Python objects become sent carts. All reading of Python objects is here."""

from engine._native.store cimport SentStore

cdef int read_object(object cart, SentStore store) except -1
