"""Sets to begin a search with: the better the first incumbent, the more of the tree is skipped."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.basket cimport Basket
from engine._native.bits cimport add, intersects
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, OUT_OF_ROOM, Outcome
from engine._native.search.candidates cimport Search, conflicts_of, open_row, reach_of
from engine._native.search.improving cimport improve
from engine._native.search.steps cimport pop, push_candidate, push_layer
from engine._native.search.trying cimport try_first


cdef bint try_alone(const Rules* rules, Basket* basket) noexcept nogil:
    """Grants each candidate alone: notes what it saves and which lines it reaches. False when the journal is too small.
    """
    cdef Search* search = &basket.search
    cdef int32_t index
    cdef Outcome outcome
    for index in range(search.count):
        if search.candidates[index].layer != search.layer and not push_layer(
            rules, basket, search.candidates[index].layer
        ):
            return False
        outcome = push_candidate(rules, basket, index)
        if outcome == OUT_OF_ROOM:
            return False
        search.candidates[index].alone = search.vector.saving
        memcpy(reach_of(search, index, basket.word_count), basket.reached, basket.word_count * sizeof(uint64_t))
        if outcome == GRANTED:
            pop(basket)
    while search.depth:
        pop(basket)
    return True


cdef bint try_all(const Rules* rules, Basket* basket) noexcept nogil:
    """Tries the set that ``all`` would grant; False when the journal is too small."""
    cdef Search* search = &basket.search
    memset(search.attempted, 0, search.words * sizeof(uint64_t))
    memcpy(search.wanted, open_row(search), search.words * sizeof(uint64_t))
    return try_first(rules, basket) != OUT_OF_ROOM


cdef bint try_starting_sets(const Rules* rules, Basket* basket, int64_t limit) noexcept nogil:
    """Tries the layered answer and a greedy set by saving alone, then improves the best set by local search, with so
    many nodes. False when the journal is too small.
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
                add(wanted, index)
        if try_first(rules, basket) == OUT_OF_ROOM:
            return False
    memset(wanted, 0, search.words * sizeof(uint64_t))
    for index in search.by_saving[:search.count]:
        if not intersects(wanted, conflicts_of(search, index), search.words):
            add(wanted, index)
    if try_first(rules, basket) == OUT_OF_ROOM or not improve(rules, basket, limit):
        return False
    while search.depth:
        pop(basket)
    return True
