"""The best set of promotions of a layer, or of all layers, by branch and bound (docs/search.md).

The tree: a node is a set of compatible candidates; its children have one candidate more, which comes later in the order
of granting. Candidates are granted on the basket itself and taken back from a journal, so every saving is exact. At
each node the saving of the set, plus an upper bound of what the open candidates may add, bounds every set below; when
that cannot beat the best set found so far, the incumbent, the sets below are skipped. As no better set is ever skipped,
the incumbent is the best one at the end. When the nodes run out first, the largest bound of the sets that were not
visited, less what the incumbent saves, is the gap.

Sets with a candidate are visited before those without it, so of equally good sets the preferred one is found first.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.artifact cimport LAYERS
from engine._native.basket cimport Basket
from engine._native.bits cimport Walk, above, add, add_all, contains, next_member, walk_above, words_for
from engine._native.compatibility cimport is_compatible
from engine._native.money cimport maximum, minimum
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, NO_EFFECT, OUT_OF_ROOM, Outcome
from engine._native.search.bounds cimport grants_other, may_improve
from engine._native.search.candidates cimport (
    FREE_PAIRS, MANY, MOST_CANDIDATE_LINES, MOST_CAPS, MOST_JOURNAL_RUNS, MOST_REMEMBERED, NO_SET, READING_ALLOWANCE,
    WORK_PER_NODE, Candidate, Frame, Search, Vector, conflicts_of, nodes_spent, open_row,
)
from engine._native.search.cliques cimport find_conflicts, form_cliques
from engine._native.search.dominance cimport largest_loss
from engine._native.search.families cimport begin_family, bound_of_families, clear_family, find_claimers, list_families
from engine._native.search.starting cimport try_all, try_alone, try_starting_sets
from engine._native.search.steps cimport BEFORE_LAYERS, appraise_from, pop, push_candidate, push_layer, reappraise
from engine._native.search.trying cimport keep_if_better
from engine._native.search.unsearched cimport bound_by_rooms, grant_unsearched


cdef enum:
    TOLERANCE = 100               # a gap of a hundredth of the saving is small
    STARTING = 4                  # eighths of the nodes that starting sets take at most,
    STARTING_LARGE = 7            # and where sets may be large: these are hardly ever proven best
    LISTING = 2                   # listing families takes at most one node in so many
    CLOSING = 16                  # the last node in so many goes into a small gap


cdef bint search_layer(
    const Rules* rules, Basket* basket, int32_t layer, const int32_t* promotions, int32_t count
) noexcept nogil:
    """Finds the best set of a layer's promotions and lists it in ``granted``; False when the journal is too small."""
    cdef Search* search = &basket.search
    cdef int32_t index
    begin(basket, layer)
    search.layered_count = 0
    for index in promotions[:count]:
        if contains(basket.reachable, index) and is_compatible(rules, basket, &rules.promotions[index]):
            if not add_candidate(search, layer, index):
                grant_unsearched(rules, basket, promotions, count, promotions, count)
                return True
    return find_best(rules, basket)


cdef bint search_layers(const Rules* rules, Basket* basket) noexcept nogil:
    """The same over all layers, no worse than the layered answer."""
    cdef Search* search = &basket.search
    cdef int32_t index, layer = 0
    begin(basket, BEFORE_LAYERS)
    for index in basket.candidates[:basket.candidate_count]:
        while index >= rules.layers[layer].first_promotion + rules.layers[layer].promotion_count:
            layer += 1
        if contains(basket.reachable, index) and not add_candidate(search, layer, index):
            grant_unsearched(
                rules, basket, basket.candidates, basket.candidate_count, search.layered, search.layered_count
            )
            return True
    return find_best(rules, basket)


