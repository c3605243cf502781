"""Coupon codes of a cart: which count, which promotion uses which, and their status (docs/pricing.md §5, §8)."""

cimport cython
from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Basket, Text
from engine._native.memory cimport Arena
from engine._native.program cimport Program
from engine._native.rewards cimport Outcome
from engine._native.sent cimport FactState, SentCart, SentCouponFact

cdef enum CodeState:
    # The order of engine/pricing/quote.py Status.
    APPLIED, NOT_BEST_OF_ALL, NOT_ELIGIBLE, EXHAUSTED, NOT_YET, OVER, UNKNOWN

cdef struct SentCode:
    Text sent                     # as first sent
    Text folded
    bint counts                   # no later one replaced it
    FactState known               # UNSAID when the rule set lists it, or nothing is known
    Text pool                     # where it is AVAILABLE or SPENT
    int32_t first                 # of the promotions that need it, in the entries of the index
    int32_t count
    # Its status, written by ``settle``:
    CodeState state
    Outcome reason                # of the promotion that came furthest, or UNVERIFIED; GRANTED: none
    int32_t* promotions           # those that apply by it, otherwise the one that came furthest
    int32_t promotion_count


@cython.final
cdef class Codes:
    cdef Program program
    cdef const SentCart* cart
    cdef Arena memory             # for the cart at hand
    cdef Arena program_memory
    cdef SentCode* codes          # distinct, in the order sent
    cdef int32_t count
    cdef int32_t* used            # of each promotion that needs a code and may apply: the code it uses

    cdef int read(self, const SentCart* sent) except -1
    cdef Text folded(self, Text code) except *
    cdef Outcome obstacle(self, int32_t index) noexcept
    cdef bint is_used_up(self, int32_t index, const SentCode* code) noexcept
    cdef int file(self, SentCode* code) except -1
    cdef const SentCouponFact* fact_of(self, Text folded) noexcept
    cdef void settle(self, const Basket* basket) noexcept
    cdef void settle_one(self, const Basket* basket, SentCode* code) noexcept
    cdef Outcome reason_of(self, int32_t index, const SentCode* code, Outcome reason) noexcept

cdef Outcome why(Program program, const Basket* basket, int64_t second, int32_t index) noexcept
