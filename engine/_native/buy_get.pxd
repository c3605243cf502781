"""Buy so many units of one segment, get so many of another (docs/pricing.md §5)."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.artifact cimport GoodsReward
from engine._native.basket cimport Basket
from engine._native.program cimport Rules
from engine._native.rewards cimport Offer, Outcome

cdef struct Units:
    # How many units there are.
    int64_t buyable
    int64_t gettable
    int64_t either                # in all

cdef Units counted(
    const Basket* basket, int32_t count, const uint64_t* buyable, const uint64_t* gettable
) noexcept nogil
cdef Outcome grant_buy_get(
    const Rules* rules, Basket* basket, const GoodsReward* reward, Offer* offer
) noexcept nogil
