"""Sets of small whole numbers as bitsets, 64 to a word: lines, candidates, promotions."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.money cimport leading_zeros

cdef extern from *:
    int lowest_bit "__builtin_ctzll" (unsigned long long bits) noexcept nogil
    int ones "__builtin_popcountll" (unsigned long long bits) noexcept nogil

cdef enum:
    WORD = 64                     # bits


cdef inline int highest_bit(uint64_t bits) noexcept nogil:
    return 63 - leading_zeros(bits)


cdef inline int64_t words_for(int64_t count) noexcept nogil:
    """How many words a set of numbers below the count takes."""
    return (count + WORD - 1) // WORD


cdef inline bint contains(const uint64_t* members, int32_t index) noexcept nogil:
    return members[index >> 6] >> (index & 63) & 1


cdef inline void add(uint64_t* members, int32_t index) noexcept nogil:
    members[index >> 6] |= <uint64_t>1 << (index & 63)


cdef inline void add_all(uint64_t* members, int32_t count) noexcept nogil:
    """Adds all numbers below the count."""
    cdef int32_t index
    for index in range(count):
        add(members, index)


cdef inline void remove(uint64_t* members, int32_t index) noexcept nogil:
    members[index >> 6] &= ~(<uint64_t>1 << (index & 63))


cdef inline void subtract(uint64_t* members, const uint64_t* others, int32_t words) noexcept nogil:
    """Removes all others."""
    cdef int32_t word
    for word in range(words):
        members[word] &= ~others[word]


cdef inline uint64_t below(int32_t index) noexcept nogil:
    """Mask of the smaller numbers in the word of an index."""
    return (<uint64_t>1 << (index & 63)) - 1


cdef inline uint64_t above(int32_t index) noexcept nogil:
    """Mask of the larger numbers in the word of an index."""
    return <uint64_t>-2 << (index & 63)


cdef inline bint is_empty(const uint64_t* members, int32_t words) noexcept nogil:
    cdef int32_t word
    for word in range(words):
        if members[word]:
            return False
    return True


cdef inline bint intersects(const uint64_t* left, const uint64_t* right, int32_t words) noexcept nogil:
    cdef int32_t word
    for word in range(words):
        if left[word] & right[word]:
            return True
    return False


cdef inline int32_t first_difference(const uint64_t* left, const uint64_t* right, int32_t words) noexcept nogil:
    """The least number that is in only one of both sets; -1: they are equal."""
    cdef int32_t word
    for word in range(words):
        if left[word] != right[word]:
            return word * WORD + lowest_bit(left[word] ^ right[word])
    return -1


cdef struct Walk:
    # A walk through a set, in rising order.
    const uint64_t* words
    int32_t word_count
    int32_t word                  # at hand
    uint64_t left                 # bits of it still to come


cdef inline Walk walk_through(const uint64_t* members, int32_t word_count) noexcept nogil:
    return Walk(members, word_count, -1, 0)


cdef inline Walk walk_above(const uint64_t* members, int32_t word_count, int32_t index) noexcept nogil:
    """Through the numbers above the index."""
    return Walk(members, word_count, index >> 6, members[index >> 6] & above(index))


cdef inline bint next_member(Walk* walk, int32_t* index) noexcept nogil:
    """Whether there is one more; its number."""
    while walk.left == 0:
        walk.word += 1
        if walk.word >= walk.word_count:
            return False
        walk.left = walk.words[walk.word]
    index[0] = walk.word * 64 + lowest_bit(walk.left)
    walk.left &= walk.left - 1
    return True
