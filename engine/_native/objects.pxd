"""Carts as Python objects become sent carts. All reading of Python objects is here."""

from engine._native.memory cimport Arena
from engine._native.sent cimport SentCart

cdef int read_object(object cart, Arena memory, list kept, SentCart* sent) except -1
