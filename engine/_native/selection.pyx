"""The units that a goods reward may reach, as pieces, and which of them go first (docs/pricing.md §5)."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.artifact cimport GoodsReward, Part, Pick, Same
from engine._native.basket cimport Basket, Line, Piece, Run, Shipment, lines_of_segment
from engine._native.bits cimport Walk, next_member, remove, walk_through
from engine._native.money cimport maximum, minimum
from engine._native.program cimport Rules
from engine._native.runs cimport pay
from engine._native.sorting cimport sort_records


cdef bint reach(const Rules* rules, Basket* basket, const GoodsReward* reward) noexcept nogil:
    """Finds the lines in the segment of any part of a reward; False when there are none."""
    cdef uint64_t lines, any_line = 0
    cdef const Part* part
    cdef int32_t word
    for word in range(basket.word_count):
        lines = 0
        for part in rules.parts[reward.first_part:reward.first_part + reward.part_count]:
            lines |= lines_of_segment(basket, part.segment)[word]
        basket.reached[word] = lines
        any_line |= lines
    return any_line != 0


cdef int32_t gather(Basket* basket, bint unclaimed, Piece* pieces) noexcept nogil:
    """Makes a piece of each run of the lines reached, or of each unclaimed one, by line; returns how many."""
    cdef int32_t index, place, count = 0
    cdef Line* line
    cdef const Run* run
    cdef Piece* piece
    cdef Walk walk = walk_through(basket.reached, basket.word_count)
    while next_member(&walk, &index):
        line = &basket.lines[index]
        pay(basket, line)
        for place in range(line.run_count):
            run = &line.runs[place]
            if unclaimed and run.claimed:
                continue
            piece = &pieces[count]
            piece.base = run.base
            piece.price = run.price
            piece.count = run.count
            piece.line = index
            piece.place = place
            count += 1
    return count


cdef int64_t units_of(const Basket* basket, int32_t segment) noexcept nogil:
    cdef const uint64_t* members = lines_of_segment(basket, segment)
    cdef int64_t units = 0
    cdef Walk walk = walk_through(members, basket.word_count)
    cdef int32_t index
    while next_member(&walk, &index):
        units += basket.lines[index].quantity
    return units


cdef void leave_out_reduced(Basket* basket) noexcept nogil:
    """Removes the lines that an earlier layer reduced from those reached."""
    cdef int32_t index
    for index in range(basket.line_count):
        if basket.lines[index].entered < basket.lines[index].merchandise:
            remove(basket.reached, index)


cdef int32_t select_units(Basket* basket, int32_t count, const GoodsReward* reward, int64_t quantity) noexcept nogil:
    """Keeps the first so many units that count, of all selected pieces or of each line; the pieces are ordered by line.

    Returns how many pieces are left; they are in pick order.
    """
    cdef Piece* pieces = basket.selected
    cdef int32_t first = 0, end, kept = 0
    if reward.same != Same.SAME_LINE:
        sort(pieces, count, reward.pick)
        return keep(pieces, 0, count, 0, reward, quantity)
    while first < count:
        end = end_of_line(pieces, first, count)
        sort(&pieces[first], end - first, reward.pick)
        kept = keep(pieces, first, end, kept, reward, quantity)
        first = end
    return kept


cdef int32_t select_more(Basket* basket, int32_t selected, const GoodsReward* reward, int64_t quantity) noexcept nogil:
    """Appends the first so many units that count of the lines reached to the selected pieces; returns how many there
    are.
    """
    cdef int32_t count = gather(basket, False, &basket.selected[selected])
    sort(&basket.selected[selected], count, reward.pick)
    return keep(basket.selected, selected, selected + count, selected, reward, quantity)


cdef int32_t keep(
    Piece* pieces, int32_t first, int32_t end, int32_t kept, const GoodsReward* reward, int64_t quantity
) noexcept nogil:
    """Moves what is kept of some pieces behind those kept before; returns how many there are."""
    cdef int64_t sets = 0, passed = 0, units = 0
    cdef int32_t index
    if reward.set_size or reward.at_least:
        for index in range(first, end):
            units += pieces[index].count
        if units < reward.at_least:
            return kept
        if reward.set_size:
            sets = units // reward.set_size
    for index in range(first, end):
        units = pieces[index].count
        if reward.set_size:
            passed += units
            units = counting(reward, sets, passed) - counting(reward, sets, passed - units)
        units = minimum(units, quantity)
        quantity -= units
        if units:
            pieces[kept] = pieces[index]
            pieces[kept].count = units
            kept += 1
        if quantity == 0:
            break
    return kept


cdef inline int64_t counting(const GoodsReward* reward, int64_t sets, int64_t units) noexcept nogil:
    """How many of the first units count: in 2 sets of 4, taking 2, one of 5; in rows, of 2, the last two of 4."""
    if reward.set_rows:
        return minimum(maximum(units - (reward.set_position - 1) * sets, 0), sets)
    return (minimum(units, sets * reward.set_size) + reward.set_size - reward.set_position) // reward.set_size


cdef int32_t select_rates(Basket* basket, int32_t count, const GoodsReward* reward, bint compounding) noexcept nogil:
    """Appends the chosen rates that a reward reaches to the selected pieces; returns how many pieces there are."""
    cdef int32_t index
    cdef const Shipment* shipment
    cdef Piece* piece
    for index in range(basket.shipment_count):
        shipment = &basket.shipments[index]
        if not is_reached(reward, shipment):
            continue
        piece = &basket.selected[count]
        piece.base = shipment.charge if compounding else shipment.entered
        piece.price = shipment.charge
        piece.count = 1
        piece.line = basket.line_count + index
        piece.place = 0
        count += 1
    return count


cdef void sort(Piece* pieces, int32_t count, int order) noexcept nogil:
    """Sorts pieces, unless they are sorted already."""
    if not is_sorted(pieces, count, order):
        sort_records(pieces, count, sizeof(Piece), sizeof(Piece), comes_before, &order)


cdef int32_t by_line(Piece* pieces, int32_t first, int32_t end) noexcept nogil:
    """Sorts pieces by line and merges those of one run; returns where they end."""
    cdef int32_t last = first, index
    sort(&pieces[first], end - first, BY_LINE)
    for index in range(first + 1, end):
        if pieces[index].line == pieces[last].line and pieces[index].place == pieces[last].place:
            pieces[last].count += pieces[index].count
        else:
            last += 1
            pieces[last] = pieces[index]
    return last + 1


cdef void turn(Piece* pieces, int32_t count) noexcept nogil:
    """From cheapest first to dearest first, or back; equal ones stay in the order of their lines."""
    cdef int32_t first = 0, end
    reverse(pieces, count)
    while first < count:
        end = first + 1
        while end < count and pieces[end].base == pieces[first].base:
            end += 1
        reverse(&pieces[first], end - first)
        first = end


cdef inline void reverse(Piece* pieces, int32_t count) noexcept nogil:
    cdef int32_t place
    cdef Piece piece
    for place in range(count // 2):
        piece = pieces[place]
        pieces[place] = pieces[count - 1 - place]
        pieces[count - 1 - place] = piece


cdef bint is_sorted(const Piece* pieces, int32_t count, int order) noexcept nogil:
    cdef int32_t place
    for place in range(1, count):
        if comes_before(&pieces[place], &pieces[place - 1], &order):
            return False
    return True


cdef bint comes_before(const void* left, const void* right, const void* order) noexcept nogil:
    cdef const Piece* one = <const Piece*>left
    cdef const Piece* other = <const Piece*>right
    cdef int by = (<const int*>order)[0]
    if (by == Pick.CHEAPEST or by == Pick.DEAREST) and one.base != other.base:
        return (one.base < other.base) == (by == Pick.CHEAPEST)
    if one.line != other.line:
        return one.line < other.line
    return one.place < other.place
