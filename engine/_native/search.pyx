# Everything here is C: see search.pxd.
"""The best set of promotions, found by branch and bound (docs/search.md).

A set grows by one promotion after the other, in the order of granting; every set is a node. Those that have a promotion
are visited before those that do not, so of equal sets the preferred one is found first.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.appraisal cimport appraise
from engine._native.artifact cimport (
    CART, CART_SHIPPING, EFFECT_REWARDS, EXCLUSIVE_CART, EXCLUSIVE_LAYER, GROUP_SLOTS, SEGMENT,
    SHIPMENT_NUMBERS, Combine, Promotion,
)
from engine._native.basket cimport Adjustment, Basket, Number, is_reachable
from engine._native.bounds cimport form_cliques, grants_other, promises
from engine._native.candidates cimport Candidate, Cap, Frame, Search, Vector, drop, is_in, put
from engine._native.compatibility cimport is_compatible
from engine._native.entry cimport enter_layer
from engine._native.granting cimport grant
from engine._native.journal cimport mark, rewind, write_down
from engine._native.money cimport maximum, minimum
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, NO_EFFECT, OUT_OF_ROOM, Outcome
from engine._native.without_money cimport value_of


cdef enum:
    BEFORE_LAYERS = -1
    TOLERANCE = 100               # a hundredth of the saving
    LOOKED = 4096                 # lines that count as a node


cdef bint search_layer(
    const Rules* rules, Basket* basket, int32_t layer, const int32_t* promotions, int32_t count, int64_t nodes
) noexcept nogil:
    """Finds the best of a layer's promotions, to be granted; False when there is too little room."""
    cdef Search* search = &basket.search
    cdef int32_t index
    begin(basket, layer)
    for index in promotions[:count]:
        if is_compatible(rules, basket, &rules.promotions[index]):
            add_candidate(search, layer, index)
    return find(rules, basket, NULL, 0, nodes)


cdef bint search_layers(
    const Rules* rules, Basket* basket, const int32_t* promotions, int32_t count, const int32_t* layered,
    int32_t layered_count, int64_t nodes
) noexcept nogil:
    """Finds the best of the promotions of all layers, no worse than the layered answer; False as above."""
    cdef Search* search = &basket.search
    cdef int32_t index, layer = 0
    begin(basket, BEFORE_LAYERS)
    for index in promotions[:count]:
        while index >= rules.layers[layer].first_promotion + rules.layers[layer].promotion_count:
            layer += 1
        add_candidate(search, layer, index)
    return find(rules, basket, layered, layered_count, nodes)


cdef void begin(Basket* basket, int32_t layer) noexcept nogil:
    cdef Search* search = &basket.search
    cdef int32_t index
    search.count = search.depth = search.level = search.cap_used = search.claim_used = 0
    search.claiming = False
    search.layer = layer
    search.candidates = search.appraised
    for index in range(basket.line_count):
        search.floors[index] = basket.lines[index].floor * basket.lines[index].quantity
    memset(search.full, 0, (basket.line_count + basket.shipment_count) * sizeof(char))
    memset(&search.vector, 0, sizeof(Vector))
    memset(&search.best_vector, 0, sizeof(Vector))


cdef void add_candidate(Search* search, int32_t layer, int32_t promotion) noexcept nogil:
    cdef Candidate* candidate = &search.candidates[search.count]
    candidate.promotion = promotion
    candidate.layer = layer
    search.count += 1


cdef bint find(
    const Rules* rules, Basket* basket, const int32_t* known, int32_t known_count, int64_t nodes
) noexcept nogil:
    """Finds the best set of the candidates; one known is among the first to be tried."""
    cdef Search* search = &basket.search
    cdef int32_t index, kept = 0
    cdef bint done
    appraise_from(rules, basket, 0)
    # Those that can have no effect are left out.
    for index in range(search.count):
        if not is_reachable(basket, search.candidates[index].promotion):
            continue
        if search.candidates[index].most.saving or grants_other(&search.candidates[index].most):
            search.candidates[kept] = search.candidates[index]
            kept += 1
    if kept < search.count:
        search.count = kept
        search.cap_used = search.claim_used = 0
        appraise_from(rules, basket, 0)
    search.words = (kept + 63) // 64
    memset(search.chosen, 0, search.words * sizeof(uint64_t))
    memset(search.best, 0, search.words * sizeof(uint64_t))
    memset(search.open, 0, search.words * sizeof(uint64_t))
    for index in range(kept):
        put(search.open, index)
    find_conflicts(rules, search)
    form_cliques(search)
    basket.journal.kept = True
    basket.journal.line_count = basket.journal.run_count = 0
    done = start(rules, basket, known, known_count) and explore(rules, basket, nodes)
    basket.journal.kept = False
    search.granted_count = 0
    for index in range(kept):
        if is_in(search.best, index):
            search.granted[search.granted_count] = search.candidates[index].promotion
            search.granted_count += 1
    return done


