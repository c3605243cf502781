"""Steps of a search, down and up the tree: a candidate is granted or a layer entered, and either is taken back.

Candidates are appraised as the search begins and again whenever a layer is entered below: then prices, conditions and
numbers of the layer are known, and the bounds of its candidates become much smaller.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.artifact cimport CART, CART_SHIPPING, EFFECT_REWARDS, GROUP_SLOTS, SEGMENT, SHIPMENT_NUMBERS
from engine._native.basket cimport Adjustment, Basket, Number, lines_reached
from engine._native.bits cimport add, contains, remove
from engine._native.entry cimport enter_layer
from engine._native.granting cimport grant
from engine._native.journal cimport roll_back, save_line, savepoint
from engine._native.money cimport maximum, minimum
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, Outcome
from engine._native.search.appraisal cimport appraise
from engine._native.search.candidates cimport (
    COST_CANDIDATE, COST_CAP, COST_CLAIMED_LINE, COST_ENTERED_LINE, COST_ENTRY, COST_GRANT, COST_LINE, COST_SUMMED,
    Candidate, Cap, Frame, Search, Vector, caps_of, conflicts_of, open_row, weights_of,
)
from engine._native.search.cliques cimport clique_bound_of_open
from engine._native.without_money cimport value_of

cdef void appraise_from(const Rules* rules, Basket* basket, int32_t first) noexcept nogil:
    """Appraises each open candidate from the first on, with the basket as it stands."""
    cdef int32_t index
    leave_out_closed(&basket.search, first)
    clear_before(basket)
    for index in range(first, basket.search.count):
        if contains(open_row(&basket.search), index):
            appraise_next(rules, basket, index, first)
            add_before(basket, index)


cdef void leave_out_closed(Search* search, int32_t first) noexcept nogil:
    """Candidates that are not open grant nothing."""
    cdef int32_t index
    for index in range(first, search.count):
        if not contains(open_row(search), index):
            memset(&search.candidates[index].most, 0, sizeof(Vector))
            search.candidates[index].cap_count = 0


cdef void appraise_next(const Rules* rules, Basket* basket, int32_t index, int32_t first) noexcept nogil:
    """Appraises a candidate once those between the first and it are added to what may be taken before."""
    cdef Search* search = &basket.search
    cdef Candidate* candidate = &search.candidates[index]
    if search.points_layer != candidate.layer:
        search.points_before = 0
    if not appraise(rules, basket, index, first, search.points_before):
        memset(&candidate.most, 0, sizeof(Vector))
        candidate.claimed = 0
        candidate.claim_count = -1


cdef void clear_before(Basket* basket) noexcept nogil:
    """No candidate stands before the one to be appraised."""
    basket.search.points_before = 0
    memset(basket.search.taken_earlier, 0, (basket.line_count + basket.shipment_count) * sizeof(int64_t))


cdef void add_before(Basket* basket, int32_t index) noexcept nogil:
    """Adds what a candidate may take and give, as appraised last, to that of the candidates before the next one."""
    cdef Search* search = &basket.search
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const Cap* cap
    cdef int32_t line
    if search.points_layer != candidate.layer:
        search.points_before = 0
        search.points_layer = candidate.layer
    if not candidate.most.saving and not candidate.most.points:
        return
    search.points_before += candidate.most.points
    search.work += COST_CAP * (<int64_t>candidate.cap_count if candidate.cap_count >= 0 else basket.line_count)
    for cap in caps_of(search, candidate)[:maximum(0, candidate.cap_count)]:
        search.taken_earlier[cap.column] += cap.amount
    if candidate.cap_count < 0 and candidate.most.saving:
        # Its caps are not listed: it may take anything.
        for line in range(basket.line_count):
            search.taken_earlier[line] += basket.lines[line].subtotal


cdef Frame* new_frame(Basket* basket) noexcept nogil:
    """Fills in the next frame, with the state as it is."""
    cdef Search* search = &basket.search
    cdef Frame* frame = &search.frames[search.depth]
    frame.savepoint = savepoint(basket)
    frame.vector = search.vector
    frame.bound = frame.bound_without = search.bound
    frame.bound_with = 0
    frame.dominated = False
    frame.audited_saving = search.vector.saving
    search.frames[search.depth + 1].audited_limit = INT64_MAX
    frame.candidates = search.candidates
    frame.layer = search.layer
    frame.level = search.level
    frame.cap_used = search.cap_used
    frame.claim_used = search.claim_used
    frame.first_of_layer = basket.first_of_layer
    return frame


cdef Outcome push_candidate(const Rules* rules, Basket* basket, int32_t index) noexcept nogil:
    """Grants a candidate of the layer at hand; GRANTED when it has an effect and is on the frames."""
    cdef Search* search = &basket.search
    cdef const Candidate* candidate = &search.candidates[index]
    cdef Frame* frame = new_frame(basket)
    cdef uint64_t* open = open_row(search)
    cdef const uint64_t* conflicts = conflicts_of(search, index)
    cdef const Adjustment* adjustment
    cdef int32_t word
    cdef Outcome outcome
    # A reward about no line does not set this.
    memset(basket.reached, 0, basket.word_count * sizeof(uint64_t))
    outcome = grant(rules, basket, &rules.layers[candidate.layer], candidate.promotion)
    # The cost is by line reached: its runs are sorted, split and put in order again.
    search.work += COST_GRANT + lines_reached(basket) * (
        COST_CLAIMED_LINE * part_count_of(rules, candidate) if candidate.claimed else COST_LINE
    )
    if outcome != GRANTED:
        return outcome
    frame.candidate = index
    for word in range(search.words):
        open[search.words + word] = open[word] & ~conflicts[word]
    add(search.chosen, index)
    search.depth += 1
    adjustment = &basket.adjustments[basket.adjustment_count - 1]
    search.vector.saving += adjustment.amount + value_of(rules, basket, adjustment)
    search.vector.credit += adjustment.credit
    search.vector.points += adjustment.points
    search.vector.gifts += adjustment.gifts
    search.vector.effects += rules.promotions[adjustment.promotion].family == EFFECT_REWARDS
    search.vector.promotions += 1
    return GRANTED


cdef inline int64_t part_count_of(const Rules* rules, const Candidate* candidate) noexcept nogil:
    """How many parts the sets of a claimer have."""
    return rules.goods_rewards[rules.promotions[candidate.promotion].reward].part_count


cdef bint push_layer(const Rules* rules, Basket* basket, int32_t layer) noexcept nogil:
    """Enters the layer; False when the journal is too small."""
    cdef Search* search = &basket.search
    cdef Frame* frame = new_frame(basket)
    cdef int32_t index
    search.work += COST_ENTRY + COST_ENTERED_LINE * <int64_t>basket.line_count
    frame.candidate = -1
    for index in range(basket.line_count):
        if basket.lines[index].changed and not save_line(basket, &basket.lines[index]):
            return False
    copy_facts(basket, search.saved_facts + search.level * search.facts_size, True)
    memcpy(open_row(search) + search.words, open_row(search), search.words * sizeof(uint64_t))
    search.depth += 1
    search.level += 1
    search.layer = layer
    basket.first_of_layer = basket.adjustment_count
    enter_layer(rules, basket, &rules.layers[layer])
    return True


cdef void reappraise(const Rules* rules, Basket* basket, int32_t first) noexcept nogil:
    """Appraises the candidates from the first on anew, on a copy for this level, since their layer was entered."""
    cdef Search* search = &basket.search
    cdef Candidate* candidates = &search.appraised[<int64_t>search.level * search.room]
    memcpy(candidates, search.candidates, search.count * sizeof(Candidate))
    search.candidates = candidates
    search.work += COST_CANDIDATE * <int64_t>search.count
    # At the first layer no candidate has been weighed yet.
    if search.keeps_rows and search.level > 1:
        appraise_in_turn(rules, basket, first)
    else:
        appraise_from(rules, basket, first)


cdef void appraise_in_turn(const Rules* rules, Basket* basket, int32_t first) noexcept nogil:
    """Appraises the candidates from the first on one by one, and stops as soon as that rules the node out: when the
    open candidates, each with its smaller bound, cannot save as much together as it takes.

    Candidates not appraised yet keep the weight of the node above. Those go first that lost most of it the last time.
    """
    cdef Search* search = &basket.search
    cdef int64_t* weights = weights_of(search, search.depth)
    cdef int64_t less = 0, weight, excess
    cdef int32_t index, other
    memcpy(weights, weights_of(search, search.depth - 1), search.count * sizeof(int64_t))
    memset(weights, 0, first * sizeof(int64_t))
    leave_out_closed(search, first)
    memcpy(search.wanted, open_row(search), search.words * sizeof(uint64_t))
    excess = excess_of(search, weights)
    while True:
        index = next_to_appraise(search, first)
        if index < 0:
            return
        remove(search.wanted, index)
        search.work += COST_SUMMED * <int64_t>(search.count - first)
        clear_before(basket)
        for other in range(first, index):
            add_before(basket, other)
        appraise_next(rules, basket, index, first)
        weight = minimum(weights[index], search.candidates[index].most.saving)
        search.losses[index] = weights[index] - weight
        less += weights[index] - weight
        weights[index] = weight
        if less > excess:
            excess = excess_of(search, weights)
            less = 0
            search.bound = minimum(search.bound, search.best_vector.saving + excess)
            if excess < 0 and not search.audited:
                return


cdef int32_t next_to_appraise(const Search* search, int32_t first) noexcept nogil:
    """The wanted candidate whose weight fell most when it was last appraised; -1 when there is none."""
    cdef int32_t index, next = -1
    for index in range(first, search.count):
        if contains(search.wanted, index) and (next < 0 or search.losses[index] > search.losses[next]):
            next = index
    return next


cdef inline int64_t excess_of(Search* search, const int64_t* weights) noexcept nogil:
    """The most that sets may save beyond the incumbent, when open candidates save at most so much each."""
    return search.vector.saving + clique_bound_of_open(search, weights, open_row(search)) - search.best_vector.saving


cdef int32_t pop(Basket* basket) noexcept nogil:
    """Takes the last frame back; returns its candidate, -1 for a layer."""
    cdef Search* search = &basket.search
    cdef const Frame* frame
    search.depth -= 1
    frame = &search.frames[search.depth]
    roll_back(basket, &frame.savepoint)
    search.vector = frame.vector
    if frame.candidate >= 0:
        remove(search.chosen, frame.candidate)
    else:
        search.layer = frame.layer
        search.level = frame.level
        search.cap_used = frame.cap_used
        search.claim_used = frame.claim_used
        search.candidates = frame.candidates
        basket.first_of_layer = frame.first_of_layer
        copy_facts(basket, search.saved_facts + search.level * search.facts_size, False)
    return frame.candidate


cdef void copy_facts(Basket* basket, char* place, bint save) noexcept nogil:
    """Saves the facts that entering a layer changes, or restores them."""
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
