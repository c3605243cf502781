"""Conversion between C and Python texts."""

from cpython.unicode cimport PyUnicode_AsUTF8AndSize

from engine._native.basket cimport Text


cdef inline str decoded(Text text):
    """An absent text becomes an empty one."""
    return text.start[:text.length].decode() if text.length else ""


cdef inline Text encoded(str value) except *:
    """Valid as long as the Python text."""
    cdef Py_ssize_t length
    cdef const char* start = PyUnicode_AsUTF8AndSize(value, &length)
    return Text(start, length)
