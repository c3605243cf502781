# Everything here is C: see search.pxd.
"""The best set of promotions, found by branch and bound (docs/search.md).

A set grows by one promotion after the other, in the order of granting; every set is a node. Those that have a promotion
are visited before those that do not, so of equal sets the preferred one is found first.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.artifact cimport LAYERS
from engine._native.basket cimport Basket
from engine._native.bits cimport Walk, above, is_in, next_of, put, put_all, walk_above, words_for
from engine._native.bounds cimport grants_other, promises
from engine._native.candidates cimport (
    FEW, MOST_CAPS, MOST_REMEMBERED, MOST_STEPS, MOST_WRITTEN, NO_SET, OF_NODES, READING, Candidate, Frame, Search,
    Vector, conflicts_of, open_row, spent,
)
from engine._native.cliques cimport find_conflicts, form_cliques
from engine._native.compatibility cimport is_compatible
from engine._native.dominance cimport most_lost
from engine._native.families cimport begin_family, bound_of_families, find_claimers, leave_family, list_families
from engine._native.money cimport maximum, minimum
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, NO_EFFECT, OUT_OF_ROOM, Outcome
from engine._native.starting cimport start, start_with_all, try_alone
from engine._native.steps cimport BEFORE_LAYERS, appraise_again, appraise_from, cross, pop, push
from engine._native.trying cimport keep_if_better
from engine._native.unsearched cimport leave_unsearched, most_of_all


cdef enum:
    TOLERANCE = 100               # a hundredth of the saving
    STARTING = 4                  # eighths of the nodes go into finding a set to begin with, at most,
    STARTING_LARGE = 7            # and so many where sets may be large: these are hardly ever proven
    LISTING = 2                   # of the nodes one in so many goes into listing families, at most,
    CLOSING = 16                  # and one in so many, the last, into closing the gap
    MANY = 32                     # candidates: of more a small gap is sought before a proof


cdef bint search_layer(
    const Rules* rules, Basket* basket, int32_t layer, const int32_t* promotions, int32_t count
) noexcept nogil:
    """Finds the best of a layer's promotions, to be granted; False when there is too little room."""
    cdef Search* search = &basket.search
    cdef int32_t index
    begin(basket, layer)
    search.layered_count = 0
    for index in promotions[:count]:
        if is_in(basket.reachable, index) and is_compatible(rules, basket, &rules.promotions[index]):
            if not add_candidate(search, layer, index):
                leave_unsearched(rules, basket, promotions, count, promotions, count)
                return True
    return find(rules, basket)


cdef bint search_layers(const Rules* rules, Basket* basket) noexcept nogil:
    """Finds the best of the promotions of all layers, no worse than the layered answer; False as above."""
    cdef Search* search = &basket.search
    cdef int32_t index, layer = 0
    begin(basket, BEFORE_LAYERS)
    for index in basket.candidates[:basket.candidate_count]:
        while index >= rules.layers[layer].first_promotion + rules.layers[layer].promotion_count:
            layer += 1
        if is_in(basket.reachable, index) and not add_candidate(search, layer, index):
            leave_unsearched(
                rules, basket, basket.candidates, basket.candidate_count, search.layered, search.layered_count
            )
            return True
    return find(rules, basket)


cdef void begin(Basket* basket, int32_t layer) noexcept nogil:
    cdef Search* search = &basket.search
    search.count = search.depth = search.level = search.cap_used = search.claim_used = 0
    search.claimer_count = 0
    search.visited = search.work = 0
    search.unsearched = search.given_layer = -1
    search.layer = layer
    search.candidates = search.appraised
    memset(basket.journal.stale, 0, basket.word_count * sizeof(uint64_t))
    put_all(basket.journal.stale, basket.line_count)
    memset(search.rates, 0, (basket.line_count + basket.shipment_count) * sizeof(int64_t))
    memset(search.found_rates, 0, (basket.line_count + basket.shipment_count) * sizeof(int64_t))
    memset(&search.vector, 0, sizeof(Vector))
    memset(&search.best_vector, 0, sizeof(Vector))


cdef bint add_candidate(Search* search, int32_t layer, int32_t promotion) noexcept nogil:
    """False when there are as many as are searched among."""
    cdef Candidate* candidate = &search.candidates[search.count]
    if search.count == search.room:
        return False
    candidate.promotion = promotion
    candidate.layer = layer
    candidate.claimed = 0
    search.count += 1
    return True


cdef void open_all(Search* search) noexcept nogil:
    search.words = <int32_t>words_for(search.count)
    memset(search.open, 0, search.words * sizeof(uint64_t))
    put_all(search.open, search.count)


