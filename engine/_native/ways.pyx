# Everything here is C: see ways.pxd.
"""The ways in which claims may go, followed one beside the other (docs/search.md).

Whether a bundle passes over a set may hang on what others take before. Then it is followed both ways what is left for
those behind; a row of stocks stands for each.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t
from libc.string cimport memcpy

from engine._native.basket cimport Basket
from engine._native.candidates cimport MOST_WAYS, Candidate, Claim, Passes, Search, Stock, Worth, claims_of
from engine._native.money cimport maximum, minimum
from engine._native.rehearsal cimport UNKNOWN_CLAIMS, lose_sight, next_passes, rehearse, tell_taken_before


cdef Worth worth_in_turn(
    const Basket* basket, Search* search, int32_t place, bint forced
) noexcept nogil:
    """What the next candidate that claims units saves at most, whichever way; nothing when it is ``forced`` and can be
    granted in none. When that is certain, ``in_turn`` says of which lines.
    """
    cdef const Candidate* candidate = &search.candidates[search.claimers[place]]
    cdef int32_t way, index, line
    cdef Worth most
    most.saving = most.beyond = 0
    most.certain = most.settled = True
    if not candidate.gets:
        tell_taken_before(search, place, basket.line_count)
    for index in range(candidate.claim_count):
        search.most_in_turn[index] = 0
        search.least_in_turn[index] = INT64_MAX
    # Those that split off are put behind, and those that end are filled with the last.
    for way in range(search.way_count - 1, -1, -1):
        if not follow(basket, search, place, way, forced, &most):
            search.way_count -= 1
            if way < search.way_count:
                copy_way(basket, search, search.way_count, way)
    for index in range(candidate.claim_count):
        line = claims_of(search, candidate)[index].column
        search.in_turn[line] = search.most_in_turn[index]
        search.sure_in_turn[line] = search.least_in_turn[index]
    return most


cdef bint follow(
    const Basket* basket, Search* search, int32_t place, int32_t way, bint forced, Worth* most
) noexcept nogil:
    """Goes one way, and those into which it splits; False when it ends, since a candidate is forced and not granted."""
    cdef const Candidate* candidate = &search.candidates[search.claimers[place]]
    cdef const Claim* claims = claims_of(search, candidate)
    cdef Stock* stocks = stocks_of(basket, search, way)
    cdef Passes passes
    cdef Worth worth
    cdef int32_t index, line, last = way
    cdef bint splitting, ends = True
    for index in range(candidate.claim_count):
        search.stocks_before[index] = stocks[claims[index].column]
    passes.passed = passes.count = 0
    while True:
        splitting = search.way_count < MOST_WAYS
        if rehearse(basket, search, place, stocks, &passes if splitting else NULL, &worth) == UNKNOWN_CLAIMS:
            worth.saving = INT64_MAX
        ends = forced and worth.saving == 0
        most.settled = most.settled and worth.settled
        if not ends:
            most.saving = maximum(most.saving, worth.saving)
            most.certain = most.certain and worth.certain
            for index in range(candidate.claim_count):
                line = claims[index].column
                search.most_in_turn[index] = maximum(search.most_in_turn[index], search.in_turn[line])
                search.least_in_turn[index] = minimum(search.least_in_turn[index], search.sure_in_turn[line])
        if not splitting or not next_passes(&passes):
            break
        if not ends:
            # The next one has a row of its own.
            last = search.way_count
            search.way_count += 1
            copy_way(basket, search, way, last)
            stocks = stocks_of(basket, search, last)
        for index in range(candidate.claim_count):
            stocks[claims[index].column] = search.stocks_before[index]
    if ends and last != way:
        search.way_count -= 1
    return not ends or last != way


cdef void lose_sight_of(const Basket* basket, Search* search, int32_t index) noexcept nogil:
    """Whichever way, a candidate may claim any units that it reaches for."""
    cdef int32_t way
    for way in range(search.way_count):
        lose_sight(search, index, basket.line_count, stocks_of(basket, search, way))


cdef inline Stock* stocks_of(const Basket* basket, const Search* search, int32_t way) noexcept nogil:
    return &search.stocks[<int64_t>way * basket.line_count]


cdef inline void copy_way(const Basket* basket, Search* search, int32_t way, int32_t to) noexcept nogil:
    memcpy(stocks_of(basket, search, to), stocks_of(basket, search, way), basket.line_count * sizeof(Stock))
