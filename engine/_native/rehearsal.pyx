# Everything here is C: see rehearsal.pxd.
"""What candidates claim one after the other, as far as that is known before they are granted (docs/search.md).

Bases stay, so once it is known who claims before, the bases are known of the units that a candidate takes. Of units with
equal bases it may take any: such lines are *together* from then on, and only how many units all of them have left is known.
Units of one base that may fill the same parts are a *grade*.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from engine._native.basket cimport has_line
from engine._native.candidates cimport GAIN, MOST_PARTS, Candidate, Claim, Grade, Search, Stock, Worth
from engine._native.claims cimport BOUGHT, GOT, claim_at
from engine._native.money cimport maximum, minimum
from engine._native.rewards cimport Offer, wanted


cdef enum:
    MOST_SETS = 64                # of a bundle, formed one by one
    NOT_KNOWN = -1


cdef Rehearsed rehearse(
    Search* search, int32_t index, const uint64_t* drainable, Stock* stocks, Worth* worth
) noexcept nogil:
    """Says what a candidate saves at most when the lines are left like this, and claims the units that it takes.

    ``drainable`` are the lines whose units may stand at their floors when its turn comes. Where its claims are not known,
    ``worth`` says nothing.
    """
    cdef const Candidate* candidate = &search.candidates[index]
    cdef int32_t count = list_grades(search, candidate, drainable, stocks)
    cdef bint certain = True
    cdef Rehearsed outcome
    if count == NOT_KNOWN:
        lose_sight(search, index, 0, stocks)
        return UNKNOWN_CLAIMS
    worth.saving = worth.beyond = 0
    if candidate.gets:
        outcome = buy_and_get(candidate, search.grades, count, worth)
    else:
        outcome = form_sets(candidate, search.grades, count, worth, &certain)
    if outcome == KNOWN_CLAIMS and certain:
        claim_grades(search, candidate, count, stocks)
    elif outcome != IMPOSSIBLE:
        lose_sight(search, index, 0, stocks)
    return outcome


cdef void lose_sight(const Search* search, int32_t index, int32_t line_count, Stock* stocks) noexcept nogil:
    """Of lines that a candidate may claim units of it is no longer known how many are left: perhaps of all of them."""
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const Claim* claim
    cdef int32_t line
    for claim in search.claims[candidate.first_claim:candidate.first_claim + maximum(0, candidate.claim_count)]:
        stocks[claim.column].known = False
    if candidate.claim_count < 0:
        for line in range(line_count):
            stocks[line].known = False


cdef int32_t list_grades(
    Search* search, const Candidate* candidate, const uint64_t* drainable, Stock* stocks
) noexcept nogil:
    """The units that a candidate may claim, in pick order; NOT_KNOWN when it is not known how many of each there are."""
    cdef Grade* grades = search.grades
    cdef Grade* grade
    cdef const Claim* claim
    cdef const Stock* stock
    cdef int32_t place, index, level = 0, count = 0
    cdef int64_t base = -1, room, free
    cdef bint any_together = False
    for place in range(candidate.claim_count):
        claim = claim_at(search, candidate, place)
        stock = &stocks[claim.column]
        if not stock.known:
            return NOT_KNOWN
        if is_used_up(stock):
            continue
        if claim.base != base:
            base = claim.base
            level = count
        for index in range(level, count + 1):
            grade = &grades[index]
            if index == count:
                count += 1
                grade.base = base
                grade.parts = claim.parts
                grade.place = place
                grade.units = grade.taken = grade.room = grade.beyond = 0
                grade.rate = GAIN
                grade.lines = 0
                grade.drainable = False
                break
            if grade.parts == claim.parts:
                break
        any_together = any_together or stock.together > 1
        room = search.most_rooms[claim.column] * GAIN
        if candidate.gets:
            room = minimum(room, claim.gain)
        free = GAIN - search.rates[claim.column]
        grade.units += stock.unclaimed
        grade.lines += 1
        grade.room = maximum(grade.room, room)
        grade.beyond = maximum(grade.beyond, room // GAIN * free + (room % GAIN * free + GAIN - 1) // GAIN)
        grade.rate = minimum(grade.rate, search.rates[claim.column])
        grade.drainable = grade.drainable or has_line(drainable, claim.column)
    if any_together and not are_whole(search, candidate, stocks):
        return NOT_KNOWN
    for index in range(count):
        grades[index].total = grades[index].units
    return count


cdef inline bint is_used_up(const Stock* stock) noexcept nogil:
    """Whether it is sure that the line has no units left."""
    return stock.unclaimed == 0 and stock.together == 1


cdef bint are_whole(Search* search, const Candidate* candidate, const Stock* stocks) noexcept nogil:
    """Whether lines that are together may all fill the same parts of the candidate's sets."""
    cdef const Claim* claim
    cdef const Stock* stock
    for claim in search.claims[candidate.first_claim:candidate.first_claim + candidate.claim_count]:
        search.counts[stocks[claim.column].first] = 0
    for claim in search.claims[candidate.first_claim:candidate.first_claim + candidate.claim_count]:
        stock = &stocks[claim.column]
        if search.counts[stock.first] and search.sums[stock.first] != <int64_t>claim.parts:
            return False
        search.counts[stock.first] += 1
        search.sums[stock.first] = claim.parts
    for claim in search.claims[candidate.first_claim:candidate.first_claim + candidate.claim_count]:
        stock = &stocks[claim.column]
        if search.counts[stock.first] != stock.together:
            return False
    return True


