"""What a search keeps: candidates, the sets they conflict with, and the best set found (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t

cdef struct Vector:
    # What a set of promotions grants, in the order in which it counts (docs/pricing.md §6).
    int64_t saving                # minor units off, and values
    int64_t credit
    int64_t points
    int64_t gifts                 # units
    int64_t effects
    int64_t promotions            # fewer are better

cdef struct Cap:
    # The most that a candidate may take of a column: a line, or behind all lines a shipment.
    int64_t amount
    int32_t column

cdef struct Candidate:
    Vector most                   # upper bounds, whatever else is granted
    int64_t claimed               # the most units it may claim; 0: it claims none
    int32_t promotion
    int32_t layer
    int32_t clique                # of candidates of which at most one applies
    int32_t first_cap
    int32_t cap_count             # -1: none listed
    bint capped                   # its caps allow more than ``most``

cdef struct Mark:
    # A moment to which the basket can be taken back.
    int32_t line_count
    int32_t journal_run_count
    int32_t run_count
    int32_t share_count
    int32_t adjustment_count

cdef struct Frame:
    # A candidate granted, and what stood before.
    Mark mark
    Vector vector
    int32_t candidate

cdef struct Clique:
    # Candidates of which at most one applies, a slice of the order, and the most that it may save.
    int64_t most
    int32_t first
    int32_t end

cdef struct Search:
    # Written by a search; all sized when the cart is loaded.
    Candidate* candidates         # of the search at hand, in the order of granting
    Cap* caps
    Frame* frames
    uint64_t* conflicts           # a row for each candidate: those it does not go together with
    uint64_t* open                # a row for each frame: those that may follow
    uint64_t* chosen              # those granted
    uint64_t* best                # the best set found
    uint64_t* wanted              # scratch
    int32_t* by_saving            # candidates, those that may save most first
    uint64_t* cliques             # scratch: a row for each
    Clique* pending               # scratch
    int64_t* tops                 # scratch, for every candidate
    int32_t* order                # candidates by clique
    int64_t* weights              # of each candidate: the most it may still save
    int64_t* floors               # of each line, all its units
    int64_t* sums                 # scratch for every column, as are the next three
    int64_t* counts
    int64_t* rooms
    int64_t* rows
    int32_t* columns
    int32_t* granted              # promotions of the best set, rising
    int32_t granted_count
    int32_t room                  # of candidates
    int32_t cap_room
    int32_t cap_used
    int32_t words                 # of a row
    int32_t count                 # of candidates
    int32_t depth                 # of frames
    Vector vector                 # of those granted
    Vector best_vector
    # Result.
    int64_t nodes
    int64_t gap
    bint optimal


cdef inline bint is_in(const uint64_t* row, int32_t index) noexcept nogil:
    return row[index >> 6] >> (index & 63) & 1


cdef inline void put(uint64_t* row, int32_t index) noexcept nogil:
    row[index >> 6] |= <uint64_t>1 << (index & 63)


cdef inline void drop(uint64_t* row, int32_t index) noexcept nogil:
    row[index >> 6] &= ~(<uint64_t>1 << (index & 63))
