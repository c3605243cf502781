"""What bundles grant at most (docs/search.md)."""

from engine._native.search.appraising cimport Appraisal

cdef void appraise_bundle(Appraisal* of) noexcept nogil
