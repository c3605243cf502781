"""How much a candidate may save at most, and of which lines (docs/search.md)."""

from libc.stdint cimport int64_t

from engine._native.artifact cimport Layer
from engine._native.basket cimport Basket
from engine._native.candidates cimport Candidate, Search
from engine._native.program cimport Rules

cdef bint appraise(
    const Rules* rules, Basket* basket, Search* search, const Layer* layer, Candidate* candidate, bint entered,
    int64_t claimed_before,
) noexcept nogil
