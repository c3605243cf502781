"""Checking the nodes of expressions."""

from libc.stdint cimport int32_t, int64_t

from engine._native.program cimport Rules

cdef struct Inspected:
    # What is known of a node once it is checked.
    bint is_text
    int32_t subjects              # bit set of those whose facts it reads
    int32_t depth
    int64_t work

cdef int32_t unsound_node(const Rules* rules, Inspected* nodes) noexcept
