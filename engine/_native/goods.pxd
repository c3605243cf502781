"""Goods rewards (docs/pricing.md §5)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.artifact cimport GoodsReward, Layer
from engine._native.basket cimport Ask, Basket
from engine._native.program cimport Rules
from engine._native.rewards cimport Offer, Outcome

cdef Outcome grant_goods(
    const Rules* rules, Basket* basket, const Layer* layer, int32_t index, int64_t most
) noexcept nogil
cdef Outcome grant_asked(const Rules* rules, Basket* basket, const Layer* layer, const Ask* ask) noexcept nogil
cdef Outcome grant_goods_again(const Rules* rules, Basket* basket, const Layer* layer, const Ask* ask) noexcept nogil
cdef bint takes_line_by_line(const Rules* rules, const Layer* layer, const GoodsReward* reward) noexcept nogil
cdef bint read_goods(
    const Rules* rules, Basket* basket, const Layer* layer, const GoodsReward* reward, Offer* offer
) noexcept nogil
