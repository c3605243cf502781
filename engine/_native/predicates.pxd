"""The predicates in a condition under which a segment or promotion can be filed."""

from libc.stdint cimport int32_t, int64_t

from engine._native.index cimport Match
from engine._native.program cimport Rules

cdef struct Predicate:
    # A comparison of a text fact or list with constant texts.
    Match match
    int32_t subject
    int32_t slot
    int32_t first                 # of its texts, in the operands; -1: it has just one, ``text``
    int32_t count
    int32_t text

cdef struct Least:
    # A comparison: a number fact is at least so much, in a currency.
    int32_t subject
    int32_t slot
    int64_t least

cdef int32_t text_at(const Rules* rules, const Predicate* predicate, int32_t place) noexcept
cdef bint predicate_of(const Rules* rules, int32_t index, Predicate* predicate) noexcept
cdef int32_t needed_segment(const Rules* rules, int32_t index) noexcept
cdef bint is_threshold(const Rules* rules, int32_t index) noexcept
cdef int read_threshold(const Rules* rules, int32_t index, int32_t currency, Least* least) noexcept
cdef int32_t threshold_in(const Rules* rules, int32_t index) noexcept
cdef bint is_whole(const Rules* rules, int32_t index) noexcept
