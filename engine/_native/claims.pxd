"""What candidates that claim units may still save (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.basket cimport Basket
from engine._native.candidates cimport GAIN, MOST_PARTS, Candidate, Claim, Search
from engine._native.money cimport maximum

cdef enum:
    # Parts of one that gets, as bits.
    BOUGHT = 1
    GOT = 2

cdef void count_unclaimed(const Basket* basket, Search* search, int32_t index) noexcept nogil
cdef void count_claims_before(
    const Basket* basket, Search* search, int32_t index, int64_t* claimed
) noexcept nogil
cdef void reach_lines(
    const Basket* basket, Search* search, int32_t index, const int64_t* claimed, int64_t formed
) noexcept nogil
cdef int64_t drained(const Search* search, int32_t column) noexcept nogil
cdef int64_t room_at(
    const Search* search, const Candidate* candidate, int32_t place, int64_t* at_floor
) noexcept nogil


cdef inline int32_t* claims_of_part(const Search* search, const Candidate* candidate, int32_t part) noexcept nogil:
    return &search.part_claims[<int64_t>candidate.first_claim * MOST_PARTS + part * candidate.claim_count]


cdef inline int32_t claim_of_part(
    const Search* search, const Candidate* candidate, int32_t part, int32_t place
) noexcept nogil:
    """The claim of a part so many places on, in pick order."""
    if candidate.picks_cheapest:
        place = candidate.in_part[part] - 1 - place
    return claims_of_part(search, candidate, part)[place]


cdef inline const Claim* claim_at(const Search* search, const Candidate* candidate, int32_t place) noexcept nogil:
    """The claim so many places on, in pick order."""
    if candidate.picks_cheapest:
        place = candidate.claim_count - 1 - place
    return &search.claims[candidate.first_claim + place]


cdef inline uint64_t* reach_of(const Basket* basket, const Search* search, int32_t index, int32_t part) noexcept nogil:
    """The lines of which a candidate may claim units for a part."""
    return &search.reaches[(<int64_t>index * MOST_PARTS + part) * basket.word_count]


cdef inline int64_t gain_of(const Candidate* candidate, const Claim* claim, int32_t part, bint below) noexcept nogil:
    """The most that is wanted of a unit of a line for a part of the set; ``below`` 0 when it is cheaper than its share.
    """
    if candidate.gets or candidate.shares[part] == 0:
        return claim.gain
    return claim.base * GAIN - candidate.shares[part] if below else maximum(
        0, claim.base * GAIN - candidate.shares[part]
    )


cdef inline bint is_claiming(const Search* search, const Candidate* candidate) noexcept nogil:
    """Whether what it may claim is listed and not known, and is that of the layer at hand."""
    return search.open_claims and candidate.claim_count >= 0 and candidate.layer == search.layer
