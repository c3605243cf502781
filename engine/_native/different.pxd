"""Sets no two units of which have something in common (docs/pricing.md §5, ``different``)."""

from libc.stdint cimport int32_t, int64_t

from engine._native.artifact cimport GoodsReward
from engine._native.basket cimport Basket
from engine._native.program cimport Rules

cdef struct Sets:
    # Those of a bundle, one after the other.
    int64_t wanted                # that may give something yet
    int32_t count                 # of the pieces within reach
    int32_t reduced               # of the selected pieces: those not at full price
    # The set that is selected, and those that follow it with as many units of the same pieces:
    int64_t granted               # when each gives something
    int64_t passed                # when none does
    # Where units are different; those of each kind stand in ``Basket.kinds``, below zero when one is selected.
    int64_t size                  # units of a set
    int64_t to_come               # sets: as many of those wanted as can be formed
    int32_t first                 # piece that may have units left

cdef void begin_kinds(const Rules* rules, Basket* basket, const GoodsReward* reward, Sets* sets) noexcept nogil
cdef int32_t select_different(
    const Rules* rules, Basket* basket, const GoodsReward* reward, Sets* sets
) noexcept nogil
cdef void leave_out_kinds(
    const Rules* rules, Basket* basket, const GoodsReward* reward, int32_t selected, int64_t sets
) noexcept nogil