cdef void begin(Basket* basket, int32_t layer) noexcept nogil:
    """An empty set of no candidates, before the layer is entered."""
    cdef Search* search = &basket.search
    search.count = search.depth = search.level = search.cap_used = search.claim_used = 0
    search.claimer_count = 0
    search.visited = search.work = 0
    search.unsearched = search.points_layer = -1
    search.layer = layer
    search.candidates = search.appraised
    memset(basket.journal.stale, 0, basket.word_count * sizeof(uint64_t))
    add_all(basket.journal.stale, basket.line_count)
    memset(search.multipliers, 0, (basket.line_count + basket.shipment_count) * sizeof(int64_t))
    memset(search.best_multipliers, 0, (basket.line_count + basket.shipment_count) * sizeof(int64_t))
    memset(&search.vector, 0, sizeof(Vector))
    memset(&search.best_vector, 0, sizeof(Vector))


cdef bint add_candidate(Search* search, int32_t layer, int32_t promotion) noexcept nogil:
    """False when there are as many candidates as a search takes."""
    cdef Candidate* candidate = &search.candidates[search.count]
    if search.count == search.room:
        return False
    candidate.promotion = promotion
    candidate.layer = layer
    candidate.claimed = 0
    search.count += 1
    return True


cdef void open_all(Search* search) noexcept nogil:
    """Every candidate may follow the set at hand."""
    search.words = <int32_t>words_for(search.count)
    memset(search.open, 0, search.words * sizeof(uint64_t))
    add_all(search.open, search.count)


