"""Texts of C as Python's."""

from engine._native.basket cimport Text


cdef inline str decoded(Text text):
    """What is absent is an empty text."""
    return text.start[:text.length].decode() if text.length else ""
