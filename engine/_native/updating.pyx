"""Updating a basket after mutations of its sent cart.

A new quantity or price changes the line itself, the sums of its segments, and the thresholds that these cross. Changes
to the customer, the cart, its codes and its shipments leave the lines alone. A line that comes or goes leaves the other
lines alone (inserting.pyx); after larger changes to lines, the cart is laid out anew.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcmp

from engine._native.artifact cimport MERCHANDISE, QUANTITY, WEIGHT
from engine._native.basket cimport (
    Basket, Line, Number, facts_of_segment, facts_of_shipment, lines_of_segment, lines_of_shipment,
)
from engine._native.bits cimport add, contains, remove
from engine._native.edits cimport (
    ALL_MOVED, COUPONS_CHANGED, LINES_CHANGED, MOMENT_CHANGED, SHIPMENTS_CHANGED, Edit, EditKind, Edits,
)
from engine._native.inserting cimport insert_line, remove_line
from engine._native.loading cimport LoadedCart
from engine._native.matching cimport Matcher
from engine._native.selection cimport has_units
from engine._native.sent cimport SentLine
from engine._native.store cimport Record


cdef enum:
    MOST_UPDATES = 64             # before all is laid out anew


cdef bint update(LoadedCart loaded, Edits edits) except -1:
    """False: the cart has to be laid out anew, and the updates so far are void."""
    cdef const Edit* edit
    cdef int32_t index
    cdef bint stale = edits.changed & ~(MOMENT_CHANGED | SHIPMENTS_CHANGED | LINES_CHANGED) != 0
    if edits.changed & ALL_MOVED or loaded.all_promotions:
        return False
    if edits.changed & LINES_CHANGED and not comes_or_goes(loaded, edits, &stale):
        return False
    for edit in edits.edits[:edits.count]:
        if edit.kind == EditKind.AMOUNTS_SET:
            index = index_of(loaded, edit.index)
            if index >= 0 and not update_line(loaded, index, &stale):
                return False
        elif edit.of == Record.SHIPMENT and edit.kind != EditKind.REPLACED:
            return False
    if edits.changed & ~MOMENT_CHANGED:
        # Each update takes memory that is freed only when the cart is laid out anew.
        if loaded.updates == MOST_UPDATES:
            return False
        loaded.updates += 1
        if edits.changed & SHIPMENTS_CHANGED:
            loaded.fill_shipments()
            loaded.fill_shipment_groups()
        loaded.fill_cart()
    if stale or edits.changed & SHIPMENTS_CHANGED or not loaded.eligibility.holds(loaded.sent):
        loaded.eligibility.choose(loaded.sent, False, not edits.changed & COUPONS_CHANGED)
        # The search has room for as many candidates as there were when the cart was laid out.
        if loaded.searches and loaded.basket.candidate_count > loaded.basket.search.room:
            return False
    return True


cdef bint comes_or_goes(LoadedCart loaded, Edits edits, bint* stale) except -1:
    """Whether just one line came or went, which is not a gift sent back, and the basket is updated."""
    cdef const Edit* edit = edits.edits
    cdef int32_t index
    if edits.count > 1 or loaded.searches or not loaded.basket.kept.good:
        return False
    if edit.kind == EditKind.ADDED and loaded.sent.lines[edit.index].gift_of.start == NULL:
        return insert_line(loaded, edit.index, stale)
    index = index_of(loaded, edit.index)
    return edit.kind == EditKind.REMOVED and index >= 0 and remove_line(loaded, index, stale)


cdef int32_t index_of(LoadedCart loaded, int32_t place) noexcept:
    """The basket's line for the sent line at a place; -1: it is a gift sent back, which is not a line."""
    cdef int32_t index = place if place < loaded.basket.line_count else loaded.basket.line_count - 1
    # Gifts sent back are no lines, so the index is at most the place.
    while index >= 0 and loaded.places[index] > place:
        index -= 1
    return index if index >= 0 and loaded.places[index] == place else -1


