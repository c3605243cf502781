"""Local search: changes a set by a candidate or two, as long as that makes it better (docs/search.md).

A move toggles a candidate, or brings in a claimer for one or all of its rivals: the claimers of its layer that may
claim the same units. After the move, conflicting candidates leave the set and others that this makes room for come in.
Where no move helps any more, sets are begun anew with candidates that the best set lacks.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.basket cimport Basket
from engine._native.bits cimport add, contains, intersects, remove, subtract
from engine._native.program cimport Rules
from engine._native.rewards cimport GRANTED, NO_EFFECT, OUT_OF_ROOM, Outcome
from engine._native.search.candidates cimport COST_MOVE, MANY, Candidate, Search, conflicts_of, nodes_spent, reach_of
from engine._native.search.trying cimport is_promising, record_saved, try_set


cdef enum:
    # The moves of a candidate:
    TOGGLE = 0                    # it comes in or goes out,
    CLEAR = 1                     # it comes in for all rivals before it,
    PLACES = 3                    # or for one of so many rivals that save least.
    MOVES = 1 + CLEAR + PLACES
    BEGINNINGS = 8                # sets begun anew


cdef bint improve(const Rules* rules, Basket* basket, int64_t limit) noexcept nogil:
    """Improves the best set until nothing does or so many nodes are spent; False when the journal is too small."""
    cdef Search* search = &basket.search
    cdef int32_t index, left = BEGINNINGS if search.count > MANY else 0
    cdef Outcome outcome
    if nodes_spent(search) >= limit:
        return True
    memcpy(search.wanted, search.best, search.words * sizeof(uint64_t))
    if try_set(rules, basket, 0) == OUT_OF_ROOM:
        return False
    record_saved(search)
    outcome = climb(rules, basket, limit)
    for index in search.by_saving[:search.count]:
        if outcome == OUT_OF_ROOM or left == 0 or nodes_spent(search) >= limit:
            break
        if contains(search.best, index):
            continue
        begin_with(search, index)
        if not is_promising(search):
            continue
        left -= 1
        search.visited += 1
        outcome = try_set(rules, basket, search.best_vector.saving)
        if outcome == GRANTED:
            record_saved(search)
            outcome = climb(rules, basket, limit)
    return outcome != OUT_OF_ROOM


cdef void begin_with(Search* search, int32_t index) noexcept nogil:
    """Makes the wanted set: the candidate, and those that save most alone, as far as they are compatible."""
    cdef int32_t other
    search.work += COST_MOVE * search.words * <int64_t>search.count
    search.moved = index
    memset(search.wanted, 0, search.words * sizeof(uint64_t))
    add(search.wanted, index)
    for other in search.by_saving[:search.count]:
        if not intersects(search.wanted, conflicts_of(search, other), search.words):
            add(search.wanted, other)


cdef Outcome climb(const Rules* rules, Basket* basket, int64_t limit) noexcept nogil:
    """Makes moves that improve the best set, whose savings are noted, until none does or so many nodes are spent."""
    cdef Search* search = &basket.search
    cdef int32_t moves = MOVES * search.count, move = 0, failures = 0
    cdef Outcome outcome = NO_EFFECT
    while outcome != OUT_OF_ROOM and failures < moves and nodes_spent(search) < limit:
        # Last candidates first: all before the candidate stays granted.
        move = (move if move else moves) - 1
        failures += 1
        if not make_move(basket, move % search.count, move // search.count) or not is_promising(search):
            continue
        outcome = try_set(rules, basket, search.best_vector.saving)
        search.visited += 1
        if outcome == GRANTED:
            record_saved(search)
            failures = 0
    return outcome


cdef bint make_move(Basket* basket, int32_t index, int32_t move) noexcept nogil:
    """Makes the wanted set: the best set after a move of the candidate; False when the move does not apply to it."""
    cdef Search* search = &basket.search
    cdef uint64_t* wanted = search.wanted
    cdef uint64_t* removed = search.cliques
    cdef const uint64_t* conflicts = conflicts_of(search, index)
    cdef int32_t other
    if move != TOGGLE and not search.candidates[index].claimed:
        return False
    search.work += (COST_MOVE * search.words + (0 if move == TOGGLE else basket.word_count)) * <int64_t>search.count
    search.moved = index
    memcpy(wanted, search.best, search.words * sizeof(uint64_t))
    if move == TOGGLE and contains(wanted, index):
        remove(wanted, index)
    else:
        add(wanted, index)
        subtract(wanted, conflicts, search.words)
        if move == CLEAR and not remove_earlier_rivals(basket, index):
            return False
        if move > CLEAR and (contains(search.best, index) or not remove_weakest_rival(basket, index, move - CLEAR)):
            return False
    memcpy(removed, search.best, search.words * sizeof(uint64_t))
    subtract(removed, wanted, search.words)
    for other in search.by_saving[:search.count]:
        conflicts = conflicts_of(search, other)
        if intersects(removed, conflicts, search.words) and not intersects(wanted, conflicts, search.words):
            add(wanted, other)
    return True


cdef bint remove_earlier_rivals(Basket* basket, int32_t index) noexcept nogil:
    """Removes the wanted rivals that come before the candidate; False when there are none."""
    cdef Search* search = &basket.search
    cdef int32_t other
    cdef bint any = False
    for other in range(index):
        if contains(search.wanted, other) and are_rivals(basket, index, other):
            remove(search.wanted, other)
            any = True
    return any


cdef bint remove_weakest_rival(Basket* basket, int32_t index, int32_t rank) noexcept nogil:
    """Removes the wanted rival that saves least, or the one of that rank; False when there are fewer."""
    cdef Search* search = &basket.search
    cdef uint64_t* others = search.cliques
    cdef int32_t other, least = -1
    memcpy(others, search.wanted, search.words * sizeof(uint64_t))
    while rank:
        rank -= 1
        least = -1
        for other in range(search.count):
            if contains(others, other) and (least < 0 or search.saved[other] < search.saved[least]):
                if are_rivals(basket, index, other):
                    least = other
        if least < 0:
            return False
        remove(others, least)
    remove(search.wanted, least)
    return True


cdef inline bint are_rivals(const Basket* basket, int32_t left, int32_t right) noexcept nogil:
    """Whether two candidates may claim the same units."""
    cdef const Search* search = &basket.search
    cdef const Candidate* one = &search.candidates[left]
    cdef const Candidate* other = &search.candidates[right]
    if left == right or not one.claimed or not other.claimed or one.layer != other.layer:
        return False
    return intersects(
        reach_of(search, left, basket.word_count), reach_of(search, right, basket.word_count), basket.word_count
    )
