# Everything here is C: see proportion.pxd.
"""Shares of lines in proportion to what entered the layer, where no floor is near (docs/pricing.md §7).

They are what ``spreading.spread`` comes to, found in fewer steps. Who gets one of the minor units left over is read
from keys: above the remainder of a line, below it the place of its share, counted from behind.
"""

from libc.stdint cimport int32_t, int64_t, uint16_t, uint64_t
from libc.string cimport memset

from engine._native.basket cimport Basket, Line, Share, lowest_bit
from engine._native.money cimport Divisor, divisor_of, int128, maximum, minimum, multiply_overflows, upper_half
from engine._native.rewards cimport Offer, wanted

cdef extern from *:
    int leading_zeros "__builtin_clzll" (unsigned long long bits) noexcept nogil

cdef enum:
    PLACE_BITS = 13               # of a key: a remainder is less than what goods come to, at most 10^15 < 2^50
    MOST_LINES = 1 << PLACE_BITS
    FEW = 12                      # keys that are compared each with each
    BIN_BITS = 5
    BINS = 1 << BIN_BITS


cdef int32_t share_in_proportion(Basket* basket, Offer* offer, int64_t* granted) noexcept nogil:
    """Puts a share of every line reached behind the shares there are, and returns how many, some perhaps 0; -1 when one
    comes to its floor, or numbers are too large.

    1500 over 7200 / 1875 / 1999 is 975 / 253 / 270, and one more for the remainders .97 and .77.
    """
    cdef Share* shares = &basket.shares[basket.share_count]
    cdef const Line* lines = basket.lines
    cdef uint16_t[BINS] sizes
    cdef int64_t weight = 0, total, product, left, index, count = 0
    cdef int32_t word
    cdef uint64_t bits
    if basket.line_count > MOST_LINES:
        return -1
    for word in range(basket.word_count):
        bits = basket.reached[word]
        while bits:
            index = 64 * word + lowest_bit(bits)
            bits &= bits - 1
            weight += lines[index].entered
            shares[count].target = <int32_t>index
            count += 1
    total = minimum(wanted(offer, weight), offer.cap)
    if weight == 0 or multiply_overflows(total, weight, &product):
        return -1
    memset(sizes, 0, sizeof(sizes))
    left = total - floor_shares(lines, shares, count, total, weight, basket.keys, sizes)
    if left < 0:
        return -1
    if left:
        hand_out(shares, count, left, weight, basket.keys, sizes)
    offer.wanted = <int128>total
    granted[0] = total
    return <int32_t>count


cdef inline int32_t bin_shift(int64_t weight) noexcept nogil:
    """A key without so many of its lower bits is its bin."""
    return <int32_t>maximum(64 + PLACE_BITS - BIN_BITS - leading_zeros(weight), 0)


cdef inline int64_t floor_shares(
    const Line* lines, Share* shares, int64_t count, int64_t total, int64_t weight, int64_t* keys, uint16_t* sizes
) noexcept nogil:
    """Floors the shares, makes keys of what remains, and counts those of each bin. Returns the sum; more than the total
    when one has no room.
    """
    cdef Divisor divisor = divisor_of(weight)
    cdef const Line* line
    cdef int64_t product, share, remainder, beyond, key, index, sum = 0, room = 0
    cdef int32_t shift = bin_shift(weight)
    for index in range(count):
        line = &lines[shares[index].target]
        # As ``divide_by`` does it: no product is above that of the total and the whole weight.
        product = total * line.entered
        share = <int64_t>upper_half(<uint64_t>product, divisor.inverse)
        remainder = product - share * weight
        beyond = remainder - weight
        share += beyond >= 0
        remainder = beyond if beyond >= 0 else remainder
        # Below 0 as soon as one lacks room.
        room |= line.subtotal - line.least - share - (remainder > 0)
        sum += share
        shares[index].amount = share
        key = remainder << PLACE_BITS | (MOST_LINES - 1 - index)
        keys[index] = key
        sizes[key >> shift] += 1
    return sum if room >= 0 else total + 1


cdef void hand_out(
    Share* shares, int64_t count, int64_t left, int64_t weight, int64_t* keys, const uint16_t* sizes
) noexcept nogil:
    """Gives one more to the shares of the largest keys. Those without a remainder get none: less is left than there are
    others.

    Only those keys are compared between which it is decided: keys are sorted into bins by their upper bits, and all
    above the bin in which it runs out get theirs. Nothing branches on a key: that would be foreseen wrongly half of the
    time.
    """
    cdef int32_t bin = BINS - 1, shift = bin_shift(weight)
    cdef int64_t index, key, least, above, kept = 0
    while sizes[bin] < left:
        left -= sizes[bin]
        bin -= 1
    least = <int64_t>bin << shift
    above = <int64_t>(bin + 1) << shift
    for index in range(count):
        key = keys[index]
        shares[index].amount += key >= above
        keys[kept] = key
        kept += <uint64_t>(key - least) < <uint64_t>(above - least)
    if kept <= FEW:
        give_few(shares, keys, kept, left)
        return
    sort(keys, kept)
    for index in range(left):
        share_of(shares, keys[index]).amount += 1


cdef inline void give_few(Share* shares, const int64_t* keys, int64_t count, int64_t left) noexcept nogil:
    """Gives one more where fewer keys are larger than are left."""
    cdef int64_t index, other, larger
    for index in range(count):
        larger = 0
        for other in range(count):
            larger += keys[other] > keys[index]
        share_of(shares, keys[index]).amount += larger < left


cdef inline Share* share_of(Share* shares, int64_t key) noexcept nogil:
    return &shares[MOST_LINES - 1 - (key & (MOST_LINES - 1))]


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
