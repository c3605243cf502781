"""How much a set may save beyond one that has more candidates (docs/search.md): dominance, up to rounding.

In an additive layer what a candidate wants stays whatever is granted before. Where two sets claim the same units, the
one with a candidate more therefore leaves no line more room and saves no less, except for rounding. The sum of what
rounding may cost each candidate bounds how much the smaller set can save beyond the larger one.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t

from engine._native.artifact cimport (
    CREDIT_REWARDS, EFFECT_REWARDS, GIFT_REWARDS, GOODS_REWARDS, Leftover, Percentages, Promotion,
)
from engine._native.basket cimport Basket
from engine._native.money cimport maximum
from engine._native.program cimport Rules
from engine._native.search.candidates cimport COST_CANDIDATE, COST_CAP, Candidate, Search, columns_of


cdef int64_t largest_loss(const Rules* rules, Basket* basket) noexcept nogil:
    """The most that any set saves beyond itself with more candidates that leave claims as they are; -1 when there is no
    such bound, as what some candidate wants depends on others.
    """
    cdef Search* search = &basket.search
    cdef const Candidate* candidate
    cdef int64_t lost = 0, most = 0
    cdef int32_t index, clique = -1
    for candidate in search.candidates[:search.count]:
        if not is_unaffected(rules, basket, candidate):
            return -1
    # At most one of each clique is granted.
    for index in search.order[:search.count]:
        candidate = &search.candidates[index]
        if candidate.clique != clique:
            clique = candidate.clique
            lost += most
            most = 0
        most = maximum(most, loss_of(rules, basket, candidate))
    return lost + most


cdef bint is_unaffected(const Rules* rules, const Basket* basket, const Candidate* candidate) noexcept nogil:
    """Whether what it wants is the same whatever else is granted: it is of the additive layer at hand, and no budget
    drops it.
    """
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


cdef int64_t loss_of(const Rules* rules, Basket* basket, const Candidate* candidate) noexcept nogil:
    """The most that rounding costs a candidate: a minor unit for each line over which an amount is spread, and one for
    each of its units but one; for sets of units, one for each unit claimed. Two, not one, by line or claimed unit
    unless left-over minor units go by the largest remainder.
    """
    cdef Search* search = &basket.search
    cdef int64_t lost = 0, of_line = 1 if rules.rule_set.leftover == Leftover.LARGEST_REMAINDER else 2
    cdef int32_t column, count = <int32_t>maximum(0, candidate.cap_count)
    search.work += COST_CANDIDATE + COST_CAP * count
    if candidate.claimed:
        return of_line * candidate.claimed
    for column in columns_of(search, candidate)[:count]:
        lost += of_line
        if column < basket.line_count:
            lost += basket.lines[column].quantity - 1
    return lost
