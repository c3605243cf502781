"""Families: the sets of a search by which claimers they have (docs/search.md).

What a claimer takes depends on which claimers before it apply. Once that is decided for all of them, rehearsals bound
closely what they save. Families are listed by a tree of their own, one claimer after the other in the order of
granting; a branch whose bound is below the incumbent is skipped with all its families. The rest are walked one by one.
All of this refers to the basket as the layer begins.
"""

from libc.stdint cimport INT64_MAX, INT64_MIN, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.basket cimport Basket
from engine._native.bits cimport add, add_all, contains, intersects, remove, subtract
from engine._native.money cimport minimum
from engine._native.search.bounds cimport add_takeable, measure, upper_bound
from engine._native.search.candidates cimport (
    FAMILY_WORDS, MOST_CLAIMERS, MOST_FAMILIES, Candidate, Claim, Family, Search, Stock, Worth, claims_of, conflicts_of,
    open_row,
)
from engine._native.search.cliques cimport clique_bound_of_open
from engine._native.search.lagrangian cimport reduce_savings
from engine._native.search.rehearsal cimport (
    IMPOSSIBLE, UNKNOWN_CLAIMS, Rehearsed, begin_rehearsal, has_open_dependents, mark_unknown, order_claims,
    record_taken_before, rehearse, stocks_of,
)
from engine._native.sorting cimport sort_records


cdef enum:
    # Room for the families that are still to be listed when no more is decided: one for each pending decision.
    SPARE = MOST_CLAIMERS + 1

cdef struct Listing:
    # The listing of families, as far as it is.
    Basket* basket
    Search* search
    int64_t most_work             # total work after which nothing more is decided
    Family family                 # the decisions on the way down

cdef struct Prospect:
    # The sets that agree with the decisions so far, and what bounds them, in minor units.
    uint64_t[FAMILY_WORDS] open   # candidates that they may have and that are not decided
    int64_t members               # the most saved by the claimers decided for,
    int64_t others                # and by all others
    int64_t members_reduced       # the same for the Lagrangian bound
    int64_t others_reduced


cdef void list_families(Basket* basket, Search* search, int64_t bound, int64_t most_work) noexcept nogil:
    """Lists the families that may have a set better than the incumbent; no set saves more than ``bound``, which was
    read at the node at hand. When no claims can be known, all sets are one family.
    """
    cdef Listing listing
    cdef Prospect prospect
    search.family_count = 0
    search.bound_of_all = bound
    listing.basket = basket
    listing.search = search
    memset(&listing.family, 0, sizeof(Family))
    if not find_claimers(search):
        search.claimer_count = 0
        add_family(&listing, bound, 0)
        return
    memcpy(prospect.open, open_row(search), search.words * sizeof(uint64_t))
    order_all_claims(basket, search)
    find_family_multipliers(basket, search, prospect.open)
    search.constant = reduce_savings(basket, search, search.other_reduced)
    record_all_taken_before(basket, search)
    prospect.members = prospect.members_reduced = 0
    prospect.others = search.bound_of_all
    measure_others(search, &prospect)
    listing.most_work = search.work + most_work
    decide(&listing, 0, &prospect)
    sort_records(
        search.family_order, search.family_count, sizeof(int32_t), sizeof(int32_t), comes_before, search.families
    )


cdef void find_family_multipliers(const Basket* basket, Search* search, const uint64_t* open) noexcept nogil:
    """Looks for multipliers that suit the family of the incumbent: the others are held against it."""
    cdef Family* family = &search.families[0]
    cdef int32_t claimer
    family.decided = search.claimer_count
    memset(family.undecided, 0, sizeof(family.undecided))
    memset(family.members, 0, sizeof(family.members))
    for claimer in search.claimers[:search.claimer_count]:
        if contains(search.best, claimer) and is_rehearsed(search, claimer):
            add(family.members, claimer)
    begin_family(search, 0)
    search.has_multipliers[search.level] = False
    search.revisited = False
    upper_bound(basket, search, 0)
    # All sets again.
    memcpy(open_row(search), open, search.words * sizeof(uint64_t))
    clear_family(search)
    measure(basket, search)


cdef bint find_claimers(Search* search) noexcept nogil:
    """Finds the candidates that claim units of the layer at hand; False when nothing can be known of their claims."""
    cdef int32_t index
    cdef bint any = False
    search.claimer_count = 0
    if search.words > FAMILY_WORDS:
        return False
    for index in range(search.count):
        if claims_now(search, index):
            if search.claimer_count == MOST_CLAIMERS:
                break
            search.claimers[search.claimer_count] = index
            search.claimer_count += 1
            any = any or is_rehearsed(search, index)
    return any


cdef inline bint claims_now(const Search* search, int32_t index) noexcept nogil:
    cdef const Candidate* candidate = &search.candidates[index]
    return candidate.layer == search.layer and candidate.claimed


