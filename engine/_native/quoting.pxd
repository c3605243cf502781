"""Drawing up the quote of a cart that was priced, and why promotions do not apply (docs/pricing.md §8)."""

from libc.stdint cimport int32_t

from engine._native.artifact cimport GiftReward, Layer
from engine._native.basket cimport Text
from engine._native.loading cimport LoadedCart
from engine._native.program cimport Rules
from engine._native.sent cimport SentCart

cdef object draw_up(LoadedCart loaded)
cdef Text coupon_of(LoadedCart loaded, int32_t promotion) noexcept
cdef Text kind_of(const Layer* layer) noexcept
cdef Text picked_sku(const SentCart* sent, Text promotion_id, const Rules* rules, const GiftReward* reward) noexcept
cdef object sketch_of(LoadedCart loaded)
cdef object outcome_of(LoadedCart loaded, int32_t index)
