"""Reading carts that are Python objects into sent carts; nothing else reads such objects."""

from engine._native.store cimport SentStore

cdef int read_object(object cart, SentStore store) except -1