cdef void order_all_claims(const Basket* basket, Search* search) noexcept nogil:
    """Prepares every claimer that can be rehearsed."""
    cdef int32_t place, line
    for line in range(basket.line_count):
        search.counts[line] = -1
    for place in range(search.claimer_count):
        if is_rehearsed(search, search.claimers[place]):
            order_claims(search, place, basket.line_count)
            find_dependents(search, place)


cdef void record_all_taken_before(const Basket* basket, Search* search) noexcept nogil:
    """Notes, for each claimer, the most that non-claimers take before its turn."""
    cdef const uint64_t* open = open_row(search)
    cdef const Candidate* candidate
    cdef int32_t index, place = 0
    begin_rehearsal(basket, search)
    memset(search.takeable, 0, (basket.line_count + basket.shipment_count) * sizeof(int64_t))
    for index in range(search.count):
        candidate = &search.candidates[index]
        if candidate.layer != search.layer or not contains(open, index) or not search.weights[index]:
            continue
        if place < search.claimer_count and search.claimers[place] == index:
            if is_rehearsed(search, index):
                record_taken_before(search, place, basket.line_count)
            place += 1
        add_takeable(basket, search, index, True)


cdef void find_dependents(Search* search, int32_t place) noexcept nogil:
    """Finds the claimers behind this one that may claim the same units."""
    cdef const Candidate* candidate = &search.candidates[search.claimers[place]]
    cdef const Candidate* other
    cdef const Claim* claim
    cdef int32_t behind
    search.dependents[place] = 0
    for claim in claims_of(search, candidate)[:candidate.claim_count]:
        search.counts[claim.column] = place
    for behind in range(place + 1, search.claimer_count):
        other = &search.candidates[search.claimers[behind]]
        if is_rehearsed(search, search.claimers[behind]):
            for claim in claims_of(search, other)[:other.claim_count]:
                if search.counts[claim.column] == place:
                    search.dependents[place] |= <uint32_t>1 << behind
                    break


cdef void measure_others(Search* search, Prospect* prospect) noexcept nogil:
    """Bounds what the candidates not decided yet save; only one of both bounds when that rules the sets out."""
    prospect.others_reduced = clique_bound_of_open(search, search.other_reduced, prospect.open)
    if may_be_best(search, prospect):
        prospect.others = clique_bound_of_open(search, search.weights, prospect.open)


cdef inline int64_t most_of(const Search* search, const Prospect* prospect) noexcept nogil:
    """The smaller of the clique bound and the Lagrangian bound."""
    return search.vector.saving + minimum(
        prospect.members + prospect.others, search.constant + prospect.members_reduced + prospect.others_reduced
    )


cdef inline bint may_be_best(const Search* search, const Prospect* prospect) noexcept nogil:
    return search.audited or most_of(search, prospect) >= search.best_vector.saving


cdef void decide(Listing* listing, int32_t place, const Prospect* prospect) noexcept nogil:
    """Lists the families with the first ``place`` claimers as decided."""
    cdef Basket* basket = listing.basket
    cdef Search* search = listing.search
    cdef Stock* stocks = stocks_of(basket, search, place)
    cdef Prospect next
    cdef int32_t index = 0
    while place < search.claimer_count:
        index = search.claimers[place]
        if contains(prospect.open, index):
            if is_rehearsed(search, index):
                break
            # It cannot be rehearsed: it may claim any units that it reaches.
            mark_unknown(search, index, basket.line_count, stocks)
        place += 1
        memcpy(stocks_of(basket, search, place), stocks, basket.line_count * sizeof(Stock))
        stocks = stocks_of(basket, search, place)
    if place == search.claimer_count or search.family_count >= MOST_FAMILIES - SPARE or (
        search.work > listing.most_work
    ):
        add_family(listing, minimum(most_of(search, prospect), search.bound_of_all), place)
        return
    if not has_open_dependents(search, place, prospect.open):
        leave_open(listing, place, prospect)
        return
    # With it,
    add(listing.family.members, index)
    memcpy(stocks_of(basket, search, place + 1), stocks, basket.line_count * sizeof(Stock))
    next = prospect[0]
    remove(next.open, index)
    if add_member(basket, search, place, &next):
        list_rest(listing, place, True, prospect, &next)
    remove(listing.family.members, index)
    # and without.
    memcpy(stocks_of(basket, search, place + 1), stocks, basket.line_count * sizeof(Stock))
    next = prospect[0]
    remove(next.open, index)
    list_rest(listing, place, False, prospect, &next)


cdef void leave_open(Listing* listing, int32_t place, const Prospect* prospect) noexcept nogil:
    """Goes on without deciding about a claimer that affects no other: it is known what it saves if it applies."""
    cdef Basket* basket = listing.basket
    cdef Search* search = listing.search
    cdef int32_t index = search.claimers[place]
    cdef int64_t weight = search.weights[index], part = search.other_reduced[index]
    cdef Stock* stocks = stocks_of(basket, search, place + 1)
    cdef Prospect next = prospect[0]
    cdef Worth worth
    memcpy(stocks, stocks_of(basket, search, place), basket.line_count * sizeof(Stock))
    if rehearse(basket, search, place, stocks, NULL, &worth) != UNKNOWN_CLAIMS:
        search.weights[index] = minimum(weight, worth.saving)
        search.other_reduced[index] = minimum(part, worth.reduced)
        measure_others(search, &next)
    add(listing.family.undecided, index)
    if may_be_best(search, &next):
        decide(listing, place + 1, &next)
    remove(listing.family.undecided, index)
    search.weights[index] = weight
    search.other_reduced[index] = part


