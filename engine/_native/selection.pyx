"""The units that a goods reward may reach, as pieces, and which of them go first (docs/pricing.md §5)."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.artifact cimport Part, Pick, Promotion
from engine._native.basket cimport Basket, Line, Piece, Run, lines_of_segment, lowest_bit
from engine._native.program cimport Rules


cdef void reach(const Rules* rules, Basket* basket, const Promotion* promotion) noexcept nogil:
    """Finds the lines that any part of a promotion names."""
    cdef const uint64_t* members
    cdef const Part* part
    cdef int32_t word
    for word in range(basket.word_count):
        basket.reached[word] = 0
    for part in rules.parts[promotion.first_part:promotion.first_part + promotion.part_count]:
        members = lines_of_segment(basket, part.segment)
        for word in range(basket.word_count):
            basket.reached[word] |= members[word]


cdef int32_t gather(const Basket* basket, bint unclaimed, Piece* pieces) noexcept nogil:
    """Makes a piece of each run of the lines reached, by line, and returns how many; perhaps only of unclaimed ones."""
    cdef int32_t word, index, place, count = 0
    cdef uint64_t bits
    cdef const Line* line
    cdef const Run* run
    cdef Piece* piece
    for word in range(basket.word_count):
        bits = basket.reached[word]
        while bits:
            index = word * 64 + lowest_bit(bits)
            bits &= bits - 1
            line = &basket.lines[index]
            for place in range(line.run_count):
                run = &basket.runs[line.first_run + place]
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


cdef int32_t keep_first(Piece* pieces, int32_t count, int64_t units) noexcept nogil:
    """Cuts the pieces off behind so many units, and returns how many pieces are left."""
    cdef int32_t index
    for index in range(count):
        if units <= pieces[index].count:
            pieces[index].count = units
            return index + 1
        units -= pieces[index].count
    return count


cdef void sort(Piece* pieces, int32_t count, int order) noexcept nogil:
    """Shell sort."""
    cdef int32_t gap = 1, place, hole
    cdef Piece piece
    while gap < count // 3:
        gap = gap * 3 + 1
    while gap:
        for place in range(gap, count):
            piece = pieces[place]
            hole = place
            while hole >= gap and comes_before(&piece, &pieces[hole - gap], order):
                pieces[hole] = pieces[hole - gap]
                hole -= gap
            pieces[hole] = piece
        gap //= 3


cdef inline bint comes_before(const Piece* left, const Piece* right, int order) noexcept nogil:
    if order != BY_LINE:
        if left.base != right.base:
            return (left.base < right.base) == (order == Pick.CHEAPEST)
        if left.price != right.price:
            return left.price > right.price
    if left.line != right.line:
        return left.line < right.line
    return left.place < right.place
