"""Groups of lines that are alike in some property, within which rewards choose units (docs/pricing.md §5, ``same``)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.artifact cimport GoodsReward, Same
from engine._native.basket cimport Basket
from engine._native.bits cimport WORD
from engine._native.memory cimport Arena
from engine._native.program cimport Rules
from engine._native.sent cimport SentCart

cdef int number_skus(Arena memory, const SentCart* sent, const int32_t* places, Basket* basket) except -1
cdef int number_alike(
    Arena memory, const Rules* rules, const SentCart* sent, const int32_t* places, Basket* basket
) except -1
cdef void begin_alike(const Rules* rules, Basket* basket, const GoodsReward* reward) noexcept nogil
cdef bint next_alike(const Rules* rules, Basket* basket, const GoodsReward* reward, int32_t* place) noexcept nogil
cdef int32_t select_of_alike(
    const Rules* rules, Basket* basket, const GoodsReward* reward, int64_t quantity
) noexcept nogil


cdef inline bint are_of_alike(const GoodsReward* reward) noexcept nogil:
    """Whether units are chosen within groups of several alike lines."""
    return reward.same != Same.SAME_NOTHING and reward.same != Same.SAME_LINE


cdef inline int32_t* column(const Rules* rules, const Basket* basket, int32_t of) noexcept nogil:
    return &basket.alike[<int64_t>rules.alike[of] * basket.word_count * WORD]


cdef inline int32_t number_of(const Rules* rules, const Basket* basket, int32_t of, int32_t index) noexcept nogil:
    """The number of a line's group; -1 where the fact is absent."""
    if of == Same.SAME_SKU:
        return basket.lines[index].sku
    return index if of == Same.SAME_LINE else column(rules, basket, of)[index]
