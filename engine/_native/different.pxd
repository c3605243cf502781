"""Sets of units that all differ in some property (docs/pricing.md §5, ``different``)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.artifact cimport GoodsReward
from engine._native.basket cimport Basket
from engine._native.program cimport Rules

cdef struct Sets:
    # The sets of a bundle, formed one after the other.
    int64_t wanted                # the most that may still give something
    int32_t count                 # of the pieces within reach
    int32_t reduced               # of the selected pieces: those not at full price
    # How many sets the selected one stands for, with those after it of as many units of the same pieces:
    int64_t granted               # if each gives something
    int64_t passed                # if none does
    # For different units; ``Basket.kinds`` has the units left of each kind, below zero when one is selected.
    int64_t size                  # units of a set
    int64_t to_come               # sets that are wanted and can still be formed
    int32_t first                 # the first piece that may have units left

cdef void begin_kinds(const Rules* rules, Basket* basket, const GoodsReward* reward, Sets* sets) noexcept nogil
cdef int32_t select_different(
    const Rules* rules, Basket* basket, const GoodsReward* reward, Sets* sets
) noexcept nogil
cdef void leave_out_kinds(
    const Rules* rules, Basket* basket, const GoodsReward* reward, int32_t selected, int64_t sets
) noexcept nogil
