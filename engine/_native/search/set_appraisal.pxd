"""What sets of claimed units grant at most, and which units they may claim (docs/search.md)."""

from libc.stdint cimport int64_t, uint64_t

from engine._native.search.appraising cimport Appraisal

cdef void count_claims_before(Appraisal* of) noexcept nogil
cdef void appraise_buy_get(Appraisal* of) noexcept nogil
cdef void cap_lines(Appraisal* of, const uint64_t* members, int64_t units, bint by_unit) noexcept nogil
cdef void list_claims(Appraisal* of) noexcept nogil
