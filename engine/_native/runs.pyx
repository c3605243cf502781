"""The units of lines, as runs of units alike (docs/pricing.md §3).

While a promotion takes its reward, runs only split, and every run keeps its place in its line; ``settle`` sorts and
merges them afterwards.

A share that a line gives need not be taken off its units at once. The line may *owe* it, and pay when somebody looks at
its units, provided that paying then gives the same prices as paying at once. There are three cases:
- Units that entered the layer at one price weigh the same. A share takes the same off each, and one more off the first
  units, dearest first, so prices differ by one at most before and after every share. Any number of shares comes to the
  same as their sum taken at once: the line owes as a whole, namely what its subtotal is below its prices.
- Units that entered at two prices one apart owe as a whole for up to two shares. A share is less than all that it falls
  on, so it takes as much off a cheap unit as off a dear one, or one less; what is left over goes to dear units first,
  or else to cheap ones. Either way prices stay within one of each other, and no cheap unit becomes the dearer one. The
  second share keeps prices within one, too, but may make a cheap unit the dearer one, so a third share might not. The
  floor changes nothing: if one unit reaches it, all others are at it or one above. The runs keep both shares, for when
  units are looked at before the layer ends.
- Other lines owe by run, as long as each price that entered has one run only, and no unit comes near its floor: each
  run has the price of its first units, and each of its last ``owed`` units owes one more.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

from engine._native.artifact cimport SUBTOTAL, Leftover, Rounding
from engine._native.basket cimport Basket, Line, Run, facts_of_row, lines_of_row
from engine._native.bits cimport WORD, Walk, lowest_bit, next_member, walk_through
from engine._native.money cimport divide, int128, minimum
from engine._native.rewards cimport add_share
from engine._native.sorting cimport sort_records
from engine._native.spreading cimport Target, spread

cdef enum:
    MOST_OWING = 8                # runs of a line that may owe


cdef void unpack_lines(Basket* basket) noexcept nogil:
    """Every line is one run of units at the price sent."""
    cdef int32_t index
    cdef Line* line
    for index in range(basket.line_count):
        line = &basket.lines[index]
        line.runs = &basket.runs[index * RUNS_AT_FIRST]
        line.run_room = RUNS_AT_FIRST
        unpack_line(line)
    basket.run_count = basket.line_count * RUNS_AT_FIRST


cdef void unpack_line(Line* line) noexcept nogil:
    """The same for one line, whose place among the runs is known."""
    line.subtotal = line.entered = line.merchandise
    line.granted = 0
    line.run_count = 1
    line.owes = line.touched = line.changed = False
    put_run(line.runs, line.price, line.price, line.quantity, False)


cdef void enter_lines(Basket* basket) noexcept nogil:
    """A layer begins: running prices become the prices that entered, and no unit is claimed."""
    cdef int32_t word, index, row, end
    cdef uint64_t changed, bits
    cdef int64_t less
    cdef Line* line
    if not basket.changed:
        return
    basket.changed = False
    for word in range(basket.word_count):
        end = minimum(basket.line_count, WORD * (word + 1))
        changed = 0
        for index in range(WORD * word, end):
            changed |= <uint64_t>basket.lines[index].changed << (index & 63)
        if changed == 0:
            continue
        for row in basket.read_rows[:basket.read_row_count]:
            bits = changed & lines_of_row(basket, row)[word]
            less = 0
            while bits:
                line = &basket.lines[WORD * word + lowest_bit(bits)]
                bits &= bits - 1
                less += line.entered - line.subtotal
            facts_of_row(&basket.facts, row)[<int>SUBTOTAL].value -= less
        enter_word(basket, word, changed)


cdef void enter_word(Basket* basket, int32_t word, uint64_t lines) noexcept nogil:
    """The same for the given lines of a word, as far as they changed; they pay what they owe."""
    cdef Line* first = &basket.lines[WORD * word]
    cdef Line* line
    while lines:
        line = &first[<uint32_t>lowest_bit(lines)]
        lines &= lines - 1
        if not line.changed:
            continue
        line.changed = False
        line.entered = line.subtotal
        if line.owes == AS_WHOLE:
            enter_whole(line.runs, line)
        else:
            if line.owes:
                part(line)
            enter_paid(line)


cdef inline void enter_whole(Run* runs, Line* line) noexcept nogil:
    """What ``pay`` gives when a line owes as a whole: three units with 26 left are two at 9 and one at 8."""
    cdef int64_t count = line.quantity, round_up = line.subtotal + count - 1
    cdef int64_t price = round_up // count, dearest = round_up % count + 1
    put_run(runs, price, price, dearest, False)
    put_run(&runs[1], price - 1, price - 1, count - dearest, False)
    line.run_count = 1 + (dearest < count)
    line.owes = False


cdef inline void enter_paid(Line* line) noexcept nogil:
    """For a line that owes nothing."""
    cdef Run* run
    for run in line.runs[:line.run_count]:
        run.base = run.price
        run.claimed = False
    arrange(line)


cdef void settle(Basket* basket, bint compounding) noexcept nogil:
    """The promotion at hand is done: writes the shares of its lines, and sorts and merges their runs."""
    cdef int32_t index
    cdef Line* line
    cdef Run* run
    cdef Walk walk = walk_through(basket.reached, basket.word_count)
    while next_member(&walk, &index):
        line = &basket.lines[index]
        if not line.touched:
            continue
        if line.granted:
            add_share(basket, index, line.granted)
            line.subtotal -= line.granted
            line.granted = 0
        if compounding:
            for run in line.runs[:line.run_count]:
                run.base = run.price
        arrange(line)
        line.touched = False
        line.changed = basket.changed = True


cdef bint owe_otherwise(Basket* basket, Line* line, int64_t share) noexcept nogil:
    """The cases of ``owe`` in which the line cannot owe as a whole, or has no room for that yet."""
    if 2 * line.run_count > line.run_room and (line.run_count > MOST_OWING or not move(basket, line)):
        return False
    if owe_as_whole(line, share):
        return True
    if line.owes == AS_WHOLE:
        turn_by_run(basket, line)
    return owe_by_run(line.runs, line, share)


cdef inline void owe_part(Run* run, int64_t each, int64_t more) noexcept nogil:
    """Each unit owes so much, and ``more`` units one more, at most all of them."""
    cdef int64_t count = run.count, owed = run.owed + more
    cdef bint whole = owed >= count
    run.price -= each + whole
    run.owed = owed - (count if whole else 0)


cdef bint owe_by_run(Run* runs, Line* line, int64_t share) noexcept nogil:
    """Makes each run owe its part of a share; False when the line cannot owe by run.

    15 off runs of 2 at 40 and 3 at 30, 170 in all, are 3.53 and 2.65 a unit, floored 3 and 2; the 3 left over go to the
    run with the larger remainder, so the runs owe 6 and 9.
    """
    cdef int64_t[MOST_OWING] each
    cdef int64_t[MOST_OWING] remainders
    cdef int32_t count = line.run_count, place, largest
    cdef int64_t left = share, more
    if count > MOST_OWING:
        return False
    for place in range(count):
        divide(<int128>share * <int128>runs[place].base, line.entered, &each[place], &remainders[place])
        left -= each[place] * runs[place].count
        # Units that entered at 0 weigh nothing, and give nothing.
        if runs[place].base and runs[place].price - each[place] - line.floor < 2:
            return False
        if place and runs[place].base == runs[place - 1].base:
            return False
    for _ in range(count):
        largest = 0
        for place in range(1, count):
            if remainders[place] > remainders[largest]:
                largest = place
        more = minimum(left, runs[largest].count)
        owe_part(&runs[largest], each[largest], more)
        remainders[largest] = -1
        left -= more
    line.owes = BY_RUN
    return True


cdef void turn_by_run(Basket* basket, Line* line) noexcept nogil:
    """Turns one or two shares that a line owes as a whole into shares owed by run, or takes them off its units.

    A share splits one run at most, so there is room for the second case.
    """
    cdef int64_t[2] shares
    cdef int64_t share
    shares[0] = line.runs[0].owed
    shares[1] = line.runs[1].owed
    line.runs[0].owed = line.runs[1].owed = 0
    line.owes = False
    for share in shares:
        if share and not owe_by_run(line.runs, line, share):
            pay(basket, line)
            take_by_base(basket, line, share)


cdef bint take_by_base(Basket* basket, Line* line, int64_t share) noexcept nogil:
    """Takes a share off units in proportion to their bases; False when there is no room for another run."""
    cdef Target* targets = basket.piece_targets
    cdef int32_t place
    for place in range(line.run_count):
        targets[place].weight = line.runs[place].base
        targets[place].capacity = line.runs[place].price - line.floor
        targets[place].units = line.runs[place].count
    return take_targets(basket, line, share)


cdef bint take_targets(Basket* basket, Line* line, int64_t share) noexcept nogil:
    """Takes a share off units, each run being a target; False when there is no room for another run."""
    cdef int32_t count = line.run_count, place
    spread(share, basket.piece_targets, count, Leftover.LARGEST_REMAINDER, Rounding.HALF_UP)
    for place in range(count):
        if not take_off_run(basket, line, place, &basket.piece_targets[place], 1):
            return False
    # Runs split off are at the end.
    sort(line)
    return True


cdef int32_t split(Basket* basket, Line* line, int32_t place, int64_t units) noexcept nogil:
    """Makes some units of a run a new run and returns its place; -1 when there is no room for it."""
    cdef int32_t last = line.run_count
    cdef Run* run
    if last == line.run_room and not move(basket, line):
        return -1
    run = line.runs
    put_run(&run[last], run[place].base, run[place].price, units, run[place].claimed)
    run[place].count -= units
    line.run_count += 1
    return last


cdef bint move(Basket* basket, Line* line) noexcept nogil:
    """Moves a line's runs to a place with twice the room; False when there is none."""
    cdef int32_t room = 2 * line.run_room + 2
    if room > basket.room - basket.run_count:
        return False
    memcpy(&basket.runs[basket.run_count], line.runs, line.run_count * sizeof(Run))
    line.runs = &basket.runs[basket.run_count]
    line.run_room = room
    basket.run_count += room
    return True


cdef void sort(Line* line) noexcept nogil:
    """Sorts and merges the runs."""
    cdef Run* runs = line.runs
    cdef int32_t place, last = 0
    sort_records(runs, line.run_count, sizeof(Run), sizeof(Run), comes_before, NULL)
    for place in range(1, line.run_count):
        if comes_before(&runs[last], &runs[place], NULL):
            last += 1
            runs[last] = runs[place]
        else:
            runs[last].count += runs[place].count
    line.run_count = last + 1
