# Everything here is C: see families.pxd.
"""Sets by which of the candidates that claim units they have (docs/search.md).

What one claims hangs on which of those before it claim. When that is said of all of them, most of their claims are known,
and what they save at most; so all sets of most *families* save less than the best one found, and are not looked at. What is
said here is said of the basket as the layer begins.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.basket cimport Basket
from engine._native.bounds cimport take, tell_sure
from engine._native.candidates cimport (
    FAMILY_WORDS, GAIN, MOST_CLAIMERS, MOST_FAMILIES, OF_CANDIDATE, OF_REHEARSAL, OF_STOCK, Candidate, Claim, Family,
    Search, Stock, Worth, conflicts_of, drop, has_common, is_in, put,
)
from engine._native.claims cimport count_unclaimed
from engine._native.cliques cimport most_together
from engine._native.money cimport int128, maximum, minimum
from engine._native.prices cimport relaxed
from engine._native.rehearsal cimport IMPOSSIBLE, KNOWN_CLAIMS, Rehearsed, lose_sight, order_claims, rehearse


cdef enum:
    # Families still to be listed when their number or the work is used up: one for each candidate that is decided about.
    SPARE = MOST_CLAIMERS + 1

cdef struct Prospect:
    # What sets save at most: those decided about, and all others; the same beyond the rates of columns.
    int64_t members
    int64_t others
    int64_t members_beyond
    int64_t others_beyond


cdef void list_families(Basket* basket, Search* search, int64_t bound, int64_t most_work) noexcept nogil:
    """Lists the families of which sets may be better than the best one found; all sets save no more than ``bound``.

    It was read at the node at hand, whose weights stand. With too many candidates it is one family.
    """
    cdef uint64_t[FAMILY_WORDS] open
    cdef Prospect prospect
    cdef int32_t place
    search.family_count = search.claimer_count = 0
    memset(search.decided_in, 0, sizeof(search.decided_in))
    if not find_claimers(search):
        search.claimer_count = 0
        add_family(search, bound, 0)
        return
    memcpy(open, &search.open[<int64_t>search.depth * search.words], search.words * sizeof(uint64_t))
    # Rates alone, since claims are told apart.
    memset(search.prices, 0, basket.line_count * sizeof(int64_t))
    search.rated = relaxed(basket, search, search.other_parts)
    tell_drainable(basket, search)
    for place in range(search.claimer_count):
        if is_rehearsed(search, search.claimers[place]):
            order_claims(search, place, basket.line_count)
    prepare(basket, search)
    prospect.members = prospect.members_beyond = 0
    measure_others(search, open, &prospect)
    decide(basket, search, 0, open, &prospect, search.work + most_work)
    sort_families(search)


cdef bint find_claimers(Search* search) noexcept nogil:
    """Finds the candidates that claim units of the layer at hand; False when of none it can be known which."""
    cdef const uint64_t* open = &search.open[<int64_t>search.depth * search.words]
    cdef int32_t index
    cdef bint any = False
    if search.words > FAMILY_WORDS or search.stocks == NULL:
        return False
    for index in range(search.count):
        if search.candidates[index].layer == search.layer and search.candidates[index].claimed and is_in(open, index):
            if search.claimer_count == MOST_CLAIMERS:
                break
            search.claimers[search.claimer_count] = index
            search.claimer_count += 1
            any = any or search.candidates[index].ordered and search.candidates[index].claim_count >= 0
    return any


cdef void tell_drainable(const Basket* basket, Search* search) noexcept nogil:
    """Of which lines units may stand at their floors when the turn of a candidate comes that claims units.

    Those who claim take of no unit that is not claimed; so only others bring units there.
    """
    cdef int64_t* by_others = search.sums
    cdef const uint64_t* open = &search.open[<int64_t>search.depth * search.words]
    cdef const Candidate* candidate
    cdef const Claim* claim
    cdef uint64_t* row = search.drainable
    cdef int32_t index, line
    memset(by_others, 0, (basket.line_count + basket.shipment_count) * sizeof(int64_t))
    memset(search.takeable, 0, (basket.line_count + basket.shipment_count) * sizeof(int64_t))
    memset(row, 0, <int64_t>search.claimer_count * basket.word_count * sizeof(uint64_t))
    for index in range(search.count):
        candidate = &search.candidates[index]
        if candidate.layer != search.layer or not is_in(open, index):
            continue
        if candidate.claimed and row < &search.drainable[<int64_t>search.claimer_count * basket.word_count]:
            for claim in search.claims[candidate.first_claim:candidate.first_claim + maximum(0, candidate.claim_count)]:
                if by_others[claim.column] >= search.least_rooms[claim.column]:
                    put(row, claim.column)
            row += basket.word_count
        if candidate.cap_count >= 0:
            tell_sure(search, candidate)
            take(search, candidate, search.weights[index], search.takeable)
            if not candidate.claimed:
                take(search, candidate, search.weights[index], by_others)
        else:
            for line in range(basket.line_count):
                search.takeable[line] += search.rooms[line]
                if not candidate.claimed:
                    by_others[line] += search.rooms[line]


cdef void prepare(const Basket* basket, Search* search) noexcept nogil:
    """Before anything is claimed."""
    cdef int32_t line
    for line in range(basket.line_count):
        search.stocks[line].unclaimed = search.unclaimed[line]
        search.stocks[line].known = True


cdef void measure_others(Search* search, const uint64_t* open, Prospect* prospect) noexcept nogil:
    """The most that candidates may save together that are not decided about."""
    cdef int32_t index
    search.work += OF_CANDIDATE * <int64_t>search.count
    for index in range(search.count):
        search.tops[index] = search.weights[index] if is_in(open, index) else 0
    prospect.others = most_together(search, search.tops)
    for index in range(search.count):
        search.tops[index] = search.other_parts[index] if is_in(open, index) else 0
    prospect.others_beyond = most_together(search, search.tops)


cdef inline int64_t most_of(const Search* search, const Prospect* prospect) noexcept nogil:
    return search.vector.saving + minimum(
        prospect.members + prospect.others,
        search.rated + prospect.others_beyond + (prospect.members_beyond + GAIN - 1) // GAIN,
    )


cdef void decide(
    Basket* basket, Search* search, int32_t place, const uint64_t* open, const Prospect* prospect, int64_t most_work
) noexcept nogil:
    """Lists the families of what is decided about the first so many candidates."""
    cdef int32_t index = 0
    cdef uint64_t[FAMILY_WORDS] rest
    cdef Prospect next
    cdef Stock* stocks = stocks_at(basket, search, place)
    cdef Rehearsed outcome
    cdef Worth worth
    while place < search.claimer_count:
        index = search.claimers[place]
        if is_in(open, index):
            if is_rehearsed(search, index):
                break
            # It may claim anything that it reaches.
            lose_sight(search, index, basket.line_count, stocks)
        place += 1
        memcpy(stocks_at(basket, search, place), stocks, basket.line_count * sizeof(Stock))
        stocks = stocks_at(basket, search, place)
    if place == search.claimer_count or search.family_count >= MOST_FAMILIES - SPARE or search.work > most_work:
        add_family(search, most_of(search, prospect), place)
        return
    memcpy(rest, open, sizeof(rest))
    drop(rest, index)
    # With it,
    memcpy(stocks_at(basket, search, place + 1), stocks, basket.line_count * sizeof(Stock))
    outcome = claim_units(basket, search, place, stocks_at(basket, search, place + 1), &worth)
    if outcome != IMPOSSIBLE:
        put(search.decided_in, index)
        next.members = prospect.members + worth.saving
        next.members_beyond = prospect.members_beyond + worth.beyond
        go_on(basket, search, place, rest, True, prospect, &next, most_work)
        drop(search.decided_in, index)
    # and without.
    memcpy(stocks_at(basket, search, place + 1), stocks, basket.line_count * sizeof(Stock))
    next.members = prospect.members
    next.members_beyond = prospect.members_beyond
    go_on(basket, search, place, rest, False, prospect, &next, most_work)


cdef void go_on(
    Basket* basket, Search* search, int32_t place, const uint64_t* rest, bint with_it, const Prospect* before,
    Prospect* prospect, int64_t most_work
) noexcept nogil:
    """The candidate is decided about: lists the families where such sets may be better than the best one found."""
    cdef int32_t index = search.claimers[place], word
    cdef const uint64_t* conflicts = conflicts_of(search, index)
    cdef uint64_t[FAMILY_WORDS] open
    memcpy(open, rest, sizeof(open))
    if has_common(rest, conflicts, search.words):
        if with_it:
            for word in range(search.words):
                open[word] &= ~conflicts[word]
        measure_others(search, open, prospect)
    else:
        # It was paid for by itself.
        prospect.others = before.others - search.weights[index]
        prospect.others_beyond = before.others_beyond - search.other_parts[index]
    if search.audited or most_of(search, prospect) >= search.best_vector.saving:
        decide(basket, search, place + 1, open, prospect, most_work)


cdef inline Stock* stocks_at(const Basket* basket, const Search* search, int32_t place) noexcept nogil:
    """The lines when so many of the candidates that claim units have had their turn."""
    return &search.stocks[<int64_t>place * basket.line_count]


cdef inline bint is_rehearsed(const Search* search, int32_t index) noexcept nogil:
    return search.candidates[index].claim_count >= 0 and search.candidates[index].ordered


cdef Rehearsed claim_units(
    Basket* basket, Search* search, int32_t place, Stock* stocks, Worth* worth
) noexcept nogil:
    """Rehearses the candidate's claims; it saves no more than is known of it anyway."""
    cdef int32_t index = search.claimers[place]
    cdef Rehearsed outcome = rehearse_at(basket, search, place, stocks, worth)
    if outcome != KNOWN_CLAIMS:
        worth.saving = INT64_MAX
        worth.beyond = INT64_MAX
    worth.saving = minimum(worth.saving, search.weights[index])
    worth.beyond = minimum(worth.beyond, search.other_parts[index] * GAIN)
    return outcome


