# Everything here is C: see starting.pxd.
"""Sets to begin a search with."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.basket cimport Basket
from engine._native.bits cimport has_common, put
from engine._native.candidates cimport Search, conflicts_of, open_row, reach_of
from engine._native.improving cimport improve
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, OUT_OF_ROOM, Outcome
from engine._native.steps cimport cross, pop, push
from engine._native.trying cimport try_first


cdef bint try_alone(const Rules* rules, Basket* basket) noexcept nogil:
    """Says of each candidate what it saves and which lines it reaches alone; False when there is too little room."""
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
        memcpy(reach_of(search, index, basket.word_count), basket.reached, basket.word_count * sizeof(uint64_t))
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
