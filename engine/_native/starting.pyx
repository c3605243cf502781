# Everything here is C: see starting.pxd.
"""Sets to begin a search with, and whether a set is better than another."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.basket cimport Basket, lowest_bit
from engine._native.candidates cimport LOOKED, Frame, Search, Vector, conflicts_of, drop, has_common, is_in, put
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, NO_EFFECT, OUT_OF_ROOM, Outcome
from engine._native.steps cimport cross, open_row, pop, push


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
            pop(rules, basket)
    while search.depth:
        pop(rules, basket)
    return True


cdef bint start(
    const Rules* rules, Basket* basket, const int32_t* known, int32_t known_count, int64_t limit, int64_t* tried
) noexcept nogil:
    """Sets to begin with: what ``all`` would grant, one known, those that save most by themselves, and what becomes of
    the best of them, with so many sets tried; False when there is too little room.
    """
    cdef Search* search = &basket.search
    cdef uint64_t* wanted = search.wanted
    cdef int32_t place = 0, index
    memset(search.attempted, 0, search.words * sizeof(uint64_t))
    memcpy(wanted, open_row(search), search.words * sizeof(uint64_t))
    if try_set(rules, basket) == OUT_OF_ROOM:
        return False
    if known_count:
        memset(wanted, 0, search.words * sizeof(uint64_t))
        for index in range(search.count):
            while place < known_count and known[place] < search.candidates[index].promotion:
                place += 1
            if place < known_count and known[place] == search.candidates[index].promotion:
                put(wanted, index)
        if try_set(rules, basket) == OUT_OF_ROOM:
            return False
    memset(wanted, 0, search.words * sizeof(uint64_t))
    for index in search.by_saving[:search.count]:
        if not has_common(wanted, conflicts_of(search, index), search.words):
            put(wanted, index)
    if try_set(rules, basket) == OUT_OF_ROOM or not improve(rules, basket, limit, tried):
        return False
    while search.depth:
        pop(rules, basket)
    return True


cdef bint improve(const Rules* rules, Basket* basket, int64_t limit, int64_t* tried) noexcept nogil:
    """Puts a candidate into the best set, or leaves one out, as long as that makes it better; False as above."""
    cdef Search* search = &basket.search
    cdef int32_t index = 0, in_vain = 0
    cdef Outcome outcome
    while in_vain < search.count and tried[0] < limit:
        # From the last on: what stands before a candidate is granted already.
        index = (index if index else search.count) - 1
        change(search, index)
        outcome = try_set(rules, basket)
        if outcome == OUT_OF_ROOM:
            return False
        in_vain = 0 if outcome == GRANTED else in_vain + 1
        tried[0] += 1 + search.looked // LOOKED
        search.looked %= LOOKED
    return True


cdef void change(Search* search, int32_t index) noexcept nogil:
    """Wanted is the best set with the candidate, or without it; those that this makes room for come in."""
    cdef uint64_t* wanted = search.wanted
    cdef uint64_t* removed = search.cliques
    cdef const uint64_t* conflicts = conflicts_of(search, index)
    cdef int32_t word, other
    memcpy(wanted, search.best, search.words * sizeof(uint64_t))
    if is_in(wanted, index):
        drop(wanted, index)
    else:
        put(wanted, index)
        for word in range(search.words):
            wanted[word] &= ~conflicts[word]
    for word in range(search.words):
        removed[word] = search.best[word] & ~wanted[word]
    for other in search.by_saving[:search.count]:
        conflicts = conflicts_of(search, other)
        if has_common(removed, conflicts, search.words) and not has_common(wanted, conflicts, search.words):
            put(wanted, other)
    if is_in(search.best, index):
        drop(wanted, index)


cdef Outcome try_set(const Rules* rules, Basket* basket) noexcept nogil:
    """Grants, in their order, those wanted as far as they go together; GRANTED when the set is better and kept.

    What was granted before stays granted up to the first candidate in which the two sets differ.
    """
    cdef Search* search = &basket.search
    cdef int32_t index = first_difference(search.wanted, search.attempted, search.words)
    if index < 0:
        return NO_EFFECT
    while search.depth and is_behind(search, &search.frames[search.depth - 1], index):
        pop(rules, basket)
    memcpy(search.attempted, search.wanted, search.words * sizeof(uint64_t))
    for index in range(index, search.count):
        if is_in(search.wanted, index) and is_in(open_row(search), index):
            if search.candidates[index].layer != search.layer:
                if not cross(rules, basket, search.candidates[index].layer):
                    return OUT_OF_ROOM
            if push(rules, basket, index) == OUT_OF_ROOM:
                return OUT_OF_ROOM
    return GRANTED if keep_if_better(search) else NO_EFFECT


cdef inline bint is_behind(const Search* search, const Frame* frame, int32_t index) noexcept nogil:
    """Whether a step leads to the candidate or beyond it."""
    return frame.candidate >= index or frame.candidate < 0 and search.layer > search.candidates[index].layer


cdef int32_t first_difference(const uint64_t* left, const uint64_t* right, int32_t words) noexcept nogil:
    """-1 when there is none."""
    cdef int32_t word
    for word in range(words):
        if left[word] != right[word]:
            return word * 64 + lowest_bit(left[word] ^ right[word])
    return -1


cdef bint keep_if_better(Search* search) noexcept nogil:
    """Whether the set at hand is better than the best one found so far; then it is that."""
    cdef int64_t difference = compare(&search.vector, &search.best_vector)
    cdef int32_t first
    if difference < 0:
        return False
    if difference == 0:
        first = first_difference(search.chosen, search.best, search.words)
        if first < 0 or not is_in(search.chosen, first):
            return False
    search.best_vector = search.vector
    memcpy(search.best, search.chosen, search.words * sizeof(uint64_t))
    return True


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