cdef void appraise_from(const Rules* rules, Basket* basket, int32_t first) noexcept nogil:
    """Says of each candidate from the first on what it may grant at most, the basket as it stands."""
    cdef Search* search = &basket.search
    cdef Candidate* candidate
    cdef const Cap* cap
    cdef int64_t points = 0
    cdef int32_t layer = BEFORE_LAYERS, index, line
    for index in range(first, search.count):
        candidate = &search.candidates[index]
        if candidate.layer != layer:
            layer = candidate.layer
            points = 0
            memset(search.taken, 0, (basket.line_count + basket.shipment_count) * sizeof(int64_t))
        if not appraise(rules, basket, search, index, first, layer == search.layer, points):
            memset(&candidate.most, 0, sizeof(Vector))
            candidate.claimed = 0
            candidate.claim_count = -1
            continue
        points += candidate.most.points
        for cap in search.caps[candidate.first_cap:candidate.first_cap + maximum(0, candidate.cap_count)]:
            search.taken[cap.column] += cap.amount
        if candidate.cap_count < 0 and candidate.most.saving:
            # Where caps are not listed it may be anything.
            for line in range(basket.line_count):
                search.taken[line] += basket.lines[line].subtotal


cdef void find_conflicts(const Rules* rules, Search* search) noexcept nogil:
    """Which candidates do not go together, two by two."""
    cdef int32_t index, other
    cdef const Promotion* promotion
    memset(search.conflicts, 0, <int64_t>search.count * search.words * sizeof(uint64_t))
    memset(search.marks, 0, rules.label_count)
    for index in range(search.count):
        promotion = &rules.promotions[search.candidates[index].promotion]
        mark_exclusions(rules, search, promotion, True)
        for other in range(search.count):
            if other != index and excludes(rules, search, index, other):
                put(&search.conflicts[<int64_t>index * search.words], other)
                put(&search.conflicts[<int64_t>other * search.words], index)
        mark_exclusions(rules, search, promotion, False)


cdef void mark_exclusions(const Rules* rules, Search* search, const Promotion* promotion, bint marked) noexcept nogil:
    cdef int32_t label
    for label in rules.labels[promotion.first_exclusion:promotion.first_exclusion + promotion.exclusion_count]:
        search.marks[label] = marked


cdef bint excludes(const Rules* rules, const Search* search, int32_t index, int32_t other) noexcept nogil:
    """Whether a candidate whose exclusions are marked does not go together with another."""
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const Promotion* promotion = &rules.promotions[search.candidates[other].promotion]
    cdef int exclusive = rules.promotions[candidate.promotion].exclusive
    cdef int32_t label
    if exclusive == EXCLUSIVE_CART:
        return True
    if candidate.layer == search.candidates[other].layer and (
        exclusive == EXCLUSIVE_LAYER or rules.layers[candidate.layer].combine == Combine.FIRST
    ):
        return True
    for label in rules.labels[promotion.first_label:promotion.first_label + promotion.label_count]:
        if search.marks[label]:
            return True
    return False


cdef inline uint64_t* open_row(const Search* search) noexcept nogil:
    return &search.open[<int64_t>search.depth * search.words]


cdef Frame* new_frame(Basket* basket) noexcept nogil:
    """The frame of what is to come."""
    cdef Search* search = &basket.search
    cdef Frame* frame = &search.frames[search.depth]
    frame.mark = mark(basket)
    frame.vector = search.vector
    frame.bound = search.bound
    frame.layer = search.layer
    frame.level = search.level
    frame.cap_used = search.cap_used
    frame.claim_used = search.claim_used
    frame.first_of_layer = basket.first_of_layer
    return frame


