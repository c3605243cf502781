"""A cart as a basket."""

cimport cython
from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Basket, TextList
from engine._native.eligibility cimport Eligibility
from engine._native.matching cimport Matcher
from engine._native.memory cimport Arena
from engine._native.program cimport Program
from engine._native.sent cimport SentCart
from engine._native.store cimport SentStore
from engine._native.wire.heads cimport Head, ShareHead

cdef struct Written:
    # The place of something in a serialized quote.
    int64_t back                  # bytes from its start to the end of the quote
    int64_t size                  # bytes


@cython.final
cdef class LoadedCart:
    cdef Basket basket
    cdef SentStore store          # of the cart laid out; None: there is none
    cdef SentCart* sent           # of the store
    cdef Program program
    cdef Matcher matcher
    cdef Eligibility eligibility
    cdef int32_t* places          # of each line of the basket: its index among the sent lines
    cdef Head* heads              # of each line of the basket
    cdef ShareHead* share_heads   # of each line of the basket
    cdef Written* lines_written   # in the last quote
    cdef Written* adjustments_written
    cdef Written* adjustments_written_before  # in the quote before
    cdef int64_t quoted           # ``Kept.times`` of the last quote
    cdef int32_t line_room        # for lines of the basket
    cdef int32_t* last_seen       # of each SKU: the number of the last group that had it
    cdef int32_t group            # the last group number given
    cdef bint all_promotions      # all were asked, not only those that the index finds
    cdef int32_t updates          # since the cart was laid out; each took memory
    cdef bint searches            # whether any layer grants the best set of its promotions
    cdef Arena program_memory     # arrays whose size the program decides
    cdef Arena cart_memory        # arrays whose size the cart decides

    cdef int lay_out(self, SentStore store, bint all_promotions) except -1
    cdef int take_room(self, int64_t room) except -1
    cdef int fill_shipments(self) except -1
    cdef int fill_lines(self, SentStore store) except -1
    cdef int fill_line(self, int32_t index, SentStore store) except -1
    cdef void weigh_line(self, int32_t index) noexcept
    cdef int fill_rows(self) except -1
    cdef int fill_groups(self) except -1
    cdef void fill_row(self, int32_t row) noexcept
    cdef void update_segment(self, int32_t segment) noexcept
    cdef void fill_shipment_groups(self) noexcept
    cdef int32_t next_group(self) noexcept
    cdef int fill_cart(self) except -1
    cdef TextList of_shipments(self, bint countries) except *

cdef int64_t weight_of_lines(const Basket* basket) noexcept
