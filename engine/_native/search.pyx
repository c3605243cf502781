# Everything here is C: see search.pxd.
"""The best set of promotions, found by branch and bound (docs/search.md).

A set grows by one promotion after the other, in the order of granting; every set is a node. Those that have a promotion
are visited before those that do not, so of equal sets the preferred one is found first.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.appraisal cimport appraise
from engine._native.artifact cimport EXCLUSIVE_CART, EXCLUSIVE_LAYER, Promotion
from engine._native.basket cimport Adjustment, Basket
from engine._native.bounds cimport form_cliques, promises
from engine._native.candidates cimport Candidate, Frame, Search, Vector, drop, is_in, put
from engine._native.compatibility cimport excludes, is_compatible
from engine._native.granting cimport grant
from engine._native.journal cimport mark, rewind
from engine._native.money cimport maximum, minimum
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, NO_EFFECT, OUT_OF_ROOM, Outcome


cdef bint search_layer(
    const Rules* rules, Basket* basket, int32_t layer, const int32_t* promotions, int32_t count
) noexcept nogil:
    """Finds the best of a layer's promotions, to be granted; False when there is too little room."""
    cdef Search* search = &basket.search
    cdef bint done
    begin(basket)
    add_candidates(rules, basket, layer, promotions, count)
    find_conflicts(rules, search)
    form_cliques(search)
    basket.journal.kept = True
    basket.journal.line_count = basket.journal.run_count = 0
    done = start(rules, basket) and explore(rules, basket, rules.rule_set.search_nodes)
    basket.journal.kept = False
    if done:
        name_best(search)
    return done


cdef void begin(Basket* basket) noexcept nogil:
    cdef Search* search = &basket.search
    cdef int32_t index
    search.count = search.depth = search.cap_used = 0
    for index in range(basket.line_count):
        search.floors[index] = basket.lines[index].floor * basket.lines[index].quantity
    memset(search.rows, 0, (basket.line_count + basket.shipment_count) * sizeof(int64_t))
    memset(&search.vector, 0, sizeof(Vector))
    memset(&search.best_vector, 0, sizeof(Vector))


cdef void add_candidates(
    const Rules* rules, Basket* basket, int32_t layer, const int32_t* promotions, int32_t count
) noexcept nogil:
    """The promotions that go together with what earlier layers granted and may have an effect."""
    cdef Search* search = &basket.search
    cdef Candidate* candidate
    cdef int32_t index
    cdef int64_t claimed = 0
    for index in promotions[:count]:
        if not is_compatible(rules, basket, &rules.promotions[index]):
            continue
        candidate = &search.candidates[search.count]
        candidate.promotion = index
        candidate.layer = layer
        if appraise(rules, basket, search, &rules.layers[layer], candidate, True, claimed):
            claimed += candidate.claimed
            search.count += 1
    search.words = (search.count + 63) // 64
    memset(search.chosen, 0, search.words * sizeof(uint64_t))
    memset(search.best, 0, search.words * sizeof(uint64_t))
    memset(search.open, 0, search.words * sizeof(uint64_t))
    for index in range(search.count):
        put(search.open, index)


cdef void find_conflicts(const Rules* rules, Search* search) noexcept nogil:
    """Which candidates do not go together, two by two."""
    cdef int32_t index, other
    cdef const Promotion* promotion
    memset(search.conflicts, 0, <int64_t>search.count * search.words * sizeof(uint64_t))
    for index in range(search.count):
        promotion = &rules.promotions[search.candidates[index].promotion]
        for other in range(search.count):
            if other != index and (
                promotion.exclusive == EXCLUSIVE_LAYER or promotion.exclusive == EXCLUSIVE_CART
                or excludes(rules, promotion, &rules.promotions[search.candidates[other].promotion])
            ):
                put(&search.conflicts[<int64_t>index * search.words], other)
                put(&search.conflicts[<int64_t>other * search.words], index)


cdef inline uint64_t* open_row(const Search* search) noexcept nogil:
    return &search.open[<int64_t>search.depth * search.words]


cdef Outcome push(const Rules* rules, Basket* basket, int32_t index) noexcept nogil:
    """Grants a candidate on top of those granted."""
    cdef Search* search = &basket.search
    cdef const Candidate* candidate = &search.candidates[index]
    cdef Frame* frame = &search.frames[search.depth]
    cdef uint64_t* open = open_row(search)
    cdef const uint64_t* conflicts = &search.conflicts[<int64_t>index * search.words]
    cdef int32_t word
    cdef Outcome outcome
    frame.mark = mark(basket)
    outcome = grant(rules, basket, &rules.layers[candidate.layer], candidate.promotion)
    if outcome != GRANTED:
        return outcome
    frame.candidate = index
    frame.vector = search.vector
    for word in range(search.words):
        open[search.words + word] = open[word] & ~conflicts[word]
    put(search.chosen, index)
    search.depth += 1
    add_grant(&search.vector, &basket.adjustments[basket.adjustment_count - 1])
    return GRANTED


