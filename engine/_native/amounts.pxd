"""Which filters read the quantity or the price of a line, and which conditions and numbers read sums of lines or rates.
"""

from libc.stdint cimport int32_t

from engine._native.index cimport Index
from engine._native.memory cimport Arena
from engine._native.program cimport Rules

cdef int note_amounts(const Rules* rules, Arena memory, Index* index) except -1
cdef bint condition_reads_sums(const Rules* rules, int32_t condition) noexcept nogil
cdef bint number_reads_sums(const Rules* rules, int32_t number) noexcept nogil
