# Everything here is C: see families.pxd.
"""Sets by which of the candidates that claim units they have (docs/search.md).

What one claims hangs on which of those before it claim. When that is said of all of them, most of their claims are
known, and what they save at most; so all sets of most *families* save less than the best one found, and are not looked
at. What is said here is said of the basket as the layer begins.
"""

from libc.stdint cimport INT64_MAX, INT64_MIN, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.basket cimport Basket
from engine._native.bits cimport drop, has_common, is_in, put, put_all, take_out
from engine._native.bounds cimport measure, most_saved, take
from engine._native.candidates cimport (
    FAMILY_WORDS, MOST_CLAIMERS, MOST_FAMILIES, Candidate, Claim, Family, Search, Stock, Worth, claims_of, conflicts_of,
    open_row,
)
from engine._native.cliques cimport most_of_open
from engine._native.money cimport minimum
from engine._native.rates cimport relaxed
from engine._native.rehearsal cimport (
    IMPOSSIBLE, UNKNOWN_CLAIMS, Rehearsed, begin_rehearsal, lose_sight, matters_later, order_claims, rehearse,
    tell_taken_before,
)
from engine._native.sorting cimport sort_indices


cdef enum:
    # Families still to be listed when their number or the work is used up: without each that is decided about.
    SPARE = MOST_CLAIMERS + 1

cdef struct Listing:
    # Of families, one after the other.
    Basket* basket
    Search* search
    int64_t most_work             # after which nothing more is decided about
    Family family                 # as far as it is decided

cdef struct Prospect:
    # Sets of which so much is decided.
    uint64_t[FAMILY_WORDS] open   # candidates that may be in them, but for those decided about
    # What they save at most: those decided about, and all others; the same beyond the rates of columns.
    int64_t members
    int64_t others
    int64_t members_beyond
    int64_t others_beyond


