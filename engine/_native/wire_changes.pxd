"""Answers to mutations; and writing the head of a field, forwards."""

from libc.stdint cimport int64_t, uint32_t

cdef unsigned char* begin_field(unsigned char* at, uint32_t tag, int64_t size) noexcept
