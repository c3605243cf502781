"""Answers to mutations; and the head of a field, written forwards."""

from libc.stdint cimport int64_t, uint32_t

cdef bytes head_of(uint32_t tag, int64_t size)
