"""Shares of lines in proportion to what entered the layer, where no floor is near (docs/pricing.md §7).

They are what ``spreading.spread`` comes to, found in fewer steps. Shares are rounded up; those that lacked most give
one back until they come to the total. Which these are is read from keys: above what a share lacked, below it its place.
"""

from libc.stdint cimport int32_t, int64_t, uint16_t, uint64_t
from libc.string cimport memset

from engine._native.basket cimport Basket, Line, Share, room_of
from engine._native.bits cimport WORD, lowest_bit
from engine._native.money cimport Divisor, divisor_of, int128, minimum, multiply_overflows, quotient_by
from engine._native.rewards cimport Offer, wanted

cdef enum:
    PLACE_BITS = 13               # of a key: a remainder is less than what goods come to, at most 10^15 < 2^50
    MOST_LINES = 1 << PLACE_BITS
    FEW = 12                      # keys that are compared each with each
    BIN_BITS = 5
    BINS = 1 << BIN_BITS


cdef int32_t share_in_proportion(Basket* basket, Offer* offer, int64_t* granted) noexcept nogil:
    """Puts a share of every line reached behind the shares there are, and returns how many, some perhaps 0; -1 when one
    comes to its floor, or numbers are too large.

    1500 over 7200 / 1875 / 1999 is 976 / 254 / 271, one too much, which the one of 975.26 gives back.
    """
    cdef Share* shares = &basket.shares[basket.share_count]
    cdef uint16_t[BINS] sizes
    cdef Divisor divisor
    cdef int64_t weight = 0, total, most, over
    cdef int32_t count
    if basket.line_count > MOST_LINES:
        return -1
    count = list_lines(basket, shares, &weight)
    total = minimum(wanted(offer, weight), offer.cap)
    # No dividend is above that of the total and the whole weight, and a weight more.
    if weight == 0 or multiply_overflows(total + 1, weight, &most):
        return -1
    divisor = divisor_of(weight)
    memset(sizes, 0, sizeof(sizes))
    over = round_up(basket, shares, count, total, &divisor, sizes) - total
    if over < 0:
        return -1
    if over:
        give_back(shares, count, over, &divisor, basket.keys, sizes)
    offer.wanted = <int128>total
    granted[0] = total
    return count


cdef inline int32_t list_lines(const Basket* basket, Share* shares, int64_t* weight) noexcept nogil:
    """Makes a share of every line reached, adds what it weighs, and returns how many there are."""
    cdef const Line* lines
    cdef Share* share = shares
    cdef int32_t word
    cdef int64_t bit
    cdef uint64_t bits
    for word in range(basket.word_count):
        lines = &basket.lines[WORD * word]
        bits = basket.reached[word]
        while bits:
            bit = lowest_bit(bits)
            bits &= bits - 1
            weight[0] += lines[bit].entered
            share.target = <int32_t>(WORD * word + bit)
            share += 1
    return <int32_t>(share - shares)


cdef inline int64_t round_up(
    const Basket* basket, Share* shares, int64_t count, int64_t total, const Divisor* weight, uint16_t* sizes
) noexcept nogil:
    """Rounds the shares up, makes keys of what they lacked, and counts those of each bin. Returns the sum; -1 when one
    has no room.
    """
    cdef const Line* lines = basket.lines
    cdef const Line* line
    cdef int64_t* keys = basket.keys
    cdef int64_t exact, share, key, index, sum = 0, room = 0
    for index in range(count):
        line = &lines[shares[index].target]
        # Times the weight.
        exact = total * line.entered
        share = quotient_by(exact + (weight.value - 1), weight)
        # Below 0 as soon as one lacks room.
        room |= room_of(line) - share
        sum += share
        shares[index].amount = share
        key = (share * weight.value - exact) << PLACE_BITS | index
        keys[index] = key
        sizes[bin_of(key, weight)] += 1
    return sum if room >= 0 else -1


cdef inline int64_t bin_of(int64_t key, const Divisor* weight) noexcept nogil:
    """Its upper bits."""
    return key >> (PLACE_BITS - BIN_BITS) >> weight.shift


cdef void give_back(
    Share* shares, int64_t count, int64_t over, const Divisor* weight, int64_t* keys, const uint16_t* sizes
) noexcept nogil:
    """Takes one off the shares of the largest keys, fewer than there are that lacked something.

    Only those keys are compared between which it is decided: all above the bin in which it runs out give theirs.
    Nothing branches on a key: that would be foreseen wrongly half of the time.
    """
    cdef int64_t bin = bin_of((weight.value - 1) << PLACE_BITS, weight), index, key, kept = 0
    cdef uint64_t least, width = <uint64_t>1 << (PLACE_BITS - BIN_BITS) << weight.shift
    while sizes[bin] < over:
        over -= sizes[bin]
        bin -= 1
    least = bin * width
    for index in range(count):
        key = keys[index]
        shares[index].amount -= <uint64_t>key >= least + width
        keys[kept] = key
        kept += <uint64_t>key - least < width
    if kept <= FEW:
        give_few_back(shares, keys, kept, over)
        return
    sort(keys, kept)
    for index in range(over):
        share_of(shares, keys[index]).amount -= 1


cdef inline void give_few_back(Share* shares, const int64_t* keys, int64_t count, int64_t over) noexcept nogil:
    """Takes one off where fewer keys are larger than are over."""
    cdef int64_t index, other, larger
    for index in range(count):
        larger = 0
        for other in range(count):
            larger += keys[other] > keys[index]
        share_of(shares, keys[index]).amount -= larger < over


cdef inline Share* share_of(Share* shares, int64_t key) noexcept nogil:
    return &shares[key & (MOST_LINES - 1)]


cdef inline void sort(int64_t* keys, int64_t count) noexcept nogil:
    """Largest first (Shell sort)."""
    cdef int64_t gap = 1, place, hole, key
    while gap < count // 3:
        gap = gap * 3 + 1
    while gap:
        for place in range(gap, count):
            key = keys[place]
            hole = place
            while hole >= gap and key > keys[hole - gap]:
                keys[hole] = keys[hole - gap]
                hole -= gap
            keys[hole] = key
        gap //= 3