cdef Outcome push(const Rules* rules, Basket* basket, int32_t index) noexcept nogil:
    """Grants a candidate of the layer at hand on top of those granted."""
    cdef Search* search = &basket.search
    cdef const Candidate* candidate = &search.candidates[index]
    cdef Frame* frame = new_frame(basket)
    cdef uint64_t* open = open_row(search)
    cdef const uint64_t* conflicts = &search.conflicts[<int64_t>index * search.words]
    cdef const Adjustment* adjustment
    cdef int32_t word
    cdef Outcome outcome = grant(rules, basket, &rules.layers[candidate.layer], candidate.promotion)
    if outcome != GRANTED:
        return outcome
    frame.candidate = index
    for word in range(search.words):
        open[search.words + word] = open[word] & ~conflicts[word]
    put(search.chosen, index)
    search.depth += 1
    adjustment = &basket.adjustments[basket.adjustment_count - 1]
    search.vector.saving += adjustment.amount + value_of(rules, basket, adjustment)
    search.vector.credit += adjustment.credit
    search.vector.points += adjustment.points
    search.vector.gifts += adjustment.gifts
    search.vector.effects += rules.promotions[adjustment.promotion].family == EFFECT_REWARDS
    search.vector.promotions += 1
    return GRANTED


cdef bint cross(const Rules* rules, Basket* basket, int32_t layer) noexcept nogil:
    """Enters the layer; False when there is too little room."""
    cdef Search* search = &basket.search
    cdef Frame* frame = new_frame(basket)
    cdef int32_t index
    frame.candidate = -1
    for index in range(basket.line_count):
        if basket.lines[index].changed and not write_down(basket, &basket.lines[index]):
            return False
    copy_facts(rules, basket, search.facts + search.level * search.facts_size, True)
    memcpy(open_row(search) + search.words, open_row(search), search.words * sizeof(uint64_t))
    search.depth += 1
    search.level += 1
    search.layer = layer
    basket.first_of_layer = basket.adjustment_count
    enter_layer(rules, basket, &rules.layers[layer])
    return True


cdef void appraise_again(const Rules* rules, Basket* basket, int32_t first) noexcept nogil:
    """A layer is entered: more is known now of the candidates from the first on."""
    cdef Search* search = &basket.search
    cdef Candidate* candidates = &search.appraised[<int64_t>search.level * search.room]
    memcpy(candidates, search.candidates, search.count * sizeof(Candidate))
    search.candidates = candidates
    appraise_from(rules, basket, first)


cdef int32_t pop(const Rules* rules, Basket* basket) noexcept nogil:
    """Takes the last frame back; returns its candidate, -1 for a layer."""
    cdef Search* search = &basket.search
    cdef const Frame* frame
    search.depth -= 1
    frame = &search.frames[search.depth]
    rewind(rules, basket, &frame.mark)
    search.vector = frame.vector
    if frame.candidate >= 0:
        drop(search.chosen, frame.candidate)
    else:
        search.layer = frame.layer
        search.level = frame.level
        search.cap_used = frame.cap_used
        search.claim_used = frame.claim_used
        search.candidates = &search.appraised[<int64_t>search.level * search.room]
        basket.first_of_layer = frame.first_of_layer
        copy_facts(rules, basket, search.facts + search.level * search.facts_size, False)
    return frame.candidate


cdef void copy_facts(const Rules* rules, Basket* basket, char* place, bint save) noexcept nogil:
    """Saves what entering a layer changes of the facts, or brings it back."""
    cdef int32_t index
    cdef int64_t* entered
    cdef int64_t size = basket.row_count * GROUP_SLOTS * sizeof(Number)
    copy(place, <char*>basket.facts.numbers[<int>SEGMENT], size, save)
    place += size
    copy(place, <char*>&basket.facts.numbers[<int>CART][<int>CART_SHIPPING], sizeof(Number), save)
    place += sizeof(Number)
    size = basket.shipment_count * SHIPMENT_NUMBERS * sizeof(Number)
    copy(place, <char*>basket.shipment_numbers, size, save)
    entered = <int64_t*>(place + size)
    for index in range(basket.shipment_count):
        if save:
            entered[index] = basket.shipments[index].entered
        else:
            basket.shipments[index].entered = entered[index]


cdef inline void copy(char* saved, char* facts, int64_t size, bint save) noexcept nogil:
    if save:
        memcpy(saved, facts, size)
    else:
        memcpy(facts, saved, size)


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


