# Everything here is C: see bounds.pxd.
"""Whether sets that begin with the one at hand may be better than the best one found (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.basket cimport Basket, Line
from engine._native.candidates cimport (
    ABOVE, MOST_PARTS, OF_CANDIDATE, OF_CLAIM, OF_CLAIMER, OF_NODE, UNKNOWN, Candidate, Cap, Search, Vector, is_in,
    weights_of,
)
from engine._native.claims cimport count_claims_before, count_unclaimed, reach_lines
from engine._native.cliques cimport most_together
from engine._native.gains cimport most_of_claims
from engine._native.money cimport maximum, minimum
from engine._native.prices cimport relax_all


cdef enum:
    SHALLOW = 2                   # depths whose nodes are always asked: what they promise is the gap
    UNASKED = 8                   # nodes of which one is asked all the same


cdef int64_t most_saved(const Basket* basket, Search* search, int32_t first) noexcept nogil:
    """The most that the open candidates from the first on may save together; ``parts`` says what each adds to that."""
    cdef int64_t best, together, enough = search.best_vector.saving - search.vector.saving
    cdef const int64_t* known = known_weights(search)
    search.weights = weights_of(search, search.depth)
    search.work += OF_NODE
    if known != NULL:
        best = most_together_of(search, first, known)
        if best < enough:
            return best
    measure_rooms(basket, search)
    if search.claiming:
        count_unclaimed(basket, search)
    weigh(basket, search, first, known)
    memcpy(search.parts, search.weights, search.count * sizeof(int64_t))
    memcpy(search.tops, search.weights, search.count * sizeof(int64_t))
    best = together = most_together(search, search.tops)
    if best < enough or is_hopeless(search, best - enough):
        return best
    relax_all(basket, search, enough, &best)
    search.reduction = together - best
    return best


cdef const int64_t* known_weights(const Search* search) noexcept nogil:
    """What is known already of what each candidate may save: from this node, or the one above; NULL: nothing."""
    if not search.remembers or search.known == UNKNOWN:
        return NULL
    return weights_of(search, search.depth - (search.known == ABOVE))


cdef int64_t most_together_of(Search* search, int32_t first, const int64_t* weights) noexcept nogil:
    """The most that the open candidates from the first on may save together by what is known of them."""
    cdef const uint64_t* open = &search.open[<int64_t>search.depth * search.words]
    cdef int32_t index
    memset(search.tops, 0, first * sizeof(int64_t))
    for index in range(first, search.count):
        search.tops[index] = weights[index] if is_in(open, index) else 0
    return most_together(search, search.tops)


cdef bint is_hopeless(Search* search, int64_t excess) noexcept nogil:
    """Whether prices are not asked, for it takes far more than they brought last; they are now and then all the same.
    """
    if search.audited or search.depth < SHALLOW or not search.priced[search.level] or excess <= 2 * search.reduction:
        return False
    search.unasked += 1
    return search.unasked % UNASKED != 0


cdef void measure_rooms(const Basket* basket, Search* search) noexcept nogil:
    """What may be taken of every column as the basket stands."""
    cdef int32_t index
    cdef const Line* line
    for index in range(basket.line_count):
        line = &basket.lines[index]
        search.rooms[index] = line.subtotal - search.floors[index]
    for index in range(basket.shipment_count):
        search.rooms[basket.line_count + index] = basket.shipments[index].charge


cdef void weigh(const Basket* basket, Search* search, int32_t first, const int64_t* known) noexcept nogil:
    """The most that each candidate may still save by itself; nothing when it is not open."""
    cdef const uint64_t* open = &search.open[<int64_t>search.depth * search.words]
    cdef const Candidate* candidate
    cdef int64_t weight, most, sum, formed = 0
    cdef int64_t claimed[MOST_PARTS]
    cdef int32_t index, column
    memset(search.takeable, 0, (basket.line_count + basket.shipment_count) * sizeof(int64_t))
    memset(search.weights, 0, first * sizeof(int64_t))
    for index in range(first, search.count):
        candidate = &search.candidates[index]
        search.work += OF_CANDIDATE
        weight = candidate.most.saving
        if known != NULL:
            weight = minimum(weight, known[index])
        search.weights[index] = 0
        if weight == 0 or not is_in(open, index):
            continue
        if candidate.layer == search.layer and candidate.claimed:
            search.claiming_units[index] = candidate.claimed
            if candidate.claim_count >= 0:
                count_claims_before(basket, search, first, index, claimed)
                most = most_of_claims(search, candidate, claimed, &search.claiming_units[index], &formed)
                weight = minimum(weight, most)
                if weight == 0:
                    continue
            reach_lines(basket, search, index, claimed, formed)
            search.work += OF_CLAIMER + OF_CLAIM * maximum(0, candidate.claim_count)
        sum = weight
        if candidate.cap_count >= 0:
            sum = tell_sure(search, candidate)
            weight = minimum(weight, sum)
            take(search, candidate, weight)
            search.work += 2 * candidate.cap_count
        elif candidate.layer == search.layer:
            for column in range(basket.line_count + basket.shipment_count):
                search.takeable[column] += search.rooms[column]
        search.totals[index] = sum
        search.weights[index] = weight


cdef int64_t tell_sure(Search* search, const Candidate* candidate) noexcept nogil:
    """What its columns have room for; says what it takes of each for sure: its share, where those before leave it."""
    cdef const Cap* cap
    cdef int64_t sum = 0, room
    cdef int32_t place
    for place in range(candidate.first_cap, candidate.first_cap + candidate.cap_count):
        cap = &search.caps[place]
        room = search.rooms[cap.column]
        sum += minimum(cap.amount, room)
        search.sure[place] = minimum(cap.share, maximum(0, room - cap.beyond - search.takeable[cap.column]))
    return sum


cdef void take(Search* search, const Candidate* candidate, int64_t weight) noexcept nogil:
    """Adds what the candidate may take of each column: what is not sure may all be of one."""
    cdef const Cap* cap
    cdef int64_t left = weight
    cdef int32_t place
    for place in range(candidate.first_cap, candidate.first_cap + candidate.cap_count):
        left -= search.sure[place]
    left = maximum(0, left)
    for place in range(candidate.first_cap, candidate.first_cap + candidate.cap_count):
        cap = &search.caps[place]
        search.takeable[cap.column] += minimum(
            minimum(cap.amount, search.rooms[cap.column]), search.sure[place] + left
        )


cdef bint promises(const Basket* basket, Search* search, int32_t first, int64_t* most) noexcept nogil:
    """Whether a set of those granted and some open candidates from the first on may be better than the best one found.

    ``most`` is what it may save beyond that one.
    """
    cdef const Vector* best = &search.best_vector
    cdef Vector bound = search.vector
    cdef const uint64_t* open = &search.open[<int64_t>search.depth * search.words]
    cdef const Vector* may
    cdef int32_t index, word
    cdef uint64_t difference
    bound.saving += most_saved(basket, search, first)
    search.read = bound.saving
    # Sets above this one had the same ones below them.
    bound.saving = minimum(bound.saving, search.bound)
    most[0] = bound.saving - best.saving
    if most[0]:
        return most[0] > 0
    for index in range(first, search.count):
        if is_in(open, index):
            may = &search.candidates[index].most
            bound.credit += may.credit
            bound.points += may.points
            bound.gifts += may.gifts
            bound.effects += may.effects
    if bound.credit != best.credit:
        return bound.credit > best.credit
    if bound.points != best.points:
        return bound.points > best.points
    if bound.gifts != best.gifts:
        return bound.gifts > best.gifts
    if bound.effects != best.effects:
        return bound.effects > best.effects
    bound.promotions += fewest(search, best.saving - search.vector.saving)
    if bound.promotions != best.promotions:
        return bound.promotions < best.promotions
    # All is equal: the first promotion in which they differ decides.
    for word in range(search.words):
        difference = search.chosen[word] ^ search.best[word]
        if word == first >> 6:
            difference &= (<uint64_t>1 << (first & 63)) - 1
        elif word > first >> 6:
            break
        if difference:
            return search.chosen[word] & difference & -difference != 0
    return True


cdef int64_t fewest(Search* search, int64_t saving) noexcept nogil:
    """How many candidates it takes at least to save so much."""
    cdef int64_t count = 0
    cdef int32_t place, index, clique
    cdef int32_t cliques = 0
    cdef int64_t* best = search.tops
    if saving <= 0:
        return 0
    for index in range(search.count):
        best[index] = 0
    for index in range(search.count):
        clique = search.candidates[index].clique
        best[clique] = maximum(best[clique], search.weights[index])
        cliques = <int32_t>maximum(cliques, clique + 1)
    while saving > 0 and count <= cliques:
        place = 0
        for index in range(cliques):
            if best[index] > best[place]:
                place = index
        saving -= best[place]
        best[place] = 0
        count += 1
    return count
