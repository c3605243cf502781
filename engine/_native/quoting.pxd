"""Drawing up the quote of a cart that was priced, and why promotions do not apply (docs/pricing.md §8)."""

from engine._native.loading cimport LoadedCart
from engine._native.program cimport Program

cdef object draw_up(Program program, LoadedCart loaded)
cdef tuple coupon_statuses(Program program, LoadedCart loaded)
cdef object sketch_of(Program program, LoadedCart loaded)
cdef tuple outcomes_of(Program program, LoadedCart loaded)