cdef int32_t pop(const Rules* rules, Basket* basket) noexcept nogil:
    """Takes the last candidate back; returns the one behind it."""
    cdef Search* search = &basket.search
    cdef const Frame* frame
    search.depth -= 1
    frame = &search.frames[search.depth]
    rewind(rules, basket, &frame.mark)
    search.vector = frame.vector
    drop(search.chosen, frame.candidate)
    return frame.candidate + 1


cdef void add_grant(Vector* vector, const Adjustment* adjustment) noexcept nogil:
    vector.saving += adjustment.amount
    vector.promotions += 1


cdef void keep_if_better(Search* search) noexcept nogil:
    """The set at hand is the best one if it is better than the one found so far."""
    cdef int64_t difference = compare(&search.vector, &search.best_vector)
    cdef int32_t word
    cdef uint64_t differing
    if difference < 0:
        return
    if difference == 0:
        for word in range(search.words):
            differing = search.chosen[word] ^ search.best[word]
            if differing:
                if not search.chosen[word] & differing & -differing:
                    return
                break
    search.best_vector = search.vector
    memcpy(search.best, search.chosen, search.words * sizeof(uint64_t))


cdef int64_t compare(const Vector* left, const Vector* right) noexcept nogil:
    """Above 0 when the left one is better."""
    if left.saving != right.saving:
        return left.saving - right.saving
    if left.credit != right.credit:
        return left.credit - right.credit
    if left.points != right.points:
        return left.points - right.points
    if left.gifts != right.gifts:
        return left.gifts - right.gifts
    if left.effects != right.effects:
        return left.effects - right.effects
    return right.promotions - left.promotions


cdef bint start(const Rules* rules, Basket* basket) noexcept nogil:
    """Sets to begin with: what ``all`` would grant, and those that save most by themselves, if they go together."""
    cdef Search* search = &basket.search
    cdef uint64_t* wanted = search.wanted
    cdef int32_t place, index, word
    cdef bint fits
    if not try_set(rules, basket, NULL):
        return False
    memset(wanted, 0, search.words * sizeof(uint64_t))
    for place in range(search.count):
        index = search.by_saving[place]
        fits = True
        for word in range(search.words):
            fits = fits and not wanted[word] & search.conflicts[<int64_t>index * search.words + word]
        if fits:
            put(wanted, index)
    return try_set(rules, basket, wanted)


cdef bint try_set(const Rules* rules, Basket* basket, const uint64_t* wanted) noexcept nogil:
    """Grants, in their order, those wanted, or all, that are open; keeps the set if it is better."""
    cdef Search* search = &basket.search
    cdef int32_t index
    for index in range(search.count):
        if is_in(open_row(search), index) and (wanted == NULL or is_in(wanted, index)):
            if push(rules, basket, index) == OUT_OF_ROOM:
                return False
    keep_if_better(search)
    while search.depth:
        pop(rules, basket)
    return True


cdef bint explore(const Rules* rules, Basket* basket, int64_t node_limit) noexcept nogil:
    """Visits every set that may be better than the best one; False when there is too little room.

    When the nodes run out, what those not visited may save beyond the best one is the gap.
    """
    cdef Search* search = &basket.search
    cdef int32_t index = 0
    cdef int64_t more, gap = 0
    cdef int64_t nodes = 0
    cdef bint running = True
    cdef Outcome outcome
    while True:
        if promises(basket, search, index, &more):
            if nodes >= node_limit:
                running = False
                gap = maximum(gap, more)
            else:
                nodes += 1
                outcome = descend(rules, basket, &index)
                if outcome == OUT_OF_ROOM:
                    return False
                if outcome == GRANTED:
                    continue
        if search.depth == 0:
            break
        index = pop(rules, basket)
    search.nodes += nodes
    search.gap += gap
    search.optimal = search.optimal and running
    return True


cdef Outcome descend(const Rules* rules, Basket* basket, int32_t* index) noexcept nogil:
    """Grants the next candidate that has an effect, from the index on; sets it to the one behind."""
    cdef Search* search = &basket.search
    cdef const Vector* most
    cdef Outcome outcome
    while index[0] < search.count:
        if is_in(open_row(search), index[0]):
            most = &search.candidates[index[0]].most
            if search.weights[index[0]] or most.credit or most.points or most.gifts or most.effects:
                outcome = push(rules, basket, index[0])
                if outcome == GRANTED or outcome == OUT_OF_ROOM:
                    index[0] += 1
                    if outcome == GRANTED:
                        keep_if_better(search)
                    return outcome
        index[0] += 1
    return NO_EFFECT


cdef void name_best(Search* search) noexcept nogil:
    cdef int32_t index
    search.granted_count = 0
    for index in range(search.count):
        if is_in(search.best, index):
            search.granted[search.granted_count] = search.candidates[index].promotion
            search.granted_count += 1