cdef bint update_line(LoadedCart loaded, int32_t index, bint* stale) except -1:
    """Updates a line whose quantity or price changed. ``stale`` becomes True when a segment got its first line or lost
    its last. False: a segment that the line came to has no row.
    """
    cdef Basket* basket = &loaded.basket
    cdef SentLine* sent = &loaded.sent.lines[loaded.places[index]]
    cdef Line* line = &basket.lines[index]
    cdef int64_t merchandise = line.merchandise, quantity = line.quantity
    cdef Matcher matcher = loaded.matcher
    cdef int32_t segment, shipment
    cdef bint moved = True
    matcher.find_again(loaded.sent, sent, line.segments, line.segment_count)
    sent.matched = True
    if matcher.found_count != line.segment_count or memcmp(
        matcher.found, line.segments, matcher.found_count * sizeof(int32_t)
    ):
        moved = move_line(loaded, index, stale)
        loaded.store.keep_segments(sent, matcher.found, matcher.found_count)
        line.segments = &loaded.sent.segments[sent.segments.first]
        line.segment_count = sent.segments.count
    if not moved:
        return False
    loaded.weigh_line(index)
    add(basket.kept.dirty, index)
    # From here on, the differences.
    merchandise = line.merchandise - merchandise
    quantity = line.quantity - quantity
    basket.merchandise += merchandise
    if line.weight >= 0 and basket.weight >= 0:
        basket.weight += line.weight * quantity
    for segment in line.segments[:line.segment_count]:
        if loaded.program.rules.segments[segment].read:
            add_amounts(facts_of_segment(&basket.facts, segment), merchandise, quantity, line.weight)
    for shipment in range(basket.shipment_count):
        if contains(lines_of_shipment(basket, shipment), index):
            add_amounts(facts_of_shipment(basket, shipment), merchandise, quantity, line.weight)
    return True


cdef inline void add_amounts(Number* numbers, int64_t merchandise, int64_t quantity, int64_t weight) noexcept:
    """Adds a difference to the facts of a group that the line is in; ``weight`` is that of a unit."""
    numbers[<int>MERCHANDISE].value += merchandise
    numbers[<int>QUANTITY].value += quantity
    if numbers[<int>WEIGHT].present:
        numbers[<int>WEIGHT].value += weight * quantity


cdef bint move_line(LoadedCart loaded, int32_t index, bint* stale) noexcept:
    """Takes a line out of the segments that it left, and puts it into those it came to; False when one of them has no
    row.
    """
    cdef Basket* basket = &loaded.basket
    cdef Line* line = &basket.lines[index]
    cdef Matcher matcher = loaded.matcher
    cdef int32_t segment
    for segment in matcher.found[:matcher.found_count]:
        if basket.facts.rows[segment] == 0:
            return False
    for segment in line.segments[:line.segment_count]:
        if not has(matcher.found, matcher.found_count, segment):
            flip(loaded, index, segment, stale)
    for segment in matcher.found[:matcher.found_count]:
        if not has(line.segments, line.segment_count, segment):
            flip(loaded, index, segment, stale)
    return True


cdef bint has(const int32_t* segments, int32_t count, int32_t wanted) noexcept:
    cdef int32_t segment
    for segment in segments[:count]:
        if segment == wanted:
            return True
    return False


cdef void flip(LoadedCart loaded, int32_t index, int32_t segment, bint* stale) noexcept:
    """Puts a line into a segment or takes it out, and sums the segment up anew."""
    cdef Basket* basket = &loaded.basket
    cdef uint64_t* members = lines_of_segment(basket, segment)
    stale[0] |= not has_units(basket, segment)
    if contains(members, index):
        remove(members, index)
    else:
        add(members, index)
    stale[0] |= not has_units(basket, segment)
    loaded.update_segment(segment)
