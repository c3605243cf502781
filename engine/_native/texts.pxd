"""Texts of C as Python's, and the other way round."""

from cpython.unicode cimport PyUnicode_AsUTF8AndSize

from engine._native.basket cimport Text


cdef inline str decoded(Text text):
    """What is absent is an empty text."""
    return text.start[:text.length].decode() if text.length else ""


cdef inline Text encoded(str value) except *:
    """Holds as long as Python's text."""
    cdef Py_ssize_t length
    cdef const char* start = PyUnicode_AsUTF8AndSize(value, &length)
    return Text(start, length)
