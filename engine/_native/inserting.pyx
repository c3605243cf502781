"""Lines that come into a basket, or go from it, while all others stay as they are, except for their indices, which many
arrays contain.

What was kept of the last pricing stays valid for the other lines. A segment that the line came to or left is marked, as
when a new amount moves a line; a line that comes is dirty.
"""

from libc.stdint cimport int32_t, uint64_t
from libc.string cimport memmove

from engine._native.alike cimport number_alike
from engine._native.artifact cimport LAYERS
from engine._native.basket cimport (
    Adjustment, Basket, KeptLine, Line, Share, lines_of_row, lines_of_segment, lines_of_shipment, same,
)
from engine._native.bits cimport add, below, words_for
from engine._native.loading cimport LoadedCart, Written, weight_of_lines
from engine._native.matching cimport Matcher
from engine._native.runs cimport RUNS_AT_FIRST
from engine._native.selection cimport has_units
from engine._native.sent cimport SentLine
from engine._native.wire.heads cimport Head, ShareHead


cdef bint insert_line(LoadedCart loaded, int32_t place, bint* stale) except -1:
    """Inserts the sent line at a place. ``stale`` becomes True when a segment got its first line. False: there is no
    room for the line, or one of its segments has no row.
    """
    cdef Basket* basket = &loaded.basket
    cdef SentLine* sent = &loaded.sent.lines[place]
    cdef Matcher matcher = loaded.matcher
    cdef Line* line
    cdef int32_t index = 0, segment
    if basket.line_count == loaded.line_room or basket.run_count + RUNS_AT_FIRST > basket.room:
        return False
    matcher.find(loaded.sent, sent)
    loaded.store.keep_segments(sent, matcher.found, matcher.found_count)
    for segment in matcher.found[:matcher.found_count]:
        if basket.facts.rows[segment] == 0:
            return False
        stale[0] |= not has_units(basket, segment)
    while index < basket.line_count and loaded.places[index] < place:
        index += 1
    move_lines(loaded, index, 1)
    loaded.places[index] = place
    loaded.last_seen[index] = 0
    loaded.fill_line(index, loaded.store)
    line = &basket.lines[index]
    basket.merchandise += line.merchandise
    line.sku = first_of_sku(loaded, index)
    line.runs = &basket.runs[basket.run_count]
    line.run_room = RUNS_AT_FIRST
    basket.run_count += RUNS_AT_FIRST
    for segment in line.segments[:line.segment_count]:
        add(lines_of_segment(basket, segment), index)
    add(basket.kept.dirty, index)
    number_alike(loaded.cart_memory, &loaded.program.rules, loaded.sent, loaded.places, basket)
    sum_up(loaded, line.segments, line.segment_count)
    return True


cdef bint remove_line(LoadedCart loaded, int32_t index, bint* stale) except -1:
    """``stale`` becomes True when a segment lost its last line. False: sets of lines need one word less without it, or
    none.
    """
    cdef Basket* basket = &loaded.basket
    cdef Line line = basket.lines[index]
    cdef int32_t segment
    if words_for(basket.line_count - 1) < basket.word_count:
        return False
    renumber_sku(basket, index)
    move_lines(loaded, index, -1)
    basket.merchandise -= line.merchandise
    for segment in line.segments[:line.segment_count]:
        stale[0] |= not has_units(basket, segment)
    number_alike(loaded.cart_memory, &loaded.program.rules, loaded.sent, loaded.places, basket)
    sum_up(loaded, line.segments, line.segment_count)
    return True


cdef void sum_up(LoadedCart loaded, const int32_t* segments, int32_t count) noexcept:
    """Sums up the segments that a line came to or left."""
    cdef int32_t segment
    for segment in segments[:count]:
        loaded.update_segment(segment)
    loaded.fill_shipment_groups()
    loaded.basket.weight = weight_of_lines(&loaded.basket)


