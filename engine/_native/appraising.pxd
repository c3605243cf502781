"""What appraisals of candidates share (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.artifact cimport GoodsReward, Promotion
from engine._native.basket cimport Basket, Run
from engine._native.candidates cimport MOST_PARTS, Candidate, Search
from engine._native.program cimport Rules
from engine._native.rewards cimport Offer
from engine._native.selection cimport lines_of_part

cdef struct Appraisal:
    const Rules* rules
    Basket* basket
    Search* search
    Candidate* candidate
    int32_t index                 # of the candidate
    int32_t first                 # of those that come before its turn
    const Promotion* promotion
    const GoodsReward* reward
    int order                     # the most favourable one that its pick order may be
    Offer offer                   # its numbers at their most favourable
    int64_t* least                # of each part: quantities; the same where they are known
    int64_t* most
    int64_t budget                # what it may still give; INT64_MAX: anything
    int64_t claimed_before        # units that others may claim before its turn
    int64_t claimed_in_part[MOST_PARTS]  # of a bundle: the same of the segment of each part
    bint entered                  # its layer has begun: conditions, numbers, bases and claims are its own
    bint fixed                    # bases stay as they are until its turn, and say which units go first
    int32_t count                 # of the basket's pieces: the units within reach
    # Of a bundle: units within reach in all, and of each part; those of a set that other parts may take of its segment.
    int64_t units
    int64_t available[MOST_PARTS]
    int64_t shared[MOST_PARTS]

cdef void add_cap(Search* search, Candidate* candidate, int32_t column, int64_t amount) noexcept nogil
cdef void within_reach(Appraisal* of, bint unclaimed, int order) noexcept nogil
cdef int64_t rounded_parts(const Offer* offer, int64_t base, int64_t times) noexcept nogil
cdef int64_t most_of_unit(const Appraisal* of, int64_t base) noexcept nogil
cdef int64_t most_of_line_price(const Appraisal* of, int64_t base) noexcept nogil
cdef int64_t times(int64_t amount, int64_t count, int64_t limit) noexcept nogil
cdef int64_t units_of(const Appraisal* of, const uint64_t* members) noexcept nogil
cdef int64_t window(
    const Appraisal* of, const uint64_t* members, int64_t skip, int64_t units, const Offer* offer
) noexcept nogil


cdef inline const uint64_t* members_of(const Appraisal* of, int32_t part) noexcept nogil:
    """The lines of one of its parts."""
    return lines_of_part(of.rules, of.basket, of.reward, part)


cdef inline int64_t base_of(const Appraisal* of, const Run* run) noexcept nogil:
    """What its percentage reads of a unit; before its layer begins no more than the running price."""
    return run.base if of.entered else run.price
