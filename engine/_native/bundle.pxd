"""Parts together at a percentage, an amount or a price per set (docs/pricing.md §5)."""


from engine._native.artifact cimport GoodsReward
from engine._native.basket cimport Basket
from engine._native.program cimport Rules
from engine._native.rewards cimport Offer, Outcome

cdef Outcome grant_bundle(
    const Rules* rules, Basket* basket, const GoodsReward* reward, Offer* offer
) noexcept nogil
