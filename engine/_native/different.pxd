"""Sets no two units of which have something in common (docs/pricing.md §5, ``different``)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.artifact cimport GoodsReward
from engine._native.basket cimport Basket
from engine._native.program cimport Rules

cdef struct Kinds:
    # Of the pieces within reach, whose units of each kind stand in ``Basket.kinds``; below zero: one is selected.
    int64_t size                  # units of a set
    int64_t to_come               # sets: as many of those wanted as can be formed
    int32_t first                 # piece that may have units left

cdef struct Alike:
    # The set that is selected, and those that follow it with as many units of the same pieces,
    int64_t granted               # when each gives something
    int64_t passed                # when none does

cdef Kinds begin_kinds(
    const Rules* rules, Basket* basket, const GoodsReward* reward, int32_t count, int64_t wanted
) noexcept nogil
cdef int32_t select_different(
    const Rules* rules, Basket* basket, const GoodsReward* reward, int32_t count, int64_t wanted, Kinds* kinds,
    Alike* alike
) noexcept nogil
cdef void leave_out_kinds(
    const Rules* rules, Basket* basket, const GoodsReward* reward, int32_t selected, int64_t sets
) noexcept nogil