cdef int32_t first_of_sku(LoadedCart loaded, int32_t index) noexcept:
    """The SKU number of another line of the same SKU; the index of this line when there is none."""
    cdef int32_t other
    for other in range(loaded.basket.line_count):
        if other != index and same(
            loaded.sent.lines[loaded.places[other]].sku, loaded.sent.lines[loaded.places[index]].sku
        ):
            return loaded.basket.lines[other].sku
    return index


cdef void renumber_sku(Basket* basket, int32_t index) noexcept:
    """The other lines of a SKU that is numbered by this index are numbered by the first of them."""
    cdef int32_t other, first = -1
    for other in range(basket.line_count):
        if basket.lines[other].sku == index and other != index:
            first = other if first < 0 else first
            basket.lines[other].sku = first


cdef void move_lines(LoadedCart loaded, int32_t index, int32_t by) noexcept:
    """Makes room for a line at an index (1), or closes it (-1): moves every line behind it, with all data about it."""
    cdef Basket* basket = &loaded.basket
    cdef int32_t count = basket.line_count, place
    cdef Line* line
    slide(loaded.places, sizeof(int32_t), index, count, by)
    slide(loaded.heads, sizeof(Head), index, count, by)
    slide(loaded.share_heads, sizeof(ShareHead), index, count, by)
    slide(loaded.lines_written, sizeof(Written), index, count, by)
    slide(loaded.last_seen, sizeof(int32_t), index, count, by)
    slide(basket.lines, sizeof(Line), index, count, by)
    for place in range(loaded.program.rules.counts[<int>LAYERS]):
        if basket.kept.layers[place].takes:
            slide(basket.kept.layers[place].lines, sizeof(KeptLine), index, count, by)
    for place in range(basket.row_count):
        slide_bits(lines_of_row(basket, place), basket.word_count, index, by)
    for place in range(basket.shipment_count):
        slide_bits(lines_of_shipment(basket, place), basket.word_count, index, by)
    slide_bits(basket.kept.dirty, basket.word_count, index, by)
    basket.line_count += by
    for place in range(basket.line_count):
        line = &basket.lines[place]
        line.sku += by if line.sku >= index else 0
        loaded.places[place] += by if place >= index else 0
    if by > 0:
        move_shares(basket, index)
    else:
        drop_shares(basket, index)


cdef void slide(void* records, size_t size, int32_t index, int32_t count, int32_t by) noexcept:
    """Moves the records from an index on up by one, or those behind it down."""
    cdef char* place = <char*>records + index * size
    if by > 0:
        memmove(place + size, place, (count - index) * size)
    else:
        memmove(place, place + size, (count - index - 1) * size)


cdef void slide_bits(uint64_t* bits, int32_t words, int32_t index, int32_t by) noexcept:
    """The same for the bits of a set; the bit at the index becomes 0."""
    cdef int32_t first = index >> 6, word
    cdef uint64_t before = bits[first] & below(index)
    if by > 0:
        for word in range(words - 1, first, -1):
            bits[word] = bits[word] << 1 | bits[word - 1] >> 63
        bits[first] = before | (bits[first] ^ before) << 1
        return
    bits[first] = before | (bits[first] ^ before) >> 1 & ~below(index)
    for word in range(first + 1, words):
        bits[word - 1] |= bits[word] << 63
        bits[word] >>= 1


cdef void move_shares(Basket* basket, int32_t index) noexcept:
    """Renumbers the shares after a line has come."""
    cdef Share* share
    for share in basket.shares[:basket.share_count]:
        share.target += share.target >= index


cdef void drop_shares(Basket* basket, int32_t index) noexcept:
    """Renumbers the shares after a line has gone, and drops its own."""
    cdef Adjustment* adjustment
    cdef const Share* share
    cdef int32_t end = 0, first
    for adjustment in basket.adjustments[:basket.adjustment_count]:
        first = end
        for share in basket.shares[adjustment.first_share:adjustment.first_share + adjustment.share_count]:
            if share.target == index:
                adjustment.amount -= share.amount
                continue
            basket.shares[end].amount = share.amount
            basket.shares[end].target = share.target - (share.target > index)
            end += 1
        adjustment.first_share = first
        adjustment.share_count = end - first
    basket.share_count = end