cdef bint add_member(Basket* basket, Search* search, int32_t place, Prospect* prospect) noexcept nogil:
    """Adds what the claimer saves at most in its turn; False when it cannot be granted."""
    cdef int32_t index = search.claimers[place]
    cdef Worth worth
    cdef Rehearsed outcome = rehearse(basket, search, place, stocks_of(basket, search, place + 1), NULL, &worth)
    if outcome == IMPOSSIBLE:
        if not search.audited:
            return False
        # Audit: the bound is low, and no set may be found there.
        prospect.members -= INT64_MAX // (2 * MOST_CLAIMERS)
    if outcome == UNKNOWN_CLAIMS:
        worth.saving = worth.reduced = INT64_MAX
    prospect.members += minimum(worth.saving, search.weights[index])
    prospect.members_reduced += minimum(worth.reduced, search.other_reduced[index])
    return True


cdef void list_rest(
    Listing* listing, int32_t place, bint with_it, const Prospect* before, Prospect* prospect
) noexcept nogil:
    """Lists the families behind a decision about a claimer, if their sets may be better than the incumbent."""
    cdef Search* search = listing.search
    cdef int32_t index = search.claimers[place]
    cdef const uint64_t* conflicts = conflicts_of(search, index)
    if intersects(prospect.open, conflicts, search.words):
        if with_it:
            subtract(prospect.open, conflicts, search.words)
        measure_others(search, prospect)
    else:
        # Compatible with all open candidates, it entered the clique bound by itself.
        prospect.others = before.others - search.weights[index]
        prospect.others_reduced = before.others_reduced - search.other_reduced[index]
    if may_be_best(search, prospect):
        decide(listing, place + 1, prospect)


cdef inline bint is_rehearsed(const Search* search, int32_t index) noexcept nogil:
    return search.candidates[index].claim_count >= 0 and search.candidates[index].order_known


cdef void add_family(const Listing* listing, int64_t bound, int32_t decided) noexcept nogil:
    cdef Search* search = listing.search
    cdef Family* family = &search.families[search.family_count]
    family[0] = listing.family
    family.bound = bound
    family.decided = decided
    search.family_order[search.family_count] = search.family_count
    search.family_count += 1


cdef bint comes_before(const void* left, const void* right, const void* families) noexcept nogil:
    """Families with most decisions first, of these the largest bound first, then in the order listed."""
    cdef const Family* one = &(<const Family*>families)[(<const int32_t*>left)[0]]
    cdef const Family* other = &(<const Family*>families)[(<const int32_t*>right)[0]]
    if one.decided != other.decided:
        return one.decided > other.decided
    if one.bound != other.bound:
        return one.bound > other.bound
    return one < other


cdef void clear_family(Search* search) noexcept nogil:
    """Back to sets of all families: no candidate is forced, and none is rehearsed."""
    memset(search.forced, 0, search.words * sizeof(uint64_t))
    memset(search.rehearsed, 0, search.words * sizeof(uint64_t))


cdef void begin_family(Search* search, int32_t index) noexcept nogil:
    """Opens the candidates that sets of the family may have; the basket is as the layer begins."""
    cdef const Family* family = &search.families[index]
    cdef uint64_t* open = open_row(search)
    cdef int32_t claimer
    add_all(open, search.count)
    clear_family(search)
    for claimer in search.claimers[:family.decided]:
        if contains(family.members, claimer):
            add(search.forced, claimer)
            add(search.rehearsed, claimer)
            subtract(open, conflicts_of(search, claimer), search.words)
        elif contains(family.undecided, claimer):
            add(search.rehearsed, claimer)
        elif is_rehearsed(search, claimer):
            remove(open, claimer)


cdef int64_t bound_of_families(const Search* search) noexcept nogil:
    """The bound of the set at hand: the largest of any family it belongs to."""
    cdef const Family* family
    cdef int64_t bound = INT64_MIN
    for family in search.families[:search.family_count]:
        if family.bound > bound and belongs_to(search, family):
            bound = family.bound
    return bound


cdef bint belongs_to(const Search* search, const Family* family) noexcept nogil:
    """Whether the set at hand is one of the family's."""
    cdef int32_t claimer
    for claimer in search.claimers[:family.decided]:
        if contains(family.members, claimer) != contains(search.chosen, claimer) and not (
            contains(family.undecided, claimer)
            or not contains(family.members, claimer) and not is_rehearsed(search, claimer)
        ):
            return False
    return True
