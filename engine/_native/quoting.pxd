"""Drawing up the quote of a cart that was priced, and why promotions do not apply (docs/pricing.md §8)."""

from libc.stdint cimport int32_t

from engine._native.basket cimport Text
from engine._native.loading cimport LoadedCart
from engine._native.program cimport Program

cdef object draw_up(Program program, LoadedCart loaded)
cdef Text coupon_of(LoadedCart loaded, int32_t promotion)
cdef object sketch_of(Program program, LoadedCart loaded)
cdef object outcome_of(Program program, LoadedCart loaded, int32_t index)
