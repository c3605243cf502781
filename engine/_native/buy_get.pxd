"""Buy so many units of one segment, get so many of another (docs/pricing.md §5)."""

from engine._native.artifact cimport Promotion
from engine._native.basket cimport Basket
from engine._native.program cimport Rules
from engine._native.rewards cimport Offer, Outcome

cdef Outcome grant_buy_get(
    const Rules* rules, Basket* basket, const Promotion* promotion, Offer* offer
) noexcept nogil
