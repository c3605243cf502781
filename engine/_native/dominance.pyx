# Everything here is C: see dominance.pxd.
"""What a set saves at most beyond one that has more candidates (docs/search.md).

In an additive layer what is wanted stays, whatever was granted before. So where the same units are claimed one more
candidate takes nothing from the others but what it takes itself, except that amounts are rounded otherwise.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t

from engine._native.artifact cimport (
    CREDIT_REWARDS, EFFECT_REWARDS, GIFT_REWARDS, GOODS_REWARDS, Leftover, Percentages, Promotion,
)
from engine._native.basket cimport Basket
from engine._native.candidates cimport OF_CANDIDATE, OF_CAP, Candidate, Search, columns_of
from engine._native.money cimport maximum
from engine._native.program cimport Rules


cdef int64_t most_lost(const Rules* rules, Basket* basket) noexcept nogil:
    """What any set saves at most beyond itself with more candidates, where the same units are claimed; -1 when that is
    not known: what one wants may hang on what others took.
    """
    cdef Search* search = &basket.search
    cdef const Candidate* candidate
    cdef int64_t lost = 0, most = 0
    cdef int32_t index, clique = -1
    for candidate in search.candidates[:search.count]:
        if not wants_the_same(rules, basket, candidate):
            return -1
    # Of a clique one is granted at most.
    for index in search.order[:search.count]:
        candidate = &search.candidates[index]
        if candidate.clique != clique:
            clique = candidate.clique
            lost += most
            most = 0
        most = maximum(most, lost_of(rules, basket, candidate))
    return lost + most


cdef bint wants_the_same(const Rules* rules, const Basket* basket, const Candidate* candidate) noexcept nogil:
    """Whether it is of the additive layer at hand, with no budget that it must not exceed."""
    cdef const Promotion* promotion = &rules.promotions[candidate.promotion]
    if candidate.layer != basket.search.layer or rules.layers[candidate.layer].percentages != Percentages.ADDITIVE:
        return False
    if promotion.limits >= 0 and basket.budgets[candidate.promotion] != INT64_MAX and (
        not rules.limits[promotion.limits].partial
    ):
        return False
    if promotion.family == GOODS_REWARDS:
        return candidate.cap_count >= 0
    return (
        promotion.family == GIFT_REWARDS or promotion.family == CREDIT_REWARDS or promotion.family == EFFECT_REWARDS
    )


cdef int64_t lost_of(const Rules* rules, Basket* basket, const Candidate* candidate) noexcept nogil:
    """How much less a candidate takes since it is rounded otherwise: a minor unit of each line over which an amount is
    spread, and one of each of its units but the last. Of sets of units that is no more than one for each unit.
    """
    cdef Search* search = &basket.search
    cdef int64_t lost = 0, of_line = 1 if rules.rule_set.leftover == Leftover.LARGEST_REMAINDER else 2
    cdef int32_t column, count = <int32_t>maximum(0, candidate.cap_count)
    search.work += OF_CANDIDATE + OF_CAP * count
    if candidate.claimed:
        return of_line * candidate.claimed
    for column in columns_of(search, candidate)[:count]:
        lost += of_line
        if column < basket.line_count:
            lost += basket.lines[column].quantity - 1
    return lost
