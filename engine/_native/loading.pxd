"""A cart as a basket."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.basket cimport Basket, Number, Text, TextList
from engine._native.memory cimport Arena
from engine._native.program cimport Program
from engine._native.rewards cimport Outcome


cdef class LoadedCart:
    cdef Basket basket
    cdef Program program
    cdef object cart
    cdef list lines               # of the cart, by id
    cdef list shipments           # of the cart, by id
    cdef list texts               # kept alive for the basket
    cdef bint searches            # whether any layer grants the best set of its promotions
    cdef Arena program_memory     # arrays whose size the program decides
    cdef Arena cart_memory        # arrays whose size the cart decides
    cdef unsigned char* open      # 1 for each schedule that is open in the seconds [open_from, open_until)
    cdef int64_t open_from
    cdef int64_t open_until       # INT64_MAX: forever
    cdef object known             # what a cart says of promotions, where the candidates are good for it; None: for none
    cdef object codes             # SentCodes of the cart
    cdef dict coupons             # by candidate that needs a code: the one it uses, as sent
    cdef dict picks               # by id of a promotion: SKUs of its gifts sent back, by line id

    cdef int fill(self, object cart) except -1
    cdef int set_gifts_aside(self) except -1
    cdef int take_room(self, int64_t room) except -1
    cdef int fill_lines(self) except -1
    cdef int fill_segments(self, int32_t index, object line) except -1
    cdef int fill_item(self, object line) except -1
    cdef int fill_shipments(self) except -1
    cdef int fill_groups(self) except -1
    cdef uint64_t* empty_sets(self, int64_t count) except NULL
    cdef int fill_cart(self) except -1
    cdef int fill_attributes(self, int subject, object attributes) except -1
    cdef int take_search_room(self) except -1
    cdef int fill_candidates(self) except -1
    cdef Outcome obstacle(self, int32_t index, set declined, dict usage) except *
    cdef Outcome coupon_obstacle(self, int32_t index) except *
    cdef Outcome limit_reached(self, int32_t index, object usage) except *
    cdef bint look_at_clock(self, int64_t second) noexcept
    cdef Text text(self, str value) except *
    cdef TextList text_list(self, object values) except *
