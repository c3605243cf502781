"""What rewards on all or some units of a segment grant at most (docs/search.md)."""

from engine._native.search.appraising cimport Appraisal

cdef void appraise_all(Appraisal* of, bint all_units) noexcept nogil
cdef void appraise_some_of_each(Appraisal* of) noexcept nogil
cdef void appraise_off_list(Appraisal* of) noexcept nogil
cdef void appraise_some(Appraisal* of) noexcept nogil