cdef bint start(const Rules* rules, Basket* basket, const int32_t* known, int32_t known_count) noexcept nogil:
    """Sets to begin with: what ``all`` would grant, one known, and those that save most by themselves."""
    cdef Search* search = &basket.search
    cdef uint64_t* wanted = search.wanted
    cdef int32_t place, index, word
    cdef bint fits
    if not try_set(rules, basket, NULL):
        return False
    if known_count:
        memset(wanted, 0, search.words * sizeof(uint64_t))
        place = 0
        for index in range(search.count):
            while place < known_count and known[place] < search.candidates[index].promotion:
                place += 1
            if place < known_count and known[place] == search.candidates[index].promotion:
                put(wanted, index)
        if not try_set(rules, basket, wanted):
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
            if search.candidates[index].layer != search.layer:
                if not cross(rules, basket, search.candidates[index].layer):
                    return False
            if push(rules, basket, index) == OUT_OF_ROOM:
                return False
    keep_if_better(search)
    while search.depth:
        pop(rules, basket)
    return True


cdef bint explore(const Rules* rules, Basket* basket, int64_t nodes) noexcept nogil:
    """Looks for the best set, with so many nodes; False when there is too little room.

    When three quarters of them do not suffice to prove it, the rest goes into proving that no set saves much more.
    """
    cdef Search* search = &basket.search
    cdef int64_t spent = 0, gap = 0, other = 0
    if not walk(rules, basket, nodes - nodes // 4, 0, &spent, &gap):
        return False
    if not search.proven:
        if not walk(rules, basket, nodes - spent, search.best_vector.saving // TOLERANCE, &spent, &other):
            return False
        gap = minimum(gap, other)
    search.nodes += spent
    search.gap += gap
    search.optimal = search.optimal and search.proven
    return True


cdef bint walk(
    const Rules* rules, Basket* basket, int64_t limit, int64_t tolerance, int64_t* spent, int64_t* gap
) noexcept nogil:
    """Visits the sets that may save more than the best one by more than the tolerance, or, when that is 0, be better.

    Adds the nodes spent; ``gap`` is what sets not visited may save beyond the best one. False when there is too little
    room. A node that asks about many lines counts as several.
    """
    cdef Search* search = &basket.search
    cdef int64_t more = 0, bound = 0, nodes = 0
    cdef int32_t index = 0
    cdef bint open
    cdef Outcome outcome
    search.looked = 0
    if tolerance == 0:
        search.proven = True
    while True:
        open = promises(basket, search, index, &more)
        if search.audited:
            audit(search)
            search.bound = more + search.best_vector.saving
            open = True
        nodes += open + search.looked // LOOKED
        search.looked %= LOOKED
        if open and (more < tolerance or nodes > limit):
            bound = maximum(bound, more + search.best_vector.saving)
            if tolerance == 0:
                search.proven = False
        elif open:
            outcome = descend(rules, basket, &index)
            if outcome == OUT_OF_ROOM:
                return False
            if outcome == GRANTED:
                continue
        index = -1
        while index < 0 and search.depth:
            index = pop(rules, basket)
        if index < 0:
            break
        index += 1
    spent[0] += minimum(nodes, limit)
    # The best set may have become better since.
    gap[0] = maximum(0, bound - search.best_vector.saving)
    return True


cdef void audit(Search* search) noexcept nogil:
    """Holds the set at hand against the bounds of the nodes above it."""
    cdef const Frame* frame
    for frame in search.frames[:search.depth]:
        search.violations += search.vector.saving > frame.bound


cdef Outcome descend(const Rules* rules, Basket* basket, int32_t* index) noexcept nogil:
    """Grants the next candidate that has an effect, from the index on, or enters its layer.

    Sets the index to the one to go on with; NO_EFFECT when there is none.
    """
    cdef Search* search = &basket.search
    cdef const Candidate* candidate
    cdef Outcome outcome
    while index[0] < search.count:
        candidate = &search.candidates[index[0]]
        if is_in(open_row(search), index[0]) and (search.weights[index[0]] or grants_other(&candidate.most)):
            if candidate.layer != search.layer:
                if not cross(rules, basket, candidate.layer):
                    return OUT_OF_ROOM
                appraise_again(rules, basket, index[0])
                return GRANTED
            outcome = push(rules, basket, index[0])
            if outcome == OUT_OF_ROOM:
                return OUT_OF_ROOM
            if outcome == GRANTED:
                keep_if_better(search)
                index[0] += 1
                return GRANTED
        index[0] += 1
    return NO_EFFECT
