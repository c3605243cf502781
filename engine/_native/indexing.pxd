"""Building the index of a rule set (index.pxd)."""

from engine._native.index cimport Index
from engine._native.memory cimport Arena
from engine._native.program cimport Rules

cdef int build(const Rules* rules, Arena memory, Index* index) except -1