cdef bint find_best(const Rules* rules, Basket* basket) noexcept nogil:
    """Finds the best set of the candidates; False when the journal is too small."""
    cdef Search* search = &basket.search
    cdef int64_t nodes = rules.rule_set.search_nodes
    cdef int32_t index
    cdef int64_t starting
    cdef bint done, explains = basket.explains
    if rules.rule_set.selects_globally:
        # Nodes are counted for the whole cart.
        nodes -= search.nodes
    # Sets that are tried need no explanations: these would take nodes.
    basket.explains = False
    # The answer must depend on the candidates alone, not on the room that this or an earlier cart took.
    search.cap_room = <int32_t>minimum(search.count * search.caps_each, MOST_CAPS)
    search.at_once = <int64_t>search.count * basket.line_count > MOST_CANDIDATE_LINES
    basket.journal.kept = True
    basket.journal.line_count = basket.journal.run_count = 0
    open_all(search)
    done = appraise_candidates(rules, basket)
    search.keeps_rows = search.count <= MOST_REMEMBERED
    memset(search.losses, 0, search.count * sizeof(int64_t))
    done = done and try_alone(rules, basket)
    starting = STARTING_LARGE if form_cliques(search) > MANY else STARTING
    done = (
        done and (search.at_once or try_all(rules, basket))
        and try_starting_sets(rules, basket, starting * nodes // 8)
        and explore(rules, basket, nodes)
    )
    basket.journal.kept = False
    basket.explains = explains
    search.granted_count = 0
    for index in range(search.count):
        if contains(search.best, index):
            search.granted[search.granted_count] = search.candidates[index].promotion
            search.granted_count += 1
    return done


cdef bint appraise_candidates(const Rules* rules, Basket* basket) noexcept nogil:
    """Bounds what each candidate may grant, and drops those that can have no effect. Work beyond the allowance counts
    as nodes. False when the journal is too small.

    Where sets are tried at once, the set that ``all`` would grant is tried first: a journal that is too small shows
    before candidates are appraised.
    """
    cdef Search* search = &basket.search
    cdef int64_t tried = 0
    if search.at_once:
        reset_sets(rules, search)
        tried -= search.work
        if not try_all(rules, basket):
            return False
        tried += search.work
    search.allowance = tried + READING_ALLOWANCE
    appraise_from(rules, basket, 0)
    drop_ineffective(rules, basket)
    if not search.at_once:
        reset_sets(rules, search)
    search.work = tried + maximum(0, search.work - search.allowance)
    return True


cdef void drop_ineffective(const Rules* rules, Basket* basket) noexcept nogil:
    """Drops the candidates that can have no effect."""
    cdef Search* search = &basket.search
    cdef int32_t index, kept = 0
    memset(search.wanted, 0, search.words * sizeof(uint64_t))
    for index in range(search.count):
        if search.candidates[index].most.saving or grants_other(&search.candidates[index].most):
            search.candidates[kept] = search.candidates[index]
            if search.at_once and contains(search.best, index):
                add(search.wanted, kept)
            kept += 1
    if kept == search.count:
        return
    search.count = kept
    open_all(search)
    if search.at_once:
        reset_sets(rules, search)
        memcpy(search.best, search.wanted, search.words * sizeof(uint64_t))


cdef void reset_sets(const Rules* rules, Search* search) noexcept nogil:
    """Nothing is granted, and there is no incumbent."""
    memset(search.chosen, 0, search.words * sizeof(uint64_t))
    memset(search.best, 0, search.words * sizeof(uint64_t))
    find_conflicts(rules, search)


cdef bint explore(const Rules* rules, Basket* basket, int64_t nodes) noexcept nogil:
    """Walks the tree with so many nodes, from the incumbent on; False when the journal is too small.

    Sets ``gap`` to the most that a set not visited may save beyond the incumbent.
    """
    cdef Search* search = &basket.search
    cdef int64_t more = 0
    search.start_work = search.work
    search.allowance = INT64_MAX if search.audited else maximum(search.work, nodes * WORK_PER_NODE) + READING_ALLOWANCE
    search.bound = bound_by_rooms(rules, basket)
    search.dominance_loss = largest_loss(rules, basket)
    begin_proof(search)
    search.frames[0].audited_limit = INT64_MAX
    clear_family(search)
    begin_walk(search)
    search.has_multipliers[0] = False
    if search.count and search.layer == BEFORE_LAYERS:
        memset(search.has_multipliers, 0, (1 + rules.counts[<int>LAYERS]) * sizeof(bint))
        # Every set enters the first layer, if only with no candidate of it.
        if not push_layer(rules, basket, search.candidates[0].layer):
            return False
        reappraise(rules, basket, 0)
    if find_claimers(search):
        # Multipliers are searched for a family later: for all sets they would serve for a single bound.
        search.has_multipliers[search.level] = True
    if may_improve(basket, search, 0, &more) or search.audited:
        list_families(basket, search, more + search.best_vector.saving, nodes * WORK_PER_NODE // LISTING)
        if not walk_twice(rules, basket, nodes):
            return False
    if search.depth:
        pop(basket)
    search.nodes += minimum(nodes_spent(search), nodes)
    # The incumbent may have improved since sets were skipped.
    search.gap += maximum(0, search.missed_bound - search.best_vector.saving)
    search.optimal = search.optimal and search.proven
    return True


cdef void begin_proof(Search* search) noexcept nogil:
    """No set was skipped yet that may be better."""
    search.missed_bound = 0
    search.dropped_bound = NO_SET
    search.proven = True


cdef bint walk_twice(const Rules* rules, Basket* basket, int64_t nodes) noexcept nogil:
    """Walks all families. Of many candidates the first walk skips sets that are hardly better; if that leaves nodes, a
    second walk skips none of them. False when the journal is too small.
    """
    cdef Search* search = &basket.search
    cdef int64_t most
    search.closing = search.count > MANY and search.dominance_loss >= 0 and not search.audited
    if not walk_families(rules, basket, nodes):
        return False
    if search.closing and not search.proven and nodes_spent(search) <= nodes:
        search.closing = False
        most = search.missed_bound
        begin_proof(search)
        if not walk_families(rules, basket, nodes):
            return False
        search.missed_bound = minimum(search.missed_bound, most)
    return True


cdef void begin_walk(Search* search) noexcept nogil:
    search.revisited = False
    search.relaxation_gain = search.skipped_relaxations = search.step_gain = search.skipped_steps = 0


cdef bint walk_families(const Rules* rules, Basket* basket, int64_t nodes) noexcept nogil:
    """Walks one family after the other, as far as the nodes go; False when the journal is too small."""
    cdef Search* search = &basket.search
    cdef int32_t family
    cdef int64_t lost
    for family in search.family_order[:search.family_count]:
        # A set may belong to several families; only the largest of their bounds holds for it.
        search.bound = INT64_MAX if search.audited else search.families[family].bound
        if search.bound < search.best_vector.saving:
            continue
        if nodes_spent(search) > nodes and not search.audited or search.closing and is_negligible(
            search, search.bound - search.best_vector.saving, nodes
        ):
            skip_subtree(search)
            continue
        begin_walk(search)
        begin_family(search, family)
        search.frames[search.depth].audited_limit = INT64_MAX
        if not walk(rules, basket, nodes):
            return False
    if search.dropped_bound >= search.best_vector.saving:
        lost = maximum(search.missed_bound, search.best_vector.saving) + search.dominance_loss
        search.missed_bound = maximum(search.missed_bound, minimum(search.dropped_bound, lost))
        search.proven = False
    return True


cdef bint walk(const Rules* rules, Basket* basket, int64_t nodes) noexcept nogil:
    """Visits the sets of a family, depth first; False when the journal is too small.

    With the last of the nodes, sets that promise little more than the incumbent are skipped: rather than proving that
    no set is better, the walk proves that none is much better.
    """
    cdef Search* search = &basket.search
    cdef int64_t more
    cdef int32_t index = 0, root = search.depth
    cdef bint open
    cdef Outcome outcome
    while True:
        more = search.bound - search.best_vector.saving
        open = (more >= 0 or search.audited) and may_improve(basket, search, index, &more)
        search.bound = more + search.best_vector.saving
        if search.audited:
            audit(search)
            open = True
        # A node is asked again, about its sets without some candidates: it counts once.
        search.visited += open and not search.revisited
        if open and (is_negligible(search, more, nodes) or is_at_end(basket, nodes)):
            skip_subtree(search)
        elif open:
            outcome = descend(rules, basket, &index)
            if outcome == OUT_OF_ROOM:
                return False
            if outcome == GRANTED:
                search.revisited = False
                continue
        search.revisited = True
        index = -1
        raise_bound_with(search, root, search.bound)
        while index < 0 and search.depth > root:
            index = pop(basket)
            if search.audited:
                keep_audited(search)
            raise_bound_with(search, root, search.frames[search.depth].bound_with)
            if search.frames[search.depth].bound_without == NO_SET or drops_without(search):
                index = -1
        if index < 0:
            return True
        search.bound = most_saved_without(search, &search.frames[search.depth])
        index += 1


cdef inline void raise_bound_with(Search* search, int32_t root, int64_t bound) noexcept nogil:
    """A set below the node at hand that was looked at may save so much."""
    cdef Frame* frame
    if search.depth > root:
        frame = &search.frames[search.depth - 1]
        frame.bound_with = maximum(frame.bound_with, bound)


cdef inline int64_t most_saved_without(const Search* search, const Frame* frame) noexcept nogil:
    """The bound of the sets without the candidate taken back last; those with it were visited."""
    if frame.dominated:
        return minimum(frame.bound_without, frame.bound_with + search.dominance_loss)
    return frame.bound_without


cdef void skip_subtree(Search* search) noexcept nogil:
    """The sets below the node at hand, or of a family, are not visited though they may be better."""
    search.missed_bound = maximum(search.missed_bound, search.bound)
    search.proven = False


cdef inline bint is_negligible(const Search* search, int64_t more, int64_t nodes) noexcept nogil:
    """Whether sets are skipped that may save only so much more, since nodes are about to run out."""
    cdef int64_t tolerated = search.best_vector.saving // TOLERANCE
    if search.closing and search.dominance_loss <= tolerated:
        # Sets dropped by dominance may save that much more.
        tolerated -= search.dominance_loss
    return (
        more < tolerated and (search.closing or nodes_spent(search) > nodes - nodes // CLOSING) and not search.audited
    )


cdef inline bint is_at_end(const Basket* basket, int64_t limit) noexcept nogil:
    """Whether nothing more is granted: the nodes are spent, or the journal holds as many runs as it may."""
    return nodes_spent(&basket.search) > limit or basket.journal.run_count > MOST_JOURNAL_RUNS


cdef inline bint drops_without(Search* search) noexcept nogil:
    """Whether sets without the candidate taken back last are skipped, as dominance bounds them closely enough."""
    cdef const Frame* frame = &search.frames[search.depth]
    if not frame.dominated or not search.closing or search.dominance_loss * TOLERANCE > search.best_vector.saving:
        return False
    search.dropped_bound = maximum(search.dropped_bound, frame.bound_without)
    return True


cdef void keep_audited(Search* search) noexcept nogil:
    """Audit: what sets with the candidate taken back last saved bounds those without it, by dominance."""
    cdef Frame* frame = &search.frames[search.depth]
    cdef Frame* parent
    if search.depth:
        parent = &search.frames[search.depth - 1]
        parent.audited_saving = maximum(parent.audited_saving, frame.audited_saving)
    if frame.dominated:
        frame.audited_limit = minimum(frame.audited_limit, frame.audited_saving + search.dominance_loss)


cdef void audit(Search* search) noexcept nogil:
    """Holds the set at hand against the bounds of the nodes above it, and of its families."""
    cdef const Frame* frame
    cdef int32_t word
    for word in range(search.words):
        if search.forced[word] & ~search.chosen[word]:
            # It is not a set of the family yet.
            return
    search.violations += search.vector.saving > bound_of_families(search)
    for frame in search.frames[:search.depth]:
        search.violations += search.vector.saving > frame.bound
    for frame in search.frames[:search.depth + 1]:
        search.violations += search.vector.saving > frame.audited_limit


cdef Outcome descend(const Rules* rules, Basket* basket, int32_t* index) noexcept nogil:
    """Grants the first candidate from the index on that has an effect, or enters its layer.

    Sets the index to the candidate after it; NO_EFFECT when there is none.
    """
    cdef Search* search = &basket.search
    cdef const Candidate* candidate
    cdef Frame* frame
    cdef Outcome outcome
    cdef bint forced, free
    while index[0] < search.count:
        candidate = &search.candidates[index[0]]
        forced = contains(search.forced, index[0])
        if contains(open_row(search), index[0]) and candidate_may_improve(search, index[0]):
            if candidate.layer != search.layer:
                if not push_layer(rules, basket, candidate.layer):
                    return OUT_OF_ROOM
                reappraise(rules, basket, index[0])
                return GRANTED
            free = search.dominance_loss >= 0 and not conflicts_later(search, index[0])
            outcome = push_candidate(rules, basket, index[0])
            if outcome == OUT_OF_ROOM:
                return OUT_OF_ROOM
            if outcome == GRANTED:
                frame = &search.frames[search.depth - 1]
                if forced:
                    frame.bound_without = NO_SET
                frame.dominated = free and frame.claims_fixed
                frame.bound_with = frame.audited_saving = search.vector.saving
                keep_if_better(search)
                index[0] += 1
                return GRANTED
        if forced:
            return NO_EFFECT
        index[0] += 1
    return NO_EFFECT


cdef bint candidate_may_improve(Search* search, int32_t index) noexcept nogil:
    """Whether a set with the candidate may save as much as the incumbent: with everything behind it that is compatible
    with it, conflicts among these aside.
    """
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const uint64_t* conflicts = conflicts_of(search, index)
    cdef int64_t left = search.best_vector.saving - search.vector.saving - search.weights[index], others = 0
    cdef int32_t other
    cdef Walk walk = walk_above(open_row(search), search.words, index)
    if search.audited:
        return True
    if not search.weights[index] and not grants_other(&candidate.most):
        return False
    while left > 0 and next_member(&walk, &other):
        if not contains(conflicts, other):
            left -= search.weights[other]
            others += 1
    search.work += maximum(0, others - FREE_PAIRS)
    return left <= 0


cdef bint conflicts_later(const Search* search, int32_t index) noexcept nogil:
    """Whether it conflicts with an open candidate behind it."""
    cdef const uint64_t* conflicts = conflicts_of(search, index)
    cdef const uint64_t* open = open_row(search)
    cdef int32_t word = index >> 6
    if conflicts[word] & open[word] & above(index):
        return True
    for word in range(word + 1, search.words):
        if conflicts[word] & open[word]:
            return True
    return False
