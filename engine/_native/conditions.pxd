"""Evaluating expressions (docs/pricing.md §4)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Facts, Number
from engine._native.program cimport Rules
from engine._native.rewards cimport Outcome

cdef Number evaluate(const Rules* rules, const Facts* facts, int32_t index) noexcept nogil
cdef bint holds(const Rules* rules, const Facts* facts, int32_t condition) noexcept nogil
cdef Outcome asked(const Rules* rules, const Facts* facts, int32_t condition) noexcept nogil
cdef bint read_number(const Rules* rules, const Facts* facts, int32_t index, int64_t* value) noexcept nogil
cdef bint read_if_any(const Rules* rules, const Facts* facts, int32_t index, int64_t* value) noexcept nogil
