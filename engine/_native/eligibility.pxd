"""Which promotions may apply to a cart, before any layer is run."""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.basket cimport Basket, Number, Text
from engine._native.clock cimport Clock
from engine._native.codes cimport Codes
from engine._native.index cimport Column, Groups, ThresholdColumn
from engine._native.memory cimport Arena
from engine._native.program cimport Program
from engine._native.rewards cimport DECLINED, Outcome
from engine._native.sent cimport SentCart, SentUsage


@cython.final
cdef class Eligibility:
    cdef Program program
    cdef Basket* basket           # of the loaded cart
    cdef Arena memory
    cdef uint64_t* marked         # set of the promotions worth asking
    cdef uint64_t* summary        # set of the words of ``marked`` that are not 0
    cdef int32_t summary_words
    cdef int32_t* reached         # of each column of thresholds: how many of them the cart reaches
    cdef Clock clock
    cdef int64_t open_until       # second before which no schedule changes; INT64_MAX: never
    cdef Codes codes
    cdef set only                 # the only promotions that may apply, by index; None: any may

    cdef int choose(self, const SentCart* sent, bint all_promotions, bint same_codes) except -1
    cdef int32_t promotion_of(self, Text promotion_id) except -2
    cdef void clear_marks(self) noexcept
    cdef void mark(self, int32_t promotion) noexcept
    cdef void mark_reachable(self) noexcept
    cdef void mark_group(self, const Groups* groups, int32_t number) noexcept
    cdef void mark_column(self, const Column* column) noexcept
    cdef void mark_texts(self, const Column* column) noexcept
    cdef void mark_text(self, int32_t number, Text text) noexcept
    cdef void mark_filed(self, int32_t first, int32_t count) noexcept
    cdef void mark_thresholds(self) noexcept
    cdef Number fact_of(self, const ThresholdColumn* column) noexcept
    cdef bint holds(self, const SentCart* sent) noexcept
    cdef int collect(self, const SentCart* sent, bint all_promotions) except -1
    cdef int consider_marked(self, const SentCart* sent, set declined, dict usage) except -1
    cdef int consider(self, int32_t index, const SentCart* sent, set declined, dict usage) except -1
    cdef Outcome obstacle(self, int32_t index, const SentCart* sent, set declined, dict usage) except? DECLINED
    cdef Outcome limit_reached(self, int32_t index, const SentUsage* usage) noexcept
