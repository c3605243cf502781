"""Evaluating expressions (docs/pricing.md §4)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.artifact cimport Figure, NumberKind, NumberTable
from engine._native.basket cimport Facts, Number
from engine._native.program cimport Rules
from engine._native.rewards cimport CONDITION, GRANTED, MISSING_FACT, Outcome

cdef Number evaluate(const Rules* rules, const Facts* facts, int32_t index) noexcept nogil
cdef bint holds(const Rules* rules, const Facts* facts, int32_t condition) noexcept nogil
cdef bint read_table(
    const Rules* rules, const Facts* facts, const NumberTable* table, int64_t* value
) noexcept nogil


cdef inline Number present(int64_t value) noexcept nogil:
    return Number(value, 1)


cdef inline Number absent() noexcept nogil:
    return Number(0, 0)


cdef inline Number figure(const Rules* rules, const Facts* facts, int32_t row) noexcept nogil:
    cdef const Figure* entry = &rules.figures[<int64_t>row * rules.currency_count + facts.currency]
    return present(entry.amount) if entry.present else absent()


cdef inline bint read_number(const Rules* rules, const Facts* facts, int32_t index, int64_t* value) noexcept nogil:
    """Reads a number of a reward. False when it has no value: no step is reached, no case matches, ``for_every`` does
    not fit once, or the fact is missing.
    """
    cdef const NumberTable* table = &rules.numbers[index]
    cdef Number fixed
    if table.kind != NumberKind.FIXED:
        return read_table(rules, facts, table, value)
    fixed = figure(rules, facts, table.first)
    value[0] = fixed.value
    return fixed.present != 0


cdef inline bint read_if_any(const Rules* rules, const Facts* facts, int32_t index, int64_t* value) noexcept nogil:
    """Reads a number, leaving the value as it is when there is none (-1); False when it has no value."""
    return index < 0 or read_number(rules, facts, index, value)


cdef inline Outcome asked(const Rules* rules, const Facts* facts, int32_t condition) noexcept nogil:
    """GRANTED when a condition is met, otherwise the reason why not."""
    cdef Number met
    if condition < 0:
        return GRANTED
    met = evaluate(rules, facts, condition)
    if met.value:
        return GRANTED
    return CONDITION if met.present else MISSING_FACT
