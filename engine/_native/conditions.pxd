"""Evaluating expressions (docs/pricing.md §4)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Facts, Number
from engine._native.program cimport Rules
from engine._native.rewards cimport CONDITION, GRANTED, MISSING_FACT, Outcome

cdef Number evaluate(const Rules* rules, const Facts* facts, int32_t index) noexcept nogil
cdef bint holds(const Rules* rules, const Facts* facts, int32_t condition) noexcept nogil
cdef bint read_number(const Rules* rules, const Facts* facts, int32_t index, int64_t* value) noexcept nogil


cdef inline bint read_if_any(const Rules* rules, const Facts* facts, int32_t index, int64_t* value) noexcept nogil:
    """Reads a number, and leaves the value as it is when there is none (-1); False when it has no value."""
    return index < 0 or read_number(rules, facts, index, value)


cdef inline Outcome asked(const Rules* rules, const Facts* facts, int32_t condition) noexcept nogil:
    """GRANTED when a condition is met, else what it fails by."""
    cdef Number met
    if condition < 0:
        return GRANTED
    met = evaluate(rules, facts, condition)
    if met.value:
        return GRANTED
    return CONDITION if met.present else MISSING_FACT
