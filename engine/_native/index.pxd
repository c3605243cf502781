"""The index: which segments are worth asking about a line, and which promotions about a cart.

Each segment and promotion is filed under the rarest predicate that it requires, mostly a text, so a cart costs what
touches it, however many promotions there are. Whatever requires no such predicate is always asked. All that is found is
then asked in full: the quote is the same with the index or without.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

from engine._native.basket cimport Text, same
from engine._native.money cimport folded_product

cdef enum:
    ALIEN = 0xD6E8FEB866FFFD93    # has a byte that UTF-8 never has, so no eight bytes of a text equal it

cdef struct Key:
    # A predicate: a text fact equals this text or starts with it, or a list contains it.
    Text text
    int32_t column
    int32_t first                 # in ``entries``: what is filed under it
    int32_t count

cdef enum Match:
    EQUALS, CONTAINS, STARTS

cdef struct Column:
    # A fact, and how it is compared with the texts of keys.
    int32_t number                # ``column`` of its keys
    Match match
    int32_t subject
    int32_t slot
    int32_t first_length          # STARTS: in ``lengths``, those of its keys, rising
    int32_t length_count
    bint on_amounts               # of items: some filter filed under it reads the quantity or the price

cdef struct Filing:
    # Keys in a hash table with open addressing, in front of it a Bloom filter of one bit for each key: most texts that
    # are looked up are no keys. Places are compared by 32 bits of the hash first.
    uint64_t* filter
    uint64_t filter_mask          # words, a power of two, less one
    uint32_t* marks               # of each place: 32 bits of the hash; 0: free
    int32_t* places               # of each place: the index of its key
    Key* keys
    uint64_t mask                 # places, a power of two, less one
    int32_t key_count
    Column* columns
    int32_t column_count
    int32_t* lengths
    int32_t* entries
    int32_t* unfiled              # entries that are always asked
    int32_t unfiled_count

cdef struct Threshold:
    int64_t least                 # below this value of the fact, the entry is not worth asking
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
    # Promotions by the segment or schedule that they need: for number n, entries[first[n]] up to entries[first[n + 1]].
    int32_t* entries
    int32_t* first

cdef struct Index:
    # Entries are twice the segment, plus 1 where the predicate is the whole filter.
    Filing segments
    Thresholds segment_thresholds
    # Entries are promotions.
    Filing promotions
    Thresholds promotion_thresholds
    Groups by_segment             # promotions that need a line of the segment
    Groups by_schedule            # promotions that need the schedule to be open
    int32_t code_column           # in ``promotions``, of coupon codes
    int32_t pool_column           # and of pools of codes
    unsigned char* on_amounts     # of each segment: 1 when its filter reads the quantity or the price of a line


cdef inline uint64_t word_at(const char* start) noexcept nogil:
    cdef uint64_t word
    memcpy(&word, start, 8)
    return word


cdef inline uint64_t short_word(const char* start, int64_t length) noexcept nogil:
    """All bytes of a text of less than eight."""
    cdef uint32_t first, last
    if length >= 4:
        memcpy(&first, start, 4)
        memcpy(&last, start + length - 4, 4)
        return <uint64_t>first << 32 | last
    if length == 0:
        return 0
    return (
        <uint64_t><unsigned char>start[0] << 16 | <uint64_t><unsigned char>start[length // 2] << 8
        | <unsigned char>start[length - 1]
    )


cdef inline uint64_t hash_of(Text text, int32_t column) noexcept nogil:
    """The first eight bytes times the last eight, folded, so that every bit depends on all of them; then the bytes
    between, eight at a time. A factor of 0 would make all inputs alike; the one with ``ALIEN`` is never 0.
    """
    cdef uint64_t hashed = (<uint64_t>column + 1) * <uint64_t>0x9E3779B97F4A7C15 ^ <uint64_t>text.length
    cdef int64_t place = 8
    if text.length < 8:
        return folded_product(short_word(text.start, text.length) ^ ALIEN, hashed)
    hashed = folded_product(word_at(text.start) ^ ALIEN, word_at(text.start + text.length - 8) ^ hashed)
    while place < text.length - 8:
        hashed = folded_product(word_at(text.start + place) ^ ALIEN, hashed)
        place += 8
    return hashed


cdef inline uint32_t mark_of(uint64_t hashed) noexcept nogil:
    return <uint32_t>(hashed >> 32) | 1


cdef inline uint64_t place_of(const Filing* filing, Text text, int32_t column, uint64_t hashed) noexcept nogil:
    """The place of a key in the table, or the free place where it would be."""
    cdef uint64_t place = hashed & filing.mask
    cdef uint32_t mark = mark_of(hashed)
    cdef const Key* key
    while filing.marks[place]:
        if filing.marks[place] == mark:
            key = &filing.keys[filing.places[place]]
            if key.column == column and same(key.text, text):
                return place
        place = (place + 1) & filing.mask
    return place


cdef inline bint may_be_known(const Filing* filing, uint64_t hashed) noexcept nogil:
    """False: nothing is filed under a text with this hash."""
    return filing.filter[hashed >> 32 & filing.filter_mask] >> (hashed & 63) & 1


cdef inline const Key* key_hashed(const Filing* filing, Text text, int32_t column, uint64_t hashed) noexcept nogil:
    """The key of a text with this hash; NULL: nothing is filed under it."""
    cdef uint64_t place = place_of(filing, text, column, hashed)
    return &filing.keys[filing.places[place]] if filing.marks[place] else NULL


cdef inline const Key* key_of(const Filing* filing, Text text, int32_t column) noexcept nogil:
    """NULL: nothing is filed under it."""
    cdef uint64_t hashed = hash_of(text, column)
    return key_hashed(filing, text, column, hashed) if may_be_known(filing, hashed) else NULL
