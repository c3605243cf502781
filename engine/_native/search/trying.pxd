"""Trying a whole set: granting it, and keeping it when it is better than the best one."""

from libc.stdint cimport int64_t

from engine._native.basket cimport Basket
from engine._native.program cimport Rules
from engine._native.rewards cimport Outcome
from engine._native.search.candidates cimport Search

cdef Outcome try_first(const Rules* rules, Basket* basket) noexcept nogil
cdef Outcome try_set(const Rules* rules, Basket* basket, int64_t least) noexcept nogil
cdef bint is_promising(const Search* search) noexcept nogil
cdef void record_saved(Search* search) noexcept nogil
cdef bint keep_if_better(Search* search) noexcept nogil
