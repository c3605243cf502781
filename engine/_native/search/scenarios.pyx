"""Rehearsals in every scenario: which bundle sets were passed over (docs/search.md).

Whether a bundle passes over a set may depend on what others take before. Both outcomes are then followed for the
claimers behind it, each with its own row of stocks; a candidate counts with the scenario best for it.
"""

from libc.stdint cimport INT64_MAX, int32_t
from libc.string cimport memcpy

from engine._native.basket cimport Basket
from engine._native.money cimport maximum, minimum
from engine._native.search.candidates cimport MOST_SCENARIOS, Candidate, Claim, Passes, Search, Stock, Worth, claims_of
from engine._native.search.rehearsal cimport (
    UNKNOWN_CLAIMS, mark_unknown, next_passes, record_taken_before, rehearse, stocks_of,
)


cdef Worth rehearse_in_turn(
    const Basket* basket, Search* search, int32_t place, bint forced
) noexcept nogil:
    """Bounds what the next claimer saves in any scenario; 0 when it is ``forced`` and can be granted in none. Where its
    claims are known, ``in_turn`` says what it takes of each line.
    """
    cdef const Candidate* candidate = &search.candidates[search.claimers[place]]
    cdef int32_t scenario, index, line
    cdef Worth most
    most.saving = most.reduced = 0
    most.claims_known = most.always_saves = True
    if not candidate.is_buy_get:
        record_taken_before(search, place, basket.line_count)
    for index in range(candidate.claim_count):
        search.most_in_turn[index] = 0
        search.least_in_turn[index] = INT64_MAX
    # Backwards: new scenarios are added behind, and the last one takes the place of one that ends.
    for scenario in range(search.scenario_count - 1, -1, -1):
        if not follow(basket, search, place, scenario, forced, &most):
            search.scenario_count -= 1
            if scenario < search.scenario_count:
                copy_scenario(basket, search, search.scenario_count, scenario)
    for index in range(candidate.claim_count):
        line = claims_of(search, candidate)[index].column
        search.in_turn[line] = search.most_in_turn[index]
        search.sure_in_turn[line] = search.least_in_turn[index]
    return most


cdef bint follow(
    const Basket* basket, Search* search, int32_t place, int32_t scenario, bint forced, Worth* most
) noexcept nogil:
    """Rehearses a claimer in one scenario, and in those into which it splits; False when none is left, as a forced
    candidate could not be granted.
    """
    cdef const Candidate* candidate = &search.candidates[search.claimers[place]]
    cdef const Claim* claims = claims_of(search, candidate)
    cdef Stock* stocks = stocks_of(basket, search, scenario)
    cdef Passes passes
    cdef Worth worth
    cdef int32_t index, line, last = scenario
    cdef bint splitting, ends = True
    for index in range(candidate.claim_count):
        search.stocks_before[index] = stocks[claims[index].column]
    passes.passed = passes.count = 0
    while True:
        splitting = search.scenario_count < MOST_SCENARIOS
        if rehearse(basket, search, place, stocks, &passes if splitting else NULL, &worth) == UNKNOWN_CLAIMS:
            worth.saving = INT64_MAX
        ends = forced and worth.saving == 0
        most.always_saves = most.always_saves and worth.always_saves
        if not ends:
            most.saving = maximum(most.saving, worth.saving)
            most.claims_known = most.claims_known and worth.claims_known
            for index in range(candidate.claim_count):
                line = claims[index].column
                search.most_in_turn[index] = maximum(search.most_in_turn[index], search.in_turn[line])
                search.least_in_turn[index] = minimum(search.least_in_turn[index], search.sure_in_turn[line])
        if not splitting or not next_passes(&passes):
            break
        if not ends:
            # The next one has a row of its own.
            last = search.scenario_count
            search.scenario_count += 1
            copy_scenario(basket, search, scenario, last)
            stocks = stocks_of(basket, search, last)
        for index in range(candidate.claim_count):
            stocks[claims[index].column] = search.stocks_before[index]
    if ends and last != scenario:
        search.scenario_count -= 1
    return not ends or last != scenario


cdef void mark_unknown_everywhere(const Basket* basket, Search* search, int32_t index) noexcept nogil:
    """In every scenario, a candidate may claim any units that it reaches."""
    cdef int32_t scenario
    for scenario in range(search.scenario_count):
        mark_unknown(search, index, basket.line_count, stocks_of(basket, search, scenario))


cdef inline void copy_scenario(const Basket* basket, Search* search, int32_t scenario, int32_t to) noexcept nogil:
    memcpy(stocks_of(basket, search, to), stocks_of(basket, search, scenario), basket.line_count * sizeof(Stock))
