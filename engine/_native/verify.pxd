"""Checking the records of an artifact."""

from engine._native.program cimport Rules

cdef int verify(Rules* rules) except -1
