"""What the appraisals of all kinds of rewards share (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.artifact cimport GoodsReward, Promotion
from engine._native.basket cimport Basket, Run
from engine._native.program cimport Rules
from engine._native.rewards cimport Offer
from engine._native.search.candidates cimport MOST_PARTS, Candidate, Search
from engine._native.selection cimport lines_of_part

cdef struct Appraisal:
    # A candidate being appraised. Amounts are in minor units.
    const Rules* rules
    Basket* basket
    Search* search
    Candidate* candidate
    int32_t index                 # of the candidate
    int32_t first                 # candidates from this one to it may be granted before its turn
    const Promotion* promotion
    const GoodsReward* reward
    int order                     # a pick order whose units are no cheaper than those of its own
    Offer offer                   # its numbers, or the most favourable while they are not known
    int64_t* least                # of each part: the smallest quantity,
    int64_t* most                 # and the largest; equal once its layer has begun
    int64_t budget                # what is left of it; INT64_MAX: there is none
    int64_t claimed_before        # the most units within reach that are claimed before its turn
    int64_t claimed_in_part[MOST_PARTS]  # of a bundle: the same within the segment of each part
    bint entered                  # its layer has begun: conditions, numbers, bases and claims are known
    bint fixed                    # bases stay until its turn, and pick order goes by them
    int32_t count                 # of the basket's pieces, which hold the units within reach
    # Of a bundle:
    int64_t units                 # within reach
    int64_t available[MOST_PARTS]  # units within the segment of each part
    int64_t shared[MOST_PARTS]    # units of that segment that the other parts of a set may take

cdef void add_cap(Search* search, Candidate* candidate, int32_t column, int64_t amount) noexcept nogil
cdef void gather_reached(Appraisal* of, bint unclaimed, int order) noexcept nogil
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
    """What a percentage of a unit is read from: its base; before its layer begins, which is yet to set it, the running
    price.
    """
    return run.base if of.entered else run.price
