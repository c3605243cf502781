# Everything here is C: see starting.pxd.
"""Sets to begin a search with, and whether a set is better than another."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.basket cimport Basket, Line
from engine._native.bits cimport drop, first_difference, has_common, is_in, put, take_out
from engine._native.candidates cimport (
    MOST_WRITTEN, Frame, Mark, Search, compare, conflicts_of, of_pairs, open_row, spent,
)
from engine._native.journal cimport mark, rewind, write_down
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, NO_EFFECT, OUT_OF_ROOM, Outcome
from engine._native.steps cimport cross, pop, push


cdef enum:
    # Of what goes out, what comes in has to save so much.
    LEAST_PART = 3
    PARTS = 4


cdef bint try_alone(const Rules* rules, Basket* basket) noexcept nogil:
    """Says of each candidate what it saves alone; False when there is too little room."""
    cdef Search* search = &basket.search
    cdef int32_t index
    cdef Outcome outcome
    for index in range(search.count):
        if search.candidates[index].layer != search.layer and not cross(rules, basket, search.candidates[index].layer):
            return False
        outcome = push(rules, basket, index)
        if outcome == OUT_OF_ROOM:
            return False
        search.candidates[index].alone = search.vector.saving
        if outcome == GRANTED:
            pop(basket)
    while search.depth:
        pop(basket)
    return True


cdef bint start_with_all(const Rules* rules, Basket* basket) noexcept nogil:
    """Tries what ``all`` would grant; False when there is too little room."""
    cdef Search* search = &basket.search
    memset(search.attempted, 0, search.words * sizeof(uint64_t))
    memcpy(search.wanted, open_row(search), search.words * sizeof(uint64_t))
    return try_first(rules, basket) != OUT_OF_ROOM


cdef bint start(const Rules* rules, Basket* basket, int64_t limit) noexcept nogil:
    """More sets to begin with: the layered answer, those that save most by themselves, and what becomes of the best of
    all, with so many nodes; False when there is too little room.
    """
    cdef Search* search = &basket.search
    cdef uint64_t* wanted = search.wanted
    cdef int32_t place = 0, count = search.layered_count, index
    if count:
        memset(wanted, 0, search.words * sizeof(uint64_t))
        for index in range(search.count):
            while place < count and search.layered[place] < search.candidates[index].promotion:
                place += 1
            if place < count and search.layered[place] == search.candidates[index].promotion:
                put(wanted, index)
        if try_first(rules, basket) == OUT_OF_ROOM:
            return False
    memset(wanted, 0, search.words * sizeof(uint64_t))
    for index in search.by_saving[:search.count]:
        if not has_common(wanted, conflicts_of(search, index), search.words):
            put(wanted, index)
    if try_first(rules, basket) == OUT_OF_ROOM or not improve(rules, basket, limit):
        return False
    while search.depth:
        pop(basket)
    return True


cdef bint improve(const Rules* rules, Basket* basket, int64_t limit) noexcept nogil:
    """Puts a candidate into the best set, or leaves one out, as long as that makes it better; False as above.

    One that claims units is also put in for all those before it that claim some.
    """
    cdef Search* search = &basket.search
    cdef int32_t move = 0, in_vain = 0
    cdef Outcome outcome
    while in_vain < 2 * search.count and spent(search) < limit:
        # From the last on: what stands before a candidate is granted already.
        move = (move if move else 2 * search.count) - 1
        if not change(search, move % search.count, move >= search.count):
            in_vain += 1
            continue
        outcome = try_set(rules, basket)
        if outcome == OUT_OF_ROOM:
            return False
        in_vain = 0 if outcome == GRANTED else in_vain + 1
        search.visited += 1
    return True


cdef bint change(Search* search, int32_t index, bint clearing) noexcept nogil:
    """Wanted is the best set with the candidate, or without it; those that this makes room for come in.

    ``clearing`` takes those out that may claim units before it. False when there are none, or what comes in saves far
    less alone than what goes out.
    """
    cdef uint64_t* wanted = search.wanted
    cdef uint64_t* removed = search.cliques
    cdef const uint64_t* conflicts = conflicts_of(search, index)
    cdef int32_t word, other
    cdef int64_t balance = 0
    cdef bint any = not clearing, in_it = is_in(search.best, index)
    search.work += of_pairs(search.count)
    memcpy(wanted, search.best, search.words * sizeof(uint64_t))
    if clearing:
        for other in range(index if search.candidates[index].claimed else 0):
            if is_in(wanted, other) and search.candidates[other].claimed:
                drop(wanted, other)
                any = True
        if not any:
            return False
    if in_it and not clearing:
        drop(wanted, index)
    else:
        put(wanted, index)
        take_out(wanted, conflicts, search.words)
    for word in range(search.words):
        removed[word] = search.best[word] & ~wanted[word]
    for other in search.by_saving[:search.count]:
        conflicts = conflicts_of(search, other)
        if has_common(removed, conflicts, search.words) and not has_common(wanted, conflicts, search.words):
            put(wanted, other)
            balance += search.candidates[other].alone
        if is_in(removed, other):
            balance -= search.candidates[other].alone * LEAST_PART // PARTS
    if in_it and not clearing:
        drop(wanted, index)
    else:
        balance += search.candidates[index].alone
    # Without claims a set saves about as much as its members do alone.
    return balance >= 0 or search.candidates[index].claimed > 0


cdef Outcome try_first(const Rules* rules, Basket* basket) noexcept nogil:
    """As `try_set`; at once, when that is how sets are tried."""
    return try_at_once(rules, basket) if basket.search.at_once else try_set(rules, basket)


cdef Outcome try_set(const Rules* rules, Basket* basket) noexcept nogil:
    """Grants, in their order, those wanted as far as they go together; GRANTED when the set is better and kept.

    What was granted before stays granted up to the first candidate in which the two sets differ.
    """
    cdef Search* search = &basket.search
    cdef int32_t index = first_difference(search.wanted, search.attempted, search.words)
    if index < 0:
        return NO_EFFECT
    while search.depth and is_behind(search, &search.frames[search.depth - 1], index):
        pop(basket)
    memcpy(search.attempted, search.wanted, search.words * sizeof(uint64_t))
    if not grant_wanted(rules, basket, index):
        return OUT_OF_ROOM
    return GRANTED if keep_if_better(search) else NO_EFFECT


cdef Outcome try_at_once(const Rules* rules, Basket* basket) noexcept nogil:
    """The same, but lines are written down once, not before each grant: so nothing stays granted."""
    cdef Search* search = &basket.search
    cdef Mark before = mark(basket)
    cdef const Line* line
    cdef bint enough, better
    for line in basket.lines[:basket.line_count]:
        if not write_down(basket, line):
            return OUT_OF_ROOM
    basket.journal.kept = False
    enough = grant_wanted(rules, basket, 0)
    basket.journal.kept = True
    if not enough:
        return OUT_OF_ROOM
    better = keep_if_better(search)
    while search.depth:
        pop(basket)
    rewind(basket, &before)
    return GRANTED if better else NO_EFFECT


cdef bint grant_wanted(const Rules* rules, Basket* basket, int32_t first) noexcept nogil:
    """Grants those wanted from the first on, as far as they go together; False when there is too little room."""
    cdef Search* search = &basket.search
    cdef int32_t index
    for index in range(first, search.count):
        if search.at_once and basket.journal.run_count > MOST_WRITTEN and basket.journal.kept:
            break
        if is_in(search.wanted, index) and is_in(open_row(search), index):
            if search.candidates[index].layer != search.layer:
                if not cross(rules, basket, search.candidates[index].layer):
                    return False
            if push(rules, basket, index) == OUT_OF_ROOM:
                return False
    return True


cdef inline bint is_behind(const Search* search, const Frame* frame, int32_t index) noexcept nogil:
    """Whether a step leads to the candidate or beyond it."""
    return frame.candidate >= index or frame.candidate < 0 and search.layer > search.candidates[index].layer


cdef bint keep_if_better(Search* search) noexcept nogil:
    """Whether the set at hand is better than the best one found so far; then it is that."""
    cdef int64_t difference = compare(&search.vector, &search.best_vector)
    cdef int32_t first
    if difference == 0:
        difference = search.best_vector.promotions - search.vector.promotions
    if difference < 0:
        return False
    if difference == 0:
        first = first_difference(search.chosen, search.best, search.words)
        if first < 0 or not is_in(search.chosen, first):
            return False
    search.best_vector = search.vector
    memcpy(search.best, search.chosen, search.words * sizeof(uint64_t))
    return True
