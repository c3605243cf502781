"""Which filters hang on the quantity or the price of a line: all that a new one makes worth asking."""

from engine._native.index cimport Index
from engine._native.memory cimport Arena
from engine._native.program cimport Rules

cdef int note_amounts(const Rules* rules, Arena memory, Index* index) except -1
