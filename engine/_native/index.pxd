"""What a line or a cart must have before a segment or a promotion is worth asking: found by a look at its texts.

Each is filed under the rarest predicate that it requires, so a cart is asked about what concerns it, however many
promotions there are. What requires no such predicate is asked always. Whatever is found is asked in full: with the
index or without it, the quote is the same.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy

from engine._native.basket cimport Text, same

cdef struct Key:
    # That a text fact equals this text or starts with it, or that a list has it.
    Text text                     # starts nowhere: the place in the table is free
    int32_t column
    int32_t first                 # what is filed under it, in ``entries``
    int32_t count

cdef enum Ask:
    EQUALS, CONTAINS, STARTS

cdef struct Column:
    # A fact that some key is about.
    Ask ask
    int32_t subject
    int32_t slot
    int32_t first_length          # STARTS: of the texts that it may start with, rising
    int32_t length_count

cdef struct Filing:
    Key* keys                     # open addressing
    uint64_t mask                 # places, a power of two, less one
    Column* columns               # by number
    int32_t column_count
    int32_t* lengths
    int32_t* entries
    int32_t* unfiled              # what is asked always
    int32_t unfiled_count

cdef struct Threshold:
    int64_t least                 # of the fact, below which what is filed is not worth asking
    int32_t entry

cdef struct ThresholdColumn:
    # Thresholds of one fact in one currency, rising.
    const Threshold* first
    int32_t count
    int32_t subject
    int32_t slot

cdef struct Thresholds:
    ThresholdColumn* columns      # rows of column_count, one for each currency
    int32_t column_count

cdef struct Groups:
    # Promotions by what they need: those that need number n are entries[first[n]] up to entries[first[n + 1]].
    int32_t* entries
    int32_t* first

cdef struct Index:
    # Entries are twice the segment, one more where what it is filed under is its whole filter.
    Filing segments
    Thresholds segment_thresholds
    # Entries are promotions.
    Filing promotions
    Thresholds promotion_thresholds
    Groups by_segment             # that need a line of it
    Groups by_schedule            # that need it to be open
    int32_t code_column           # of ``promotions``: that need a coupon code


cdef inline uint64_t hash_of(Text text, int32_t column) noexcept nogil:
    """Eight bytes at a time, multiplied and folded."""
    cdef uint64_t hashed = (<uint64_t>column + 1) * <uint64_t>0x9E3779B97F4A7C15 ^ <uint64_t>text.length
    cdef uint64_t word
    cdef int64_t place = 0
    while place + 8 <= text.length:
        memcpy(&word, text.start + place, 8)
        hashed = (hashed ^ word) * <uint64_t>0xD6E8FEB86659FD93
        hashed ^= hashed >> 32
        place += 8
    if place < text.length:
        word = 0
        memcpy(&word, text.start + place, text.length - place)
        hashed = (hashed ^ word) * <uint64_t>0xD6E8FEB86659FD93
        hashed ^= hashed >> 32
    hashed *= <uint64_t>0xD6E8FEB86659FD93
    return hashed ^ hashed >> 29


cdef inline Key* place_of(const Filing* filing, Text text, int32_t column) noexcept nogil:
    """Where a key stands, or would."""
    cdef uint64_t place = hash_of(text, column) & filing.mask
    cdef Key* key = &filing.keys[place]
    while key.text.start != NULL and not (key.column == column and same(key.text, text)):
        place = (place + 1) & filing.mask
        key = &filing.keys[place]
    return key
