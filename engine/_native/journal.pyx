"""The undo log: each line is saved before a grant changes it; what shipments gave is in the shares.

Runs that moved to where more of them fit are back in their old place once restored: no grant writes to the place that
they left.
"""

from libc.stdint cimport int32_t
from libc.string cimport memcpy

from engine._native.basket cimport Adjustment, Basket, Line, Run, SavedLine, Share
from engine._native.bits cimport add
from engine._native.search.candidates cimport Savepoint


cdef Savepoint savepoint(const Basket* basket) noexcept nogil:
    cdef Savepoint point
    point.line_count = basket.journal.line_count
    point.journal_run_count = basket.journal.run_count
    point.run_count = basket.run_count
    point.share_count = basket.share_count
    point.adjustment_count = basket.adjustment_count
    return point


cdef bint save_line(Basket* basket, const Line* line) noexcept nogil:
    """False when the journal has no room."""
    cdef int32_t count = line.run_count
    cdef SavedLine* saved
    if basket.journal.line_count == basket.journal.room or count > basket.journal.room - basket.journal.run_count:
        return False
    saved = &basket.journal.lines[basket.journal.line_count]
    saved.line = line[0]
    saved.index = <int32_t>(line - basket.lines)
    memcpy(&basket.journal.runs[basket.journal.run_count], line.runs, count * sizeof(Run))
    add(basket.journal.stale, saved.index)
    basket.journal.line_count += 1
    basket.journal.run_count += count
    return True


cdef void roll_back(Basket* basket, const Savepoint* point) noexcept nogil:
    """Takes back all that was granted since the savepoint."""
    cdef const Adjustment* adjustment
    cdef const Share* share
    cdef const SavedLine* saved
    cdef int32_t index, place
    while basket.journal.line_count > point.line_count:
        basket.changed = True
        basket.journal.line_count -= 1
        saved = &basket.journal.lines[basket.journal.line_count]
        basket.journal.run_count -= saved.line.run_count
        basket.lines[saved.index] = saved.line
        add(basket.journal.stale, saved.index)
        memcpy(
            saved.line.runs, &basket.journal.runs[basket.journal.run_count],
            saved.line.run_count * sizeof(Run),
        )
    for index in range(point.adjustment_count, basket.adjustment_count):
        adjustment = &basket.adjustments[index]
        for place in range(adjustment.first_share + adjustment.share_count - 1, adjustment.first_share - 1, -1):
            share = &basket.shares[place]
            if share.target < basket.line_count:
                break
            basket.shipments[share.target - basket.line_count].charge += share.amount
    basket.run_count = point.run_count
    basket.share_count = point.share_count
    basket.adjustment_count = point.adjustment_count
