"""Sets of units that all differ in some property (docs/pricing.md §5, ``different``).

Units with the same value are a kind. k sets of n units can be formed when the kinds have k·n units or more, counting at
most k of each. A kind with k units or more is *full*: when one set less is to come, it counts one unit less, whether or
not that set has one. Any other kind counts less by what the set takes of it. So what the kinds count beyond k·n, the
*slack*, falls by the number of full kinds that the set does without: it may not do without more than the slack.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t
from libc.string cimport memset

from engine._native.alike cimport number_of
from engine._native.artifact cimport GoodsReward
from engine._native.basket cimport Basket, Piece
from engine._native.money cimport maximum, minimum
from engine._native.program cimport Rules
from engine._native.search.candidates cimport COST_DIFFERENT
from engine._native.selection cimport select


cdef struct Count:
    int64_t units                 # of all kinds, each counted up to the number of sets to come
    int64_t full                  # kinds with at least as many units as sets to come


cdef void begin_kinds(const Rules* rules, Basket* basket, const GoodsReward* reward, Sets* sets) noexcept nogil:
    """Counts the kinds of the pieces within reach, and how many of the sets wanted they make."""
    cdef int64_t total = 0, high, middle
    cdef int32_t number, part
    cdef const Piece* piece
    for part in range(reward.part_count):
        sets.size += basket.quantities[part]
    memset(basket.kinds, 0, basket.line_count * sizeof(int64_t))
    for piece in basket.pieces[:sets.count]:
        number = number_of(rules, basket, reward.different, piece.line)
        if number >= 0:
            basket.kinds[number] += piece.count
            total += piece.count
    high = minimum(sets.wanted, total // sets.size)
    while sets.to_come < high:
        middle = (sets.to_come + high + 1) // 2
        if counted(basket, middle).units >= sets.size * middle:
            sets.to_come = middle
        else:
            high = middle - 1


cdef int32_t select_different(
    const Rules* rules, Basket* basket, const GoodsReward* reward, Sets* sets
) noexcept nogil:
    """Selects a unit each of a set's size of pieces within reach, in order; returns how many, 0 when there is no set.

    ``to_come`` may turn out to be one too many.
    """
    cdef int64_t slack, others, left_out, passed = INT64_MAX, granted
    cdef int64_t* units = basket.kinds
    cdef Count known = counted(basket, sets.to_come)
    cdef int32_t index, number, selected = 0
    basket.search.work += COST_DIFFERENT * <int64_t>basket.line_count
    if known.units < sets.size * sets.to_come:
        sets.to_come -= 1
        known = counted(basket, sets.to_come)
    if sets.to_come == 0:
        return 0
    slack = known.units - sets.size * sets.to_come
    left_out = known.full
    others = sets.size - maximum(0, known.full - slack)
    while basket.pieces[sets.first].count == 0:
        sets.first += 1
    for index in range(sets.first, sets.count):
        number = number_of(rules, basket, reward.different, basket.pieces[index].line)
        if number < 0 or units[number] <= 0 or basket.pieces[index].count == 0:
            continue
        if units[number] >= sets.to_come:
            left_out -= 1
            # If sets give nothing, as many stay to come, and after so many the kind is no longer full.
            passed = minimum(passed, units[number] - sets.to_come + 1)
        elif others == 0:
            continue
        else:
            others -= 1
        passed = minimum(passed, basket.pieces[index].count)
        units[number] = -units[number]
        select(basket, &selected, index, 1)
        if selected == sets.size:
            break
    granted = minimum(sets.to_come, sets.to_come - largest_below(basket, sets.to_come))
    for index in range(selected):
        granted = minimum(granted, basket.pieces[basket.selected[index].source].count + 1)
    if left_out:
        granted = minimum(granted, slack // left_out)
    others = sets.size - (known.full - left_out)
    if others:
        passed = minimum(passed, 1 + (slack - left_out) // others)
    sets.granted = granted
    sets.passed = passed if sets.to_come == sets.wanted else granted
    return selected


cdef void leave_out_kinds(
    const Rules* rules, Basket* basket, const GoodsReward* reward, int32_t selected, int64_t sets
) noexcept nogil:
    """So many sets of the selected pieces are done."""
    cdef int64_t* units
    cdef const Piece* piece
    for piece in basket.selected[:selected]:
        units = &basket.kinds[number_of(rules, basket, reward.different, piece.line)]
        units[0] = -units[0] - sets


cdef Count counted(const Basket* basket, int64_t sets) noexcept nogil:
    """Counts the kinds, when so many sets are to come."""
    cdef Count count = Count(0, 0)
    cdef int64_t units
    for units in basket.kinds[:basket.line_count]:
        count.units += minimum(units, sets)
        count.full += units >= sets
    return count


cdef int64_t largest_below(const Basket* basket, int64_t sets) noexcept nogil:
    """Units of the largest kind that is neither full nor selected: it becomes full after as many sets as it lacks."""
    cdef int64_t largest = 0, units
    for units in basket.kinds[:basket.line_count]:
        largest = maximum(largest, units if units < sets else 0)
    return largest