cdef void add_family(Search* search, int64_t bound, int32_t decided) noexcept nogil:
    cdef Family* family = &search.families[search.family_count]
    family.bound = bound
    family.decided = decided
    memcpy(family.members, search.decided_in, sizeof(search.decided_in))
    search.family_order[search.family_count] = search.family_count
    search.family_count += 1


cdef void sort_families(Search* search) noexcept nogil:
    """Those that may save most come first."""
    cdef int32_t gap = 1, place, hole, family
    cdef const Family* families = search.families
    while gap < search.family_count // 3:
        gap = gap * 3 + 1
    while gap:
        for place in range(gap, search.family_count):
            family = search.family_order[place]
            hole = place
            while hole >= gap and comes_before(families, family, search.family_order[hole - gap]):
                search.family_order[hole] = search.family_order[hole - gap]
                hole -= gap
            search.family_order[hole] = family
        gap //= 3


cdef inline bint comes_before(const Family* families, int32_t left, int32_t right) noexcept nogil:
    if families[left].bound != families[right].bound:
        return families[left].bound > families[right].bound
    return left < right


cdef void begin_family(Basket* basket, Search* search, int32_t index) noexcept nogil:
    """Opens the candidates that sets of the family may have; the basket is as the layer begins."""
    cdef const Family* family = &search.families[index]
    cdef uint64_t* open = &search.open[<int64_t>search.depth * search.words]
    cdef const uint64_t* conflicts
    cdef int32_t place, claimer, word
    cdef Worth worth
    search.family_bound = family.bound
    for place in range(search.count):
        search.values[place] = INT64_MAX
        put(open, place)
        drop(search.forced, place)
    if search.claimer_count:
        count_unclaimed(basket, search)
        prepare(basket, search)
    for place in range(search.claimer_count):
        claimer = search.claimers[place]
        if not is_in(open, claimer):
            continue
        if place >= family.decided or not is_rehearsed(search, claimer):
            lose_sight(search, claimer, basket.line_count, search.stocks)
        elif not is_in(family.members, claimer):
            drop(open, claimer)
        else:
            put(search.forced, claimer)
            if rehearse_at(basket, search, place, search.stocks, &worth) == KNOWN_CLAIMS:
                search.values[claimer] = worth.saving
            conflicts = conflicts_of(search, claimer)
            for word in range(search.words):
                open[word] &= ~conflicts[word]
    search.claiming = False
    for place in range(search.count):
        if is_in(open, place) and search.candidates[place].layer == search.layer and search.candidates[place].claimed:
            search.claiming = search.claiming or search.values[place] == INT64_MAX


cdef inline Rehearsed rehearse_at(
    const Basket* basket, Search* search, int32_t place, Stock* stocks, Worth* worth
) noexcept nogil:
    search.work += OF_REHEARSAL + OF_STOCK * <int64_t>search.candidates[search.claimers[place]].claim_count
    return rehearse(
        search, place, basket.line_count, &search.drainable[<int64_t>place * basket.word_count], stocks, worth
    )