cdef bint find(const Rules* rules, Basket* basket) noexcept nogil:
    """Finds the best set of the candidates; the layered answer is among the first to be tried."""
    cdef Search* search = &basket.search
    cdef int64_t nodes = rules.rule_set.search_nodes
    cdef int32_t index
    cdef int64_t starting
    cdef bint done, explains = basket.explains
    if rules.rule_set.selects_globally:
        # They are counted for the whole cart.
        nodes -= search.nodes
    # Why a set that is tried lacks something is not asked: it would take nodes.
    basket.explains = False
    # What bounds may use hangs on those searched among, not on how many others a cart has, or had.
    search.cap_room = <int32_t>minimum(search.count * search.caps_each, MOST_CAPS)
    search.at_once = <int64_t>search.count * basket.line_count > MOST_STEPS
    basket.journal.kept = True
    basket.journal.line_count = basket.journal.run_count = 0
    open_all(search)
    done = read_all(rules, basket)
    search.remembers = search.count <= MOST_REMEMBERED
    memset(search.losses, 0, search.count * sizeof(int64_t))
    done = done and try_alone(rules, basket)
    starting = STARTING_LARGE if form_cliques(search) > MANY else STARTING
    done = (
        done and (search.at_once or start_with_all(rules, basket))
        and start(rules, basket, starting * nodes // 8)
        and explore(rules, basket, nodes)
    )
    basket.journal.kept = False
    basket.explains = explains
    search.granted_count = 0
    for index in range(search.count):
        if is_in(search.best, index):
            search.granted[search.granted_count] = search.candidates[index].promotion
            search.granted_count += 1
    return done


cdef bint read_all(const Rules* rules, Basket* basket) noexcept nogil:
    """Appraises the candidates, and leaves out those that can have no effect; what that takes beyond the allowance
    counts. False when there is too little room.

    Where sets are tried at once the first one comes before: so a lack of room shows before anything is read.
    """
    cdef Search* search = &basket.search
    cdef int64_t tried = 0
    if search.at_once:
        begin_sets(rules, search)
        tried -= search.work
        if not start_with_all(rules, basket):
            return False
        tried += search.work
    search.allowance = tried + READING
    appraise_from(rules, basket, 0)
    leave_out(rules, basket)
    if not search.at_once:
        begin_sets(rules, search)
    search.work = tried + maximum(0, search.work - search.allowance)
    return True


cdef void leave_out(const Rules* rules, Basket* basket) noexcept nogil:
    """Leaves those out that can have no effect."""
    cdef Search* search = &basket.search
    cdef int32_t index, kept = 0
    memset(search.wanted, 0, search.words * sizeof(uint64_t))
    for index in range(search.count):
        if search.candidates[index].most.saving or grants_other(&search.candidates[index].most):
            search.candidates[kept] = search.candidates[index]
            if search.at_once and is_in(search.best, index):
                put(search.wanted, kept)
            kept += 1
    if kept == search.count:
        return
    search.count = kept
    open_all(search)
    if search.at_once:
        begin_sets(rules, search)
        memcpy(search.best, search.wanted, search.words * sizeof(uint64_t))


cdef void begin_sets(const Rules* rules, Search* search) noexcept nogil:
    """Nothing is granted, and no set is known."""
    memset(search.chosen, 0, search.words * sizeof(uint64_t))
    memset(search.best, 0, search.words * sizeof(uint64_t))
    find_conflicts(rules, search)


cdef bint explore(const Rules* rules, Basket* basket, int64_t nodes) noexcept nogil:
    """Looks for the best set, with so many nodes; False when there is too little room.

    ``gap`` is what sets not visited may save beyond the best one.
    """
    cdef Search* search = &basket.search
    cdef int64_t more = 0
    search.started = search.work
    search.allowance = INT64_MAX if search.audited else maximum(search.work, nodes * OF_NODES) + READING
    search.bound = most_of_all(rules, basket)
    search.lost = most_lost(rules, basket)
    begin_proof(search)
    search.frames[0].limit = INT64_MAX
    leave_family(search)
    begin_walk(search)
    search.rated[0] = False
    if search.count and search.layer == BEFORE_LAYERS:
        memset(search.rated, 0, (1 + rules.counts[<int>LAYERS]) * sizeof(bint))
        # Every set is one of the first layer, if only an empty one.
        if not cross(rules, basket, search.candidates[0].layer):
            return False
        appraise_again(rules, basket, 0)
    if find_claimers(search):
        # Rates will be found for a family: those for all sets would serve only to bound these once.
        search.rated[search.level] = True
    if promises(basket, search, 0, &more) or search.audited:
        list_families(basket, search, more + search.best_vector.saving, nodes * OF_NODES // LISTING)
        if not walk_twice(rules, basket, nodes):
            return False
    if search.depth:
        pop(basket)
    search.nodes += minimum(spent(search), nodes)
    # The best set may have become better since.
    search.gap += maximum(0, search.missed - search.best_vector.saving)
    search.optimal = search.optimal and search.proven
    return True


cdef void begin_proof(Search* search) noexcept nogil:
    """All sets are looked at so far."""
    search.missed = 0
    search.dropped = NO_SET
    search.proven = True


cdef bint walk_twice(const Rules* rules, Basket* basket, int64_t nodes) noexcept nogil:
    """Visits the sets that may be better than the best one; of many candidates at first only those that may be much
    better, and all with the nodes that this leaves. False as above.
    """
    cdef Search* search = &basket.search
    cdef int64_t most
    search.closing = search.count > MANY and search.lost >= 0 and not search.audited
    if not walk_families(rules, basket, nodes):
        return False
    if search.closing and not search.proven and spent(search) <= nodes:
        search.closing = False
        most = search.missed
        begin_proof(search)
        if not walk_families(rules, basket, nodes):
            return False
        search.missed = minimum(search.missed, most)
    return True


cdef void begin_walk(Search* search) noexcept nogil:
    search.weighed = False
    search.reduction = search.unasked = search.stepped = search.unstepped = 0


cdef bint walk_families(const Rules* rules, Basket* basket, int64_t nodes) noexcept nogil:
    """Visits the sets that may be better than the best one, as far as the nodes go; False as above."""
    cdef Search* search = &basket.search
    cdef int32_t family
    cdef int64_t lost
    for family in search.family_order[:search.family_count]:
        # A family's bound is not held against sets that another allows for.
        search.bound = INT64_MAX if search.audited else search.families[family].bound
        if search.bound < search.best_vector.saving:
            continue
        if spent(search) > nodes and not search.audited or search.closing and is_little(
            search, search.bound - search.best_vector.saving, nodes
        ):
            miss(search)
            continue
        begin_walk(search)
        begin_family(search, family)
        search.frames[search.depth].limit = INT64_MAX
        if not walk(rules, basket, nodes):
            return False
    if search.dropped >= search.best_vector.saving:
        lost = maximum(search.missed, search.best_vector.saving) + search.lost
        search.missed = maximum(search.missed, minimum(search.dropped, lost))
        search.proven = False
    return True


cdef bint walk(const Rules* rules, Basket* basket, int64_t nodes) noexcept nogil:
    """Visits the sets of a family; False as above.

    With the last of the nodes it passes over those that promise little more: rather than proving that none is better,
    it proves that none is much better.
    """
    cdef Search* search = &basket.search
    cdef int64_t more
    cdef int32_t index = 0, root = search.depth
    cdef bint open
    cdef Outcome outcome
    while True:
        more = search.bound - search.best_vector.saving
        open = (more >= 0 or search.audited) and promises(basket, search, index, &more)
        search.bound = more + search.best_vector.saving
        if search.audited:
            audit(search)
            open = True
        # One that was visited is asked again for the sets that do without a candidate.
        search.visited += open and not search.weighed
        if open and (is_little(search, more, nodes) or is_at_end(basket, nodes)):
            miss(search)
        elif open:
            outcome = descend(rules, basket, &index)
            if outcome == OUT_OF_ROOM:
                return False
            if outcome == GRANTED:
                search.weighed = False
                continue
        search.weighed = True
        index = -1
        keep_bound(search, root, search.bound)
        while index < 0 and search.depth > root:
            index = pop(basket)
            if search.audited:
                keep_audited(search)
            keep_bound(search, root, search.frames[search.depth].with_it)
            if search.frames[search.depth].without == NO_SET or is_dropped(search):
                index = -1
        if index < 0:
            return True
        search.bound = most_without(search, &search.frames[search.depth])
        index += 1


cdef inline void keep_bound(Search* search, int32_t root, int64_t bound) noexcept nogil:
    """Sets below the node at hand were looked at that save at most so much."""
    cdef Frame* frame
    if search.depth > root:
        frame = &search.frames[search.depth - 1]
        frame.with_it = maximum(frame.with_it, bound)


cdef inline int64_t most_without(const Search* search, const Frame* frame) noexcept nogil:
    """What sets save at most without the candidate taken back last, when those with it were looked at."""
    if frame.dominated:
        return minimum(frame.without, frame.with_it + search.lost)
    return frame.without


cdef void miss(Search* search) noexcept nogil:
    """Sets below the node at hand, or of a family, are not visited though they may be better."""
    search.missed = maximum(search.missed, search.bound)
    search.proven = False


cdef inline bint is_little(const Search* search, int64_t more, int64_t nodes) noexcept nogil:
    """Whether sets that may save so much more are passed over, since nodes are about to run out."""
    cdef int64_t tolerated = search.best_vector.saving // TOLERANCE
    if search.closing and search.lost <= tolerated:
        # So much may those save that are dropped.
        tolerated -= search.lost
    return more < tolerated and (search.closing or spent(search) > nodes - nodes // CLOSING) and not search.audited


cdef inline bint is_at_end(const Basket* basket, int64_t limit) noexcept nogil:
    """Whether nothing is granted any more: so many nodes are spent, or as many runs written down as may be."""
    return spent(&basket.search) > limit or basket.journal.run_count > MOST_WRITTEN


cdef inline bint is_dropped(Search* search) noexcept nogil:
    """Whether sets without the candidate taken back last are passed over, for they save hardly more than those with it.
    """
    cdef const Frame* frame = &search.frames[search.depth]
    if not frame.dominated or not search.closing or search.lost * TOLERANCE > search.best_vector.saving:
        return False
    search.dropped = maximum(search.dropped, frame.without)
    return True


cdef void keep_audited(Search* search) noexcept nogil:
    """What sets with the candidate taken back last saved bounds those without it."""
    cdef Frame* frame = &search.frames[search.depth]
    if search.depth:
        search.frames[search.depth - 1].most = maximum(search.frames[search.depth - 1].most, frame.most)
    if frame.dominated:
        frame.limit = minimum(frame.limit, frame.most + search.lost)


cdef void audit(Search* search) noexcept nogil:
    """Holds the set at hand against the bounds of the nodes above it, and of its family."""
    cdef const Frame* frame
    cdef int32_t word
    for word in range(search.words):
        if search.forced[word] & ~search.chosen[word]:
            # It is no set of the family yet.
            return
    search.violations += search.vector.saving > bound_of_families(search)
    for frame in search.frames[:search.depth]:
        search.violations += search.vector.saving > frame.bound
    for frame in search.frames[:search.depth + 1]:
        search.violations += search.vector.saving > frame.limit


cdef Outcome descend(const Rules* rules, Basket* basket, int32_t* index) noexcept nogil:
    """Grants the next candidate that has an effect, from the index on, or enters its layer.

    Sets the index to the one to go on with; NO_EFFECT when there is none. What sets save that do without the candidate
    is less by its part of the bound when it stands in nobody's way; so by those that have no effect.
    """
    cdef Search* search = &basket.search
    cdef const Candidate* candidate
    cdef Frame* frame
    cdef Outcome outcome
    cdef int64_t without = search.read, bound = search.bound
    cdef bint forced, alone
    while index[0] < search.count:
        candidate = &search.candidates[index[0]]
        forced = is_in(search.forced, index[0])
        if is_in(open_row(search), index[0]) and may_be_better(search, index[0]):
            if candidate.layer != search.layer:
                if not cross(rules, basket, candidate.layer):
                    return OUT_OF_ROOM
                appraise_again(rules, basket, index[0])
                return GRANTED
            alone = not meets_later(search, index[0])
            if alone:
                without -= search.parts[index[0]]
            outcome = push(rules, basket, index[0])
            if outcome == OUT_OF_ROOM:
                return OUT_OF_ROOM
            if outcome == GRANTED:
                frame = &search.frames[search.depth - 1]
                frame.without = NO_SET if forced else minimum(without, bound)
                frame.dominated = alone and search.lost >= 0 and frame.settled
                frame.with_it = frame.most = search.vector.saving
                keep_if_better(search)
                index[0] += 1
                return GRANTED
        if forced:
            return NO_EFFECT
        index[0] += 1
    return NO_EFFECT


cdef bint may_be_better(Search* search, int32_t index) noexcept nogil:
    """Whether a set with the candidate may save as much as the best one: with all that go together with it behind."""
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const uint64_t* conflicts = conflicts_of(search, index)
    cdef int64_t left = search.best_vector.saving - search.vector.saving - search.weights[index], others = 0
    cdef int32_t other
    cdef Walk walk = walk_above(open_row(search), search.words, index)
    if search.audited:
        return True
    if not search.weights[index] and not grants_other(&candidate.most):
        return False
    while left > 0 and next_of(&walk, &other):
        if not is_in(conflicts, other):
            left -= search.weights[other]
            others += 1
    search.work += maximum(0, others - FEW)
    return left <= 0


cdef bint meets_later(const Search* search, int32_t index) noexcept nogil:
    """Whether it does not go together with one that is open behind it."""
    cdef const uint64_t* conflicts = conflicts_of(search, index)
    cdef const uint64_t* open = open_row(search)
    cdef int32_t word = index >> 6
    if conflicts[word] & open[word] & above(index):
        return True
    for word in range(word + 1, search.words):
        if conflicts[word] & open[word]:
            return True
    return False