cdef void list_families(Basket* basket, Search* search, int64_t bound, int64_t most_work) noexcept nogil:
    """Lists the families of which sets may be better than the best one found; all sets save no more than ``bound``.

    It was read at the node at hand, whose weights stand. Where nothing is known of claims it is one family.
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
    rate_best_family(basket, search, prospect.open)
    search.yielded = relaxed(basket, search, search.other_parts)
    look_ahead(basket, search)
    prospect.members = prospect.members_beyond = 0
    prospect.others = search.bound_of_all
    measure_others(search, &prospect)
    listing.most_work = search.work + most_work
    decide(&listing, 0, &prospect)
    sort_indices(search.family_order, search.family_count, comes_before, search.families)


cdef void rate_best_family(const Basket* basket, Search* search, const uint64_t* open) noexcept nogil:
    """Finds rates for the family of the best set found: they suit those whose bounds are nearest to it."""
    cdef Family* family = &search.families[0]
    cdef int32_t claimer
    family.decided = search.claimer_count
    memset(family.undecided, 0, sizeof(family.undecided))
    memset(family.members, 0, sizeof(family.members))
    for claimer in search.claimers[:search.claimer_count]:
        if is_in(search.best, claimer) and is_rehearsed(search, claimer):
            put(family.members, claimer)
    begin_family(search, 0)
    search.rated[search.level] = False
    search.weighed = False
    most_saved(basket, search, 0)
    # All sets again.
    memcpy(open_row(search), open, search.words * sizeof(uint64_t))
    leave_family(search)
    measure(basket, search)


cdef bint find_claimers(Search* search) noexcept nogil:
    """Finds the candidates that claim units of the layer at hand; False when of none it can be known which."""
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
    """Whether it may claim units of the layer at hand."""
    cdef const Candidate* candidate = &search.candidates[index]
    return candidate.layer == search.layer and candidate.claimed


cdef void order_all_claims(const Basket* basket, Search* search) noexcept nogil:
    """What rehearsals need to know of every candidate that claims units."""
    cdef int32_t place, line
    for line in range(basket.line_count):
        search.counts[line] = -1
    for place in range(search.claimer_count):
        if is_rehearsed(search, search.claimers[place]):
            order_claims(search, place, basket.line_count)
            tell_what_matters(search, place)


cdef void look_ahead(const Basket* basket, Search* search) noexcept nogil:
    """Says what candidates take at most before the turn of those that claim units."""
    cdef const uint64_t* open = open_row(search)
    cdef const Candidate* candidate
    cdef int32_t index, place = 0
    begin_rehearsal(basket, search)
    memset(search.takeable, 0, (basket.line_count + basket.shipment_count) * sizeof(int64_t))
    for index in range(search.count):
        candidate = &search.candidates[index]
        if candidate.layer != search.layer or not is_in(open, index) or not search.weights[index]:
            continue
        if place < search.claimer_count and search.claimers[place] == index:
            if is_rehearsed(search, index):
                tell_taken_before(search, place, basket.line_count)
            place += 1
        take(basket, search, index, True)


cdef void tell_what_matters(Search* search, int32_t place) noexcept nogil:
    """Before which others the candidate may claim units."""
    cdef const Candidate* candidate = &search.candidates[search.claimers[place]]
    cdef const Candidate* other
    cdef const Claim* claim
    cdef int32_t behind
    search.matters[place] = 0
    for claim in claims_of(search, candidate)[:candidate.claim_count]:
        search.counts[claim.column] = place
    for behind in range(place + 1, search.claimer_count):
        other = &search.candidates[search.claimers[behind]]
        if is_rehearsed(search, search.claimers[behind]):
            for claim in claims_of(search, other)[:other.claim_count]:
                if search.counts[claim.column] == place:
                    search.matters[place] |= <uint32_t>1 << behind
                    break


cdef void measure_others(Search* search, Prospect* prospect) noexcept nogil:
    """What those not decided about save; not both when the one rules such sets out."""
    prospect.others_beyond = most_of_open(search, search.other_parts, prospect.open)
    if may_be_best(search, prospect):
        prospect.others = most_of_open(search, search.weights, prospect.open)


cdef inline int64_t most_of(const Search* search, const Prospect* prospect) noexcept nogil:
    return search.vector.saving + minimum(
        prospect.members + prospect.others, search.yielded + prospect.members_beyond + prospect.others_beyond
    )


cdef inline bint may_be_best(const Search* search, const Prospect* prospect) noexcept nogil:
    return search.audited or most_of(search, prospect) >= search.best_vector.saving


cdef void decide(Listing* listing, int32_t place, const Prospect* prospect) noexcept nogil:
    """Lists the families of what is decided about the first so many candidates."""
    cdef Basket* basket = listing.basket
    cdef Search* search = listing.search
    cdef Stock* stocks = stocks_at(basket, search, place)
    cdef Prospect next
    cdef int32_t index = 0
    while place < search.claimer_count:
        index = search.claimers[place]
        if is_in(prospect.open, index):
            if is_rehearsed(search, index):
                break
            # It may claim anything that it reaches for.
            lose_sight(search, index, basket.line_count, stocks)
        place += 1
        memcpy(stocks_at(basket, search, place), stocks, basket.line_count * sizeof(Stock))
        stocks = stocks_at(basket, search, place)
    if place == search.claimer_count or search.family_count >= MOST_FAMILIES - SPARE or (
        search.work > listing.most_work
    ):
        add_family(listing, minimum(most_of(search, prospect), search.bound_of_all), place)
        return
    if not matters_later(search, place, prospect.open):
        leave_open(listing, place, prospect)
        return
    # With it,
    put(listing.family.members, index)
    memcpy(stocks_at(basket, search, place + 1), stocks, basket.line_count * sizeof(Stock))
    next = prospect[0]
    drop(next.open, index)
    if add_member(basket, search, place, &next):
        go_on(listing, place, True, prospect, &next)
    drop(listing.family.members, index)
    # and without.
    memcpy(stocks_at(basket, search, place + 1), stocks, basket.line_count * sizeof(Stock))
    next = prospect[0]
    drop(next.open, index)
    go_on(listing, place, False, prospect, &next)


cdef void leave_open(Listing* listing, int32_t place, const Prospect* prospect) noexcept nogil:
    """It need not be decided whether the candidate applies: it is known what it saves if it does."""
    cdef Basket* basket = listing.basket
    cdef Search* search = listing.search
    cdef int32_t index = search.claimers[place]
    cdef int64_t weight = search.weights[index], part = search.other_parts[index]
    cdef Stock* stocks = stocks_at(basket, search, place + 1)
    cdef Prospect next = prospect[0]
    cdef Worth worth
    memcpy(stocks, stocks_at(basket, search, place), basket.line_count * sizeof(Stock))
    if rehearse(basket, search, place, stocks, NULL, &worth) != UNKNOWN_CLAIMS:
        search.weights[index] = minimum(weight, worth.saving)
        search.other_parts[index] = minimum(part, worth.beyond)
        measure_others(search, &next)
    put(listing.family.undecided, index)
    if may_be_best(search, &next):
        decide(listing, place + 1, &next)
    drop(listing.family.undecided, index)
    search.weights[index] = weight
    search.other_parts[index] = part


cdef bint add_member(Basket* basket, Search* search, int32_t place, Prospect* prospect) noexcept nogil:
    """Adds what the candidate saves at most in its turn, no more than is known of it anyway; False when it cannot be
    granted.
    """
    cdef int32_t index = search.claimers[place]
    cdef Worth worth
    cdef Rehearsed outcome = rehearse(basket, search, place, stocks_at(basket, search, place + 1), NULL, &worth)
    if outcome == IMPOSSIBLE:
        if not search.audited:
            return False
        # No set may be found there.
        prospect.members -= INT64_MAX // (2 * MOST_CLAIMERS)
    if outcome == UNKNOWN_CLAIMS:
        worth.saving = worth.beyond = INT64_MAX
    prospect.members += minimum(worth.saving, search.weights[index])
    prospect.members_beyond += minimum(worth.beyond, search.other_parts[index])
    return True


cdef void go_on(
    Listing* listing, int32_t place, bint with_it, const Prospect* before, Prospect* prospect
) noexcept nogil:
    """The candidate is decided about: lists the families where such sets may be better than the best one found."""
    cdef Search* search = listing.search
    cdef int32_t index = search.claimers[place]
    cdef const uint64_t* conflicts = conflicts_of(search, index)
    if has_common(prospect.open, conflicts, search.words):
        if with_it:
            take_out(prospect.open, conflicts, search.words)
        measure_others(search, prospect)
    else:
        # It was paid for by itself.
        prospect.others = before.others - search.weights[index]
        prospect.others_beyond = before.others_beyond - search.other_parts[index]
    if may_be_best(search, prospect):
        decide(listing, place + 1, prospect)


cdef inline Stock* stocks_at(const Basket* basket, const Search* search, int32_t place) noexcept nogil:
    """The lines when so many of the candidates that claim units have had their turn."""
    return &search.stocks[<int64_t>place * basket.line_count]


cdef inline bint is_rehearsed(const Search* search, int32_t index) noexcept nogil:
    return search.candidates[index].claim_count >= 0 and search.candidates[index].ordered


cdef void add_family(const Listing* listing, int64_t bound, int32_t decided) noexcept nogil:
    cdef Search* search = listing.search
    cdef Family* family = &search.families[search.family_count]
    family[0] = listing.family
    family.bound = bound
    family.decided = decided
    search.family_order[search.family_count] = search.family_count
    search.family_count += 1


cdef bint comes_before(const void* families, int32_t left, int32_t right) noexcept nogil:
    """Those of which most is decided come first, and of these those that may save most."""
    cdef const Family* one = &(<const Family*>families)[left]
    cdef const Family* other = &(<const Family*>families)[right]
    if one.decided != other.decided:
        return one.decided > other.decided
    if one.bound != other.bound:
        return one.bound > other.bound
    return left < right


cdef void leave_family(Search* search) noexcept nogil:
    """Sets of all families are looked at: none need have a candidate, and of none it is known what it claims."""
    memset(search.forced, 0, search.words * sizeof(uint64_t))
    memset(search.rehearsed, 0, search.words * sizeof(uint64_t))


cdef void begin_family(Search* search, int32_t index) noexcept nogil:
    """Opens the candidates that sets of the family may have; the basket is as the layer begins."""
    cdef const Family* family = &search.families[index]
    cdef uint64_t* open = open_row(search)
    cdef int32_t claimer
    put_all(open, search.count)
    leave_family(search)
    for claimer in search.claimers[:family.decided]:
        if is_in(family.members, claimer):
            put(search.forced, claimer)
            put(search.rehearsed, claimer)
            take_out(open, conflicts_of(search, claimer), search.words)
        elif is_in(family.undecided, claimer):
            put(search.rehearsed, claimer)
        elif is_rehearsed(search, claimer):
            drop(open, claimer)


cdef int64_t bound_of_families(const Search* search) noexcept nogil:
    """What the set at hand may save at most: it may be of several families, of which one allows for it."""
    cdef const Family* family
    cdef int64_t bound = INT64_MIN
    for family in search.families[:search.family_count]:
        if family.bound > bound and is_of(search, family):
            bound = family.bound
    return bound


cdef bint is_of(const Search* search, const Family* family) noexcept nogil:
    """Whether the set at hand is one of the family's."""
    cdef int32_t claimer
    for claimer in search.claimers[:family.decided]:
        if is_in(family.members, claimer) != is_in(search.chosen, claimer) and not (
            is_in(family.undecided, claimer) or not is_in(family.members, claimer) and not is_rehearsed(search, claimer)
        ):
            return False
    return True
