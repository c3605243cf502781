# Everything here is C: see journal.pxd.
"""Taking grants back: a line is written down before a grant changes it; what shipments gave stands in the shares.

Runs that moved to where more of them fit are back in their old place when they are written back: no grant touches the
place that they left.
"""

from libc.stdint cimport int32_t
from libc.string cimport memcpy

from engine._native.basket cimport Adjustment, Basket, Line, Run, SavedLine, Share
from engine._native.bits cimport put
from engine._native.candidates cimport Mark


cdef Mark mark(const Basket* basket) noexcept nogil:
    cdef Mark mark
    mark.line_count = basket.journal.line_count
    mark.journal_run_count = basket.journal.run_count
    mark.run_count = basket.run_count
    mark.share_count = basket.share_count
    mark.adjustment_count = basket.adjustment_count
    return mark


cdef bint write_down(Basket* basket, const Line* line) noexcept nogil:
    """False when there is no room."""
    cdef int32_t count = line.run_count
    cdef SavedLine* saved
    if basket.journal.line_count == basket.journal.room or count > basket.journal.room - basket.journal.run_count:
        return False
    saved = &basket.journal.lines[basket.journal.line_count]
    saved.line = line[0]
    saved.index = <int32_t>(line - basket.lines)
    memcpy(&basket.journal.runs[basket.journal.run_count], line.runs, count * sizeof(Run))
    put(basket.journal.stale, saved.index)
    basket.journal.line_count += 1
    basket.journal.run_count += count
    return True


cdef void rewind(Basket* basket, const Mark* mark) noexcept nogil:
    """Takes back all that was granted since."""
    cdef const Adjustment* adjustment
    cdef const Share* share
    cdef const SavedLine* saved
    cdef int32_t index, place
    while basket.journal.line_count > mark.line_count:
        basket.changed = True
        basket.journal.line_count -= 1
        saved = &basket.journal.lines[basket.journal.line_count]
        basket.journal.run_count -= saved.line.run_count
        basket.lines[saved.index] = saved.line
        put(basket.journal.stale, saved.index)
        memcpy(
            saved.line.runs, &basket.journal.runs[basket.journal.run_count],
            saved.line.run_count * sizeof(Run),
        )
    for index in range(mark.adjustment_count, basket.adjustment_count):
        adjustment = &basket.adjustments[index]
        for place in range(adjustment.first_share + adjustment.share_count - 1, adjustment.first_share - 1, -1):
            share = &basket.shares[place]
            if share.target < basket.line_count:
                break
            basket.shipments[share.target - basket.line_count].charge += share.amount
    basket.run_count = mark.run_count
    basket.share_count = mark.share_count
    basket.adjustment_count = mark.adjustment_count
