"""Shares of lines in proportion to what entered the layer, where no line reaches its floor (docs/pricing.md §7).

The result is that of ``spreading.spread``, in fewer steps. All shares are rounded up; as many as exceed the total then
give one back, those that rounding raised most. These are found by sort keys: how much a share was raised, above the
index of its line.
"""

from libc.stdint cimport int32_t, int64_t, uint16_t, uint64_t
from libc.string cimport memset

from engine._native.basket cimport Basket, Line, Share, room_of
from engine._native.bits cimport WORD, lowest_bit
from engine._native.money cimport Divisor, divisor_of, int128, minimum, multiply_overflows, quotient_by
from engine._native.rewards cimport Offer, wanted
from engine._native.sorting cimport sort_records

cdef enum:
    PLACE_BITS = 13               # lower bits of a key; above, a remainder below the sum of goods, 10^15 < 2^50
    MOST_LINES = 1 << PLACE_BITS
    FEW = 12                      # so many keys are compared pairwise, without sorting
    BIN_BITS = 5
    BINS = 1 << BIN_BITS


cdef int32_t share_in_proportion(Basket* basket, Offer* offer, int64_t* granted) noexcept nogil:
    """Writes a share of every line reached behind the shares so far, and returns how many, some perhaps 0; -1 when a
    line has too little room, or numbers are too large.

    1500 over 7200 / 1875 / 1999 is 976 / 254 / 271, one too much, which the share of 975.26 gives back.
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
    # No dividend exceeds (total + 1) * weight.
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
    """Lists the lines reached as shares, adds up their weights, and returns how many there are."""
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
    """Rounds all shares up, and makes keys and counts bins of what rounding added. Returns the sum; -1 when a line has
    too little room.
    """
    cdef const Line* lines = basket.lines
    cdef const Line* line
    cdef int64_t* keys = basket.keys
    cdef int64_t exact, share, key, index, sum = 0, room = 0
    for index in range(count):
        line = &lines[shares[index].target]
        # The exact share, times the weight.
        exact = total * line.entered
        share = quotient_by(exact + (weight.value - 1), weight)
        # Becomes negative when any line has too little room.
        room |= room_of(line) - share
        sum += share
        shares[index].amount = share
        key = (share * weight.value - exact) << PLACE_BITS | index
        keys[index] = key
        sizes[bin_of(key, weight)] += 1
    return sum if room >= 0 else -1


cdef inline int64_t bin_of(int64_t key, const Divisor* weight) noexcept nogil:
    """The upper bits of a key."""
    return key >> (PLACE_BITS - BIN_BITS) >> weight.shift


cdef void give_back(
    Share* shares, int64_t count, int64_t over, const Divisor* weight, int64_t* keys, const uint16_t* sizes
) noexcept nogil:
    """Takes one off the shares with the ``over`` largest keys, fewer than there are shares that were raised.

    Keys in bins above the deciding one give one back; only the keys in that bin are compared. Nothing branches on a
    key, as such branches are mispredicted half of the time.
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
    sort_records(keys, kept, sizeof(int64_t), sizeof(int64_t), is_larger, NULL)
    for index in range(over):
        share_of(shares, keys[index]).amount -= 1


cdef inline void give_few_back(Share* shares, const int64_t* keys, int64_t count, int64_t over) noexcept nogil:
    """Takes one off a share when fewer than ``over`` keys are larger than its own."""
    cdef int64_t index, other, larger
    for index in range(count):
        larger = 0
        for other in range(count):
            larger += keys[other] > keys[index]
        share_of(shares, keys[index]).amount -= larger < over


cdef inline Share* share_of(Share* shares, int64_t key) noexcept nogil:
    return &shares[key & (MOST_LINES - 1)]


cdef bint is_larger(const void* left, const void* right, const void* _) noexcept nogil:
    return (<const int64_t*>left)[0] > (<const int64_t*>right)[0]