cdef Rehearsed buy_and_get(const Candidate* candidate, Grade* grades, int32_t count, Worth* worth) noexcept nogil:
    """As in buy_get.pyx: of what is got, what could be bought as well is no more than is to spare."""
    cdef int64_t buyable = 0, gettable = 0, units = 0, sets, spare, left, here, taken
    cdef int32_t index, place, end, most_grades
    for index in range(count):
        units += grades[index].units
        if grades[index].parts & BOUGHT:
            buyable += grades[index].units
        if grades[index].parts & GOT:
            gettable += grades[index].units
    sets = minimum(buyable // candidate.sizes[0], gettable // candidate.sizes[1])
    sets = minimum(minimum(sets, units // candidate.of_set_units), candidate.repeat)
    if sets == 0:
        return IMPOSSIBLE
    spare = buyable - sets * candidate.sizes[0]
    left = sets * candidate.sizes[1]
    worth.saving = minimum(candidate.rounding, left * (GAIN // 2))
    worth.beyond = worth.saving
    index = 0
    while index < count and left:
        end = end_of_level(grades, index, count)
        here = 0
        most_grades = 0
        for place in range(index, end):
            taken = to_get(&grades[place], spare)
            here += taken
            most_grades += taken > 0
        if here > left and most_grades > 1:
            return UNKNOWN_CLAIMS
        for place in range(index, end):
            taken = minimum(left, to_get(&grades[place], spare))
            if grades[place].parts & BOUGHT:
                spare -= taken
            left -= taken
            grades[place].units -= taken
            grades[place].taken += taken
            worth.saving += taken * grades[place].room
            worth.beyond += taken * grades[place].beyond
        index = end
    worth.saving //= GAIN
    left = sets * candidate.sizes[0]
    buy(grades, count, BOUGHT, candidate.picks_cheapest, &left)
    buy(grades, count, BOUGHT | GOT, candidate.picks_cheapest, &left)
    return KNOWN_CLAIMS


cdef inline int64_t to_get(const Grade* grade, int64_t spare) noexcept nogil:
    if not grade.parts & GOT:
        return 0
    return minimum(grade.units, spare) if grade.parts & BOUGHT else grade.units


cdef void buy(Grade* grades, int32_t count, uint32_t parts, bint cheapest_first, int64_t* left) noexcept nogil:
    """Takes units that may fill just these parts, dearest first."""
    cdef int32_t place
    cdef Grade* grade
    cdef int64_t taken
    for place in range(count):
        grade = &grades[count - 1 - place if cheapest_first else place]
        if grade.parts == parts:
            taken = minimum(left[0], grade.units)
            grade.units -= taken
            grade.taken += taken
            left[0] -= taken


cdef inline int32_t end_of_level(const Grade* grades, int32_t index, int32_t count) noexcept nogil:
    """Behind the grades with the same base."""
    cdef int64_t base = grades[index].base
    while index < count and grades[index].base == base:
        index += 1
    return index


cdef Rehearsed form_sets(
    const Candidate* candidate, Grade* grades, int32_t count, Worth* worth, bint* certain
) noexcept nogil:
    """As in bundle.pyx: set after set, until they are so many or a part cannot be filled.

    Not certain is how many sets there are once the cap is used up, and whether one is passed over all of whose units may
    stand at their floors; if more sets could be formed then, it is not known which.
    """
    cdef Offer offer
    cdef int64_t left = candidate.repeat, possible = sets_of(candidate, grades, count), want, sum, room, beyond, rate
    cdef int64_t[MOST_PARTS] _
    cdef int32_t index
    cdef int formed, number = 0
    cdef bint drainable
    offer.kind = candidate.kind
    offer.number = candidate.number
    offer.rounding = candidate.direction
    while left:
        number += 1
        if number > MOST_SETS:
            return UNKNOWN_CLAIMS
        for index in range(count):
            grades[index].in_set = 0
        formed = form_set(candidate, grades, count)
        if formed < 0:
            return UNKNOWN_CLAIMS
        if not formed:
            break
        sum = room = beyond = 0
        rate = GAIN
        drainable = True
        for index in range(count):
            if grades[index].in_set:
                sum += grades[index].base * grades[index].in_set
                room += grades[index].room * grades[index].in_set
                beyond += grades[index].beyond * grades[index].in_set
                rate = minimum(rate, grades[index].rate)
                drainable = drainable and grades[index].drainable
        want = minimum(sum, wanted(&offer, sum))
        if want == 0:
            continue
        if drainable:
            if candidate.repeat < possible:
                return UNKNOWN_CLAIMS
            certain[0] = False
        for index in range(count):
            grades[index].taken += grades[index].in_set
        worth.saving += minimum(want, room // GAIN)
        worth.beyond += minimum(want * (GAIN - rate), beyond)
        left -= 1
        if worth.saving >= candidate.cap:
            worth.saving = candidate.cap
            certain[0] = certain[0] and not left
            break
    return KNOWN_CLAIMS if worth.saving else IMPOSSIBLE


cdef int64_t sets_of(const Candidate* candidate, const Grade* grades, int32_t count) noexcept nogil:
    """How many sets the units make at most."""
    cdef int64_t[MOST_PARTS] available
    cdef int64_t units = 0, sets
    cdef int32_t index, part
    for part in range(candidate.part_count):
        available[part] = 0
    for index in range(count):
        units += grades[index].units
        for part in range(candidate.part_count):
            if grades[index].parts >> part & 1:
                available[part] += grades[index].units
    sets = units // candidate.of_set_units
    for part in range(candidate.part_count):
        sets = minimum(sets, available[part] // candidate.sizes[part])
    return sets


cdef int form_set(const Candidate* candidate, Grade* grades, int32_t count) noexcept nogil:
    """Takes the units of the next set; 0 when a part cannot be filled, -1 when it is not known which ones they are."""
    cdef int64_t left, here, taken
    cdef int32_t part, index, place, end, most_grades
    for part in range(candidate.part_count):
        left = candidate.sizes[part]
        index = 0
        while left:
            if index == count:
                return 0
            end = end_of_level(grades, index, count)
            here = 0
            most_grades = 0
            for place in range(index, end):
                if grades[place].parts >> part & 1 and grades[place].units:
                    here += grades[place].units
                    most_grades += 1
            if here > left and most_grades > 1:
                return -1
            for place in range(index, end):
                if grades[place].parts >> part & 1:
                    taken = minimum(left, grades[place].units)
                    left -= taken
                    grades[place].units -= taken
                    grades[place].in_set += taken
            index = end
    return 1


cdef void claim_grades(
    const Search* search, const Candidate* candidate, int32_t count, Stock* stocks
) noexcept nogil:
    """Takes what is claimed of each grade off its lines; those of which some is left are together from now on."""
    cdef const Grade* grade
    cdef const Claim* claim
    cdef Stock* stock
    cdef int64_t left, taken
    cdef int32_t place, first
    for grade in search.grades[:count]:
        if grade.taken == 0:
            continue
        left = grade.taken
        first = -1
        for place in range(grade.place, candidate.claim_count):
            claim = claim_at(search, candidate, place)
            if claim.base != grade.base:
                break
            stock = &stocks[claim.column]
            if claim.parts != grade.parts or is_used_up(stock):
                continue
            if first < 0:
                first = claim.column
            taken = minimum(left, stock.unclaimed)
            left -= taken
            stock.unclaimed -= taken
            if grade.taken == grade.total:
                stock.first = claim.column
                stock.together = 1
            else:
                stock.first = first
                stock.together = grade.lines
