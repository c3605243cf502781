"""Which segments the lines of a cart are in."""

cimport cython
from libc.stdint cimport int32_t, uint64_t

from engine._native.basket cimport Basket, Facts, Text
from engine._native.index cimport Column
from engine._native.memory cimport Arena
from engine._native.program cimport Program, Rules
from engine._native.sent cimport SentAttribute, SentCart, SentLine, Slice


@cython.final
cdef class Matcher:
    cdef Program program
    cdef Basket* basket           # of the loaded cart
    cdef Arena memory
    cdef int32_t* found           # segments of the line at hand; room for all
    cdef int32_t found_count
    cdef int32_t* asked           # of each segment: the number of the line that it was last asked about
    cdef int32_t line             # number of the line at hand, from 1
    cdef bint attributed          # the facts may hold attributes of an earlier line

    cdef void find(self, const SentCart* sent, const SentLine* line) noexcept
    cdef void find_again(
        self, const SentCart* sent, const SentLine* line, const int32_t* before, int32_t count
    ) noexcept
    cdef void begin(self, const SentCart* sent, const SentLine* line) noexcept
    cdef void look_up_texts(self, bint on_amounts) noexcept
    cdef void look_up_beginnings(self, const Column* column, const Text* text) noexcept
    cdef void ask_filed(self, int32_t column, Text text, uint64_t hashed) noexcept
    cdef void look_up_numbers(self) noexcept
    cdef void ask(self, int32_t segment, bint whole) noexcept
    cdef void add(self, int32_t segment) noexcept

cdef const SentAttribute* attribute_of(const SentCart* sent, Slice attributes, Text name) noexcept
cdef void fill_attributes(
    const Rules* rules, Facts* facts, int subject, const SentCart* sent, Slice attributes
) noexcept
