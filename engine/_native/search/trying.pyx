"""Trying a whole set: granting it, and keeping it when it is better than the best one.

Consecutive sets of the local search differ in one candidate or two. What both sets share up to the first difference
stays granted.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.basket cimport Basket, Line
from engine._native.bits cimport contains, first_difference, remove
from engine._native.journal cimport roll_back, save_line, savepoint
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, NO_EFFECT, OUT_OF_ROOM, Outcome
from engine._native.search.candidates cimport MOST_JOURNAL_RUNS, Candidate, Frame, Savepoint, Search, compare, open_row
from engine._native.search.steps cimport pop, push_candidate, push_layer


cdef Outcome try_first(const Rules* rules, Basket* basket) noexcept nogil:
    """Like `try_set`, or at once when that is how sets are tried."""
    return try_at_once(rules, basket) if basket.search.at_once else try_set(rules, basket, 0)


cdef Outcome try_set(const Rules* rules, Basket* basket, int64_t least) noexcept nogil:
    """Grants the wanted candidates in order, as far as they are compatible; GRANTED when the set is better and kept.

    Gives up when the set has no hope of saving the least, an estimate that proves nothing.
    """
    cdef Search* search = &basket.search
    cdef int32_t index = first_difference(search.wanted, search.attempted, search.words)
    if index < 0:
        return NO_EFFECT
    while search.depth and is_behind(search, search.depth, index):
        pop(basket)
    memcpy(search.attempted, search.wanted, search.words * sizeof(uint64_t))
    if not grant_wanted(rules, basket, index, least):
        return OUT_OF_ROOM
    return GRANTED if keep_if_better(search) else NO_EFFECT


cdef Outcome try_at_once(const Rules* rules, Basket* basket) noexcept nogil:
    """The same with a single savepoint: every line is saved once, and nothing stays granted."""
    cdef Search* search = &basket.search
    cdef Savepoint before = savepoint(basket)
    cdef const Line* line
    cdef bint enough, better
    for line in basket.lines[:basket.line_count]:
        if not save_line(basket, line):
            return OUT_OF_ROOM
    basket.journal.kept = False
    enough = grant_wanted(rules, basket, 0, 0)
    basket.journal.kept = True
    if not enough:
        return OUT_OF_ROOM
    better = keep_if_better(search)
    while search.depth:
        pop(basket)
    roll_back(basket, &before)
    return GRANTED if better else NO_EFFECT


cdef bint is_promising(const Search* search) noexcept nogil:
    """Whether the wanted set differs from the one tried last, and may be hoped to save as much as the best set."""
    cdef int32_t depth = search.depth, index = first_difference(search.wanted, search.attempted, search.words)
    if index < 0:
        return False
    while depth and is_behind(search, depth, index):
        depth -= 1
    return saving_at(search, depth) + hope_of(search, index) >= search.best_vector.saving


cdef bint grant_wanted(const Rules* rules, Basket* basket, int32_t first, int64_t least) noexcept nogil:
    """Grants the wanted candidates from the first on that are compatible; False when the journal is too small."""
    cdef Search* search = &basket.search
    cdef int64_t hope = hope_of(search, first) if least else 0
    cdef int32_t layer = search.candidates[first].layer, index, other
    for index in range(first, search.count):
        if not contains(search.wanted, index):
            continue
        if search.vector.saving + hope < least or is_full(basket):
            for other in range(index, search.count):
                remove(search.attempted, other)
            break
        if least:
            hope -= hope_for(search, index, layer)
        if contains(open_row(search), index):
            if search.candidates[index].layer != search.layer:
                if not push_layer(rules, basket, search.candidates[index].layer):
                    return False
            if push_candidate(rules, basket, index) == OUT_OF_ROOM:
                return False
    return True


cdef inline bint is_full(const Basket* basket) noexcept nogil:
    """Whether the journal holds so much that no set grows."""
    return basket.search.at_once and basket.journal.kept and basket.journal.run_count > MOST_JOURNAL_RUNS


cdef int64_t hope_of(const Search* search, int32_t first) noexcept nogil:
    """An estimate of what the wanted candidates save from the first on, where the set departs from the best one."""
    cdef int64_t hope = 0
    cdef int32_t index
    for index in range(first, search.count):
        if contains(search.wanted, index):
            hope += hope_for(search, index, search.candidates[first].layer)
    return hope


cdef inline int64_t hope_for(const Search* search, int32_t index, int32_t layer) noexcept nogil:
    """An estimate of what a candidate saves once the set differs from the best one, from a layer on.

    One of the best set is taken to recover half of what it saves less there than alone when it claims units or is of a
    later layer, or all of that where the move takes one out; else an eighth. This is not a bound: it only decides which
    sets are worth trying.
    """
    cdef const Candidate* candidate = &search.candidates[index]
    cdef int64_t saved = search.saved[index], lost = candidate.alone - saved
    if lost <= 0:
        return saved
    if not contains(search.best, index):
        return candidate.alone
    if not candidate.claimed and candidate.layer == layer:
        return saved + lost // 8
    return saved + (lost if contains(search.best, search.moved) else lost // 2)


cdef void record_saved(Search* search) noexcept nogil:
    """Notes what each candidate saves in the set at hand."""
    cdef const Frame* frame
    cdef int32_t depth
    memset(search.saved, 0, search.count * sizeof(int64_t))
    for depth in range(search.depth):
        frame = &search.frames[depth]
        if frame.candidate >= 0:
            search.saved[frame.candidate] = saving_at(search, depth + 1) - frame.vector.saving


cdef inline int64_t saving_at(const Search* search, int32_t depth) noexcept nogil:
    return search.vector.saving if depth == search.depth else search.frames[depth].vector.saving


cdef inline bint is_behind(const Search* search, int32_t depth, int32_t index) noexcept nogil:
    """Whether the step to a depth grants the candidate or one beyond it."""
    cdef const Frame* frame = &search.frames[depth - 1]
    if frame.candidate >= 0:
        return frame.candidate >= index
    return (search.layer if depth == search.depth else search.frames[depth].layer) > search.candidates[index].layer


cdef bint keep_if_better(Search* search) noexcept nogil:
    """Makes the set at hand the incumbent when it is better than that; says whether it is."""
    cdef int64_t difference = compare(&search.vector, &search.best_vector)
    cdef int32_t first
    if difference == 0:
        difference = search.best_vector.promotions - search.vector.promotions
    if difference < 0:
        return False
    if difference == 0:
        first = first_difference(search.chosen, search.best, search.words)
        if first < 0 or not contains(search.chosen, first):
            return False
    search.best_vector = search.vector
    memcpy(search.best, search.chosen, search.words * sizeof(uint64_t))
    return True
