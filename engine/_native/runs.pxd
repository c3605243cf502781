"""The units of lines, as runs of units alike (docs/pricing.md §3)."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.basket cimport Basket, Line, Run
from engine._native.spreading cimport Target

cdef enum:
    RUNS_AT_FIRST = 2             # room of each line at first
    # How a line owes:
    AS_WHOLE = 1                  # what its subtotal is below the prices of its runs
    BY_RUN = 2                    # each run owes one minor unit for each of its last ``owed`` units

cdef void unpack_line(Line* line) noexcept nogil
cdef void unpack_lines(Basket* basket) noexcept nogil
cdef void enter_lines(Basket* basket) noexcept nogil
cdef void enter_word(Basket* basket, int32_t word, uint64_t lines) noexcept nogil
cdef void settle(Basket* basket, bint compounding) noexcept nogil
cdef int32_t split(Basket* basket, Line* line, int32_t place, int64_t units) noexcept nogil
cdef bint owe_otherwise(Basket* basket, Line* line, int64_t share) noexcept nogil
cdef bint take_by_base(Basket* basket, Line* line, int64_t share) noexcept nogil
cdef bint take_targets(Basket* basket, Line* line, int64_t share) noexcept nogil
cdef void turn_by_run(Basket* basket, Line* line) noexcept nogil
cdef void sort(Line* line) noexcept nogil


cdef inline int32_t cut(Basket* basket, Line* line, int32_t place, int64_t units) noexcept nogil:
    """Makes so many units of a run a run of their own and returns its place; -1 when there is no room for another run.
    """
    if units == line.runs[place].count:
        return place
    return split(basket, line, place, units)


cdef inline bint take_off_run(
    Basket* basket, Line* line, int32_t place, const Target* target, int64_t times
) noexcept nogil:
    """Takes off a run what each of a target's units gives, ``times`` over; False when there is no room for another run.
    """
    line.runs[place].price -= target.share
    if target.extra:
        place = cut(basket, line, place, target.extra * times)
        if place < 0:
            return False
        line.runs[place].price -= 1
    return True


cdef inline bint comes_before(const void* left, const void* right, const void* _) noexcept nogil:
    """Of two runs: dearest first, claimed first."""
    cdef const Run* one = <const Run*>left
    cdef const Run* other = <const Run*>right
    if one.base != other.base:
        return one.base > other.base
    if one.price != other.price:
        return one.price > other.price
    return one.claimed > other.claimed


cdef inline void put_run(Run* run, int64_t base, int64_t price, int64_t count, bint claimed) noexcept nogil:
    """Field by field: copying the struct would stall on fields just written."""
    run.base = base
    run.price = price
    run.count = count
    run.owed = 0
    run.claimed = claimed


cdef inline void arrange(Line* line) noexcept nogil:
    """Sorts a line's runs, merges those alike and drops those without units (never the first). Mostly they are in order
    already, with those alike side by side.
    """
    cdef Run* last = line.runs
    cdef const Run* run
    cdef bint in_order = True
    for run in last[1:line.run_count]:
        if run.base == last.base and run.price == last.price and run.claimed == last.claimed:
            last.count += run.count
        elif run.count:
            in_order &= comes_before(last, run, NULL)
            last += 1
            put_run(last, run.base, run.price, run.count, run.claimed)
    line.run_count = last - line.runs + 1
    if not in_order:
        sort(line)


cdef inline bint owe(Basket* basket, Line* line, int64_t share) noexcept nogil:
    """Makes a line of several runs owe a share that was taken off its subtotal; False when it cannot."""
    return owe_as_whole(line, share) or owe_otherwise(basket, line, share)


cdef inline bint owe_as_whole(Line* line, int64_t share) noexcept nogil:
    """For units at two prices one apart that have paid nothing, or owe one share."""
    cdef Run* runs = line.runs
    if line.run_count != 2 or line.run_room < 4:
        return False
    if line.owes == AS_WHOLE and runs[1].owed == 0:
        runs[1].owed = share
        return True
    if line.owes or runs[0].base - runs[1].base != 1 or line.subtotal + share != line.entered:
        return False
    runs[0].owed = share
    line.owes = AS_WHOLE
    return True


cdef inline void pay(Basket* basket, Line* line) noexcept nogil:
    """Takes what a line owes off its units."""
    if line.owes == AS_WHOLE and line.run_count == 2:
        turn_by_run(basket, line)
    if line.owes:
        part(line)
        arrange(line)


cdef inline void part(Line* line) noexcept nogil:
    """Splits each run in two: units that pay what each owes, and behind them those, perhaps none, that pay one more.

    Three units at 10 in a line with 26 left are two at 9 and one at 8.
    """
    cdef Run* runs = line.runs
    cdef int64_t base, price, count, units
    cdef int32_t place
    cdef bint claimed
    if line.run_count == 1:
        note_owed(runs, line)
    for place in range(line.run_count - 1, -1, -1):
        base = runs[place].base
        price = runs[place].price
        units = runs[place].owed
        count = runs[place].count - units
        claimed = runs[place].claimed
        put_run(&runs[2 * place + 1], base, price - 1, units, claimed)
        put_run(&runs[2 * place], base, price, count, claimed)
    line.run_count *= 2
    line.owes = False


cdef inline void note_owed(Run* run, const Line* line) noexcept nogil:
    """The single run of a line that owes as a whole owes by run from now on."""
    cdef int64_t owed = run.price * run.count - line.subtotal, each = owed // run.count
    run.price -= each
    run.owed = owed - each * run.count


cdef inline int64_t most_of(const Run* run, const Line* line) noexcept nogil:
    """The most that a unit of a run costs once its line has paid."""
    return (line.subtotal + line.quantity - 1) // line.quantity if line.owes == AS_WHOLE else run.price


cdef inline int64_t least_of(const Run* run, const Line* line) noexcept nogil:
    """The least that a unit of a run costs once its line has paid."""
    return line.subtotal // line.quantity if line.owes == AS_WHOLE else run.price - (run.owed > 0)
