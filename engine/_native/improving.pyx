# Everything here is C: see improving.pxd.
"""Local search: a set is changed by a candidate or two as long as that makes it better (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy

from engine._native.basket cimport Basket
from engine._native.bits cimport drop, has_common, is_in, put, take_out
from engine._native.candidates cimport OF_MOVE, Candidate, Search, conflicts_of, reach_of, spent
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, OUT_OF_ROOM, Outcome
from engine._native.trying cimport is_promising, tell_saved, try_set


cdef enum:
    # A candidate
    TOGGLE = 0                    # comes in or goes out,
    CLEAR = 1                     # or is in without its rivals before it,
    PLACES = 3                    # or comes in for one of so many that save least.
    MOVES = 1 + CLEAR + PLACES


cdef bint improve(const Rules* rules, Basket* basket, int64_t limit) noexcept nogil:
    """Changes the best set by a candidate or two as long as that makes it better, with so many nodes.

    False when there is too little room.
    """
    cdef Search* search = &basket.search
    cdef int32_t moves = MOVES * search.count, move = 0, in_vain = 0
    cdef Outcome outcome
    if spent(search) >= limit:
        return True
    memcpy(search.wanted, search.best, search.words * sizeof(uint64_t))
    outcome = try_set(rules, basket, 0)
    tell_saved(search)
    while outcome != OUT_OF_ROOM and in_vain < moves and spent(search) < limit:
        # From the last on: what stands before a candidate is granted already.
        move = (move if move else moves) - 1
        in_vain += 1
        if not change(basket, move % search.count, move // search.count) or not is_promising(search):
            continue
        outcome = try_set(rules, basket, search.best_vector.saving)
        search.visited += 1
        if outcome == GRANTED:
            tell_saved(search)
            in_vain = 0
    return outcome != OUT_OF_ROOM


cdef bint change(Basket* basket, int32_t index, int32_t move) noexcept nogil:
    """Wanted is the best set with the candidate, or without it, and with those that this makes room for; False when
    the move does not fit the candidate.

    One that claims units also comes in for all rivals before it, or for one of those that save least.
    """
    cdef Search* search = &basket.search
    cdef uint64_t* wanted = search.wanted
    cdef uint64_t* removed = search.cliques
    cdef const uint64_t* conflicts = conflicts_of(search, index)
    cdef int32_t other
    if move != TOGGLE and not search.candidates[index].claimed:
        return False
    search.work += (OF_MOVE * search.words + (0 if move == TOGGLE else basket.word_count)) * <int64_t>search.count
    memcpy(wanted, search.best, search.words * sizeof(uint64_t))
    if move == TOGGLE and is_in(wanted, index):
        drop(wanted, index)
    else:
        put(wanted, index)
        take_out(wanted, conflicts, search.words)
        if move == CLEAR and not drop_before(basket, index):
            return False
        if move > CLEAR and (is_in(search.best, index) or not drop_least(basket, index, move - CLEAR)):
            return False
    memcpy(removed, search.best, search.words * sizeof(uint64_t))
    take_out(removed, wanted, search.words)
    for other in search.by_saving[:search.count]:
        conflicts = conflicts_of(search, other)
        if has_common(removed, conflicts, search.words) and not has_common(wanted, conflicts, search.words):
            put(wanted, other)
    return True


cdef bint drop_before(Basket* basket, int32_t index) noexcept nogil:
    """Of those wanted leaves all rivals out that come before the candidate; False when there are none."""
    cdef Search* search = &basket.search
    cdef int32_t other
    cdef bint any = False
    for other in range(index):
        if is_in(search.wanted, other) and are_rivals(basket, index, other):
            drop(search.wanted, other)
            any = True
    return any


cdef bint drop_least(Basket* basket, int32_t index, int32_t rank) noexcept nogil:
    """Of those wanted leaves the rival out that saves least, or is of that rank; False when there are fewer."""
    cdef Search* search = &basket.search
    cdef uint64_t* others = search.cliques
    cdef int32_t other, least = -1
    memcpy(others, search.wanted, search.words * sizeof(uint64_t))
    while rank:
        rank -= 1
        least = -1
        for other in range(search.count):
            if is_in(others, other) and (least < 0 or search.saved[other] < search.saved[least]):
                if are_rivals(basket, index, other):
                    least = other
        if least < 0:
            return False
        drop(others, least)
    drop(search.wanted, least)
    return True


cdef inline bint are_rivals(const Basket* basket, int32_t left, int32_t right) noexcept nogil:
    """Whether two candidates may claim the same units."""
    cdef const Search* search = &basket.search
    cdef const Candidate* one = &search.candidates[left]
    cdef const Candidate* other = &search.candidates[right]
    if left == right or not one.claimed or not other.claimed or one.layer != other.layer:
        return False
    return has_common(
        reach_of(search, left, basket.word_count), reach_of(search, right, basket.word_count), basket.word_count
    )
