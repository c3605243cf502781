# Everything here is C: see rehearsal.pxd.
"""What candidates claim one after the other, as far as that is known before they are granted (docs/search.md).

Bases stay, and say which units go first; so once it is known who claims before, it is known which units a candidate
takes.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memset

from engine._native.basket cimport Basket
from engine._native.bits cimport is_in, lowest_bit
from engine._native.candidates cimport (
    BOUGHT, GAIN, GOT, MOST_PARTS, OF_REHEARSAL, OF_SET, OF_STOCK, Candidate, Claim, Passes, Search, Stock, Taken,
    Worth, claims_of,
)
from engine._native.money cimport int128, maximum, minimum
from engine._native.rewards cimport Offer, wanted
from engine._native.sorting cimport sort_indices


cdef enum:
    MOST_SETS = 48                # of a bundle, that save something
    MOST_FORMED = 256             # and in all
    SHARE_BITS = 30               # of what is wanted for each minor unit of a base

cdef struct Set:
    # The next set of a bundle.
    int64_t sum                   # of the bases of its units
    int64_t room                  # what they give at most
    int64_t beyond                # and beyond the rates of their lines, in parts of a minor unit
    int64_t rate                  # the least of these
    bint drainable                # all of them may stand at their floors
    int32_t* lines                # those that it takes units of
    int32_t line_count
    int64_t* shares               # what each of these gives for sure
    int64_t* taken                # of each line, units
    int64_t* bases                # and what these come to
    int64_t* left                 # of each line, units not looked at yet
    int32_t[MOST_PARTS] cursors   # of each part: how far it is in pick order


cdef void order_claims(Search* search, int32_t place, int32_t line_count) noexcept nogil:
    """Puts the claims of a candidate that is rehearsed in pick order, and dearest first."""
    cdef const Candidate* candidate = &search.candidates[search.claimers[place]]
    cdef int32_t* dearest = dearest_first(search, place, line_count)
    cdef int32_t* picked = pick_order(search, place, line_count)
    cdef int32_t index
    for index in range(candidate.claim_count):
        dearest[index] = picked[index] = candidate.first_claim + index
    sort_indices(dearest, candidate.claim_count, is_dearer, search.claims)
    sort_indices(
        picked, candidate.claim_count, is_cheaper if candidate.picks_cheapest else is_dearer, search.claims
    )


cdef bint is_dearer(const void* claims, int32_t left, int32_t right) noexcept nogil:
    """Equal ones stand by line."""
    cdef const Claim* one = &(<const Claim*>claims)[left]
    cdef const Claim* other = &(<const Claim*>claims)[right]
    return one.base > other.base or one.base == other.base and one.column < other.column


cdef bint is_cheaper(const void* claims, int32_t left, int32_t right) noexcept nogil:
    """The same."""
    cdef const Claim* one = &(<const Claim*>claims)[left]
    cdef const Claim* other = &(<const Claim*>claims)[right]
    return one.base < other.base or one.base == other.base and one.column < other.column


cdef inline int32_t* pick_order(const Search* search, int32_t place, int32_t line_count) noexcept nogil:
    return &search.claim_orders[<int64_t>2 * place * line_count]


cdef inline int32_t* dearest_first(const Search* search, int32_t place, int32_t line_count) noexcept nogil:
    return &search.claim_orders[(<int64_t>2 * place + 1) * line_count]


cdef void begin_rehearsal(const Basket* basket, Search* search) noexcept nogil:
    """All that is not claimed yet may be; nobody took anything yet."""
    cdef int32_t line
    memset(search.by_others, 0, (basket.line_count + basket.shipment_count) * sizeof(Taken))
    for line in range(basket.line_count):
        search.stocks[line].unclaimed = search.unclaimed[line]
        search.stocks[line].known = True
    search.way_count = 1


cdef bint matters_later(const Search* search, int32_t place, const uint64_t* open) noexcept nogil:
    """Whether the candidate may claim units before another that may apply."""
    cdef uint32_t bits = search.matters[place]
    while bits:
        if is_in(open, search.claimers[lowest_bit(bits)]):
            return True
        bits &= bits - 1
    return False


cdef void lose_sight(const Search* search, int32_t index, int32_t line_count, Stock* stocks) noexcept nogil:
    """Of lines that a candidate may claim units of it is no longer known how many are left: perhaps of all of them."""
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const Claim* claim
    cdef int32_t line
    for claim in claims_of(search, candidate)[:maximum(0, candidate.claim_count)]:
        stocks[claim.column].known = False
    if candidate.claim_count < 0:
        for line in range(line_count):
            stocks[line].known = False


cdef void tell_taken_before(Search* search, int32_t place, int32_t line_count) noexcept nogil:
    """Says what units not claimed have given at most when the turn of a candidate comes.

    Of those only candidates take anything that claim none.
    """
    cdef const Candidate* candidate = &search.candidates[search.claimers[place]]
    cdef const Claim* claim
    cdef Taken* taken = &search.taken_before[<int64_t>place * line_count]
    for claim in claims_of(search, candidate)[:maximum(0, candidate.claim_count)]:
        taken[claim.column] = search.by_others[claim.column]


cdef Rehearsed rehearse(
    const Basket* basket, Search* search, int32_t place, Stock* stocks, Passes* passes, Worth* worth
) noexcept nogil:
    """Says what a candidate saves at most when so much is left of the lines, and claims the units that it takes.

    ``place`` is its own among those that claim units. Sets that may be passed over are as ``passes`` says; when it does
    not, those count that save most, and it is not known what is left. Where a candidate's claims are not known,
    ``worth`` says nothing.
    """
    cdef int32_t index = search.claimers[place]
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const Claim* claim
    cdef Rehearsed outcome = UNKNOWN_CLAIMS
    search.work += OF_REHEARSAL + OF_STOCK * <int64_t>candidate.claim_count
    worth.saving = worth.beyond = 0
    worth.certain = worth.settled = True
    for claim in claims_of(search, candidate)[:candidate.claim_count]:
        search.in_turn[claim.column] = search.sure_in_turn[claim.column] = 0
        worth.certain = worth.certain and stocks[claim.column].known
    if worth.certain:
        if candidate.gets:
            outcome = buy_and_get(basket, search, place, stocks, worth)
        else:
            outcome = form_sets(basket, search, place, stocks, passes, worth)
    if not worth.certain:
        lose_sight(search, index, basket.line_count, stocks)
    worth.beyond = (worth.beyond + GAIN - 1) // GAIN
    return outcome


cdef bint is_sure_to_take(const Search* search, const Candidate* candidate) noexcept nogil:
    """Whether a candidate that was rehearsed takes something of a line, whatever others take before."""
    cdef const Claim* claim
    for claim in claims_of(search, candidate)[:candidate.claim_count]:
        if search.in_turn[claim.column] and search.least_rooms[claim.column] > search.by_others[claim.column].amount:
            return True
    return False


cdef bint next_passes(Passes* passes) noexcept nogil:
    """What else may become of the sets that may be passed over; False when that is all."""
    while passes.count and passes.passed >> (passes.count - 1) & 1:
        passes.count -= 1
    if passes.count == 0:
        return False
    passes.passed |= <uint64_t>1 << (passes.count - 1)
    passes.passed &= (<uint64_t>1 << passes.count) - 1
    return True


cdef Rehearsed buy_and_get(
    const Basket* basket, const Search* search, int32_t place, Stock* stocks, Worth* worth
) noexcept nogil:
    """As in buy_get.pyx: of what is got, what could be bought as well is no more than is to spare."""
    cdef const Candidate* candidate = &search.candidates[search.claimers[place]]
    cdef const int32_t* picked = pick_order(search, place, basket.line_count)
    cdef const int32_t* dearest = dearest_first(search, place, basket.line_count)
    cdef const Claim* claim
    cdef int64_t buyable = 0, gettable = 0, units = 0, sets, spare, left, taken, gain
    cdef int32_t index
    for claim in claims_of(search, candidate)[:candidate.claim_count]:
        taken = stocks[claim.column].unclaimed
        units += taken
        if claim.parts & BOUGHT:
            buyable += taken
        if claim.parts & GOT:
            gettable += taken
    sets = minimum(buyable // candidate.sizes[0], gettable // candidate.sizes[1])
    sets = minimum(minimum(sets, units // candidate.of_set_units), candidate.repeat)
    if sets == 0:
        return IMPOSSIBLE
    spare = buyable - sets * candidate.sizes[0]
    left = sets * candidate.sizes[1]
    for index in range(candidate.claim_count):
        claim = &search.claims[picked[index]]
        if left == 0:
            break
        if claim.parts & GOT:
            taken = minimum(left, stocks[claim.column].unclaimed)
            if claim.parts & BOUGHT:
                taken = minimum(taken, spare)
                spare -= taken
            if taken:
                left -= taken
                stocks[claim.column].unclaimed -= taken
                gain = (claim.gain * taken + candidate.line_rounding) // GAIN
                gain = minimum(gain, search.most_rooms[claim.column] * taken)
                search.in_turn[claim.column] = gain
                worth.saving += gain
                worth.beyond += gain * (GAIN - search.rates[claim.column])
    left = sets * candidate.sizes[0]
    buy(search, candidate, dearest, BOUGHT, stocks, &left)
    buy(search, candidate, dearest, BOUGHT | GOT, stocks, &left)
    return KNOWN_CLAIMS


cdef void buy(
    const Search* search, const Candidate* candidate, const int32_t* dearest, uint32_t parts, Stock* stocks,
    int64_t* left
) noexcept nogil:
    """Claims units that may fill just these parts."""
    cdef const Claim* claim
    cdef int64_t taken
    cdef int32_t index
    for index in range(candidate.claim_count):
        claim = &search.claims[dearest[index]]
        if claim.parts == parts:
            taken = minimum(left[0], stocks[claim.column].unclaimed)
            stocks[claim.column].unclaimed -= taken
            left[0] -= taken


cdef Rehearsed form_sets(
    const Basket* basket, Search* search, int32_t place, Stock* stocks, Passes* passes, Worth* worth
) noexcept nogil:
    """As in bundle.pyx: set after set, until they are so many or a part cannot be filled.

    A set is passed over when nothing is wanted of it, or none of its units has any room; when all of them may stand at
    their floors it may be. Sets may take less than is said here, so what comes once the cap may be used up is not
    certain, but may save, too.
    """
    cdef const Candidate* candidate = &search.candidates[search.claimers[place]]
    cdef const int32_t* picked = pick_order(search, place, basket.line_count)
    cdef const Taken* taken_before = &search.taken_before[<int64_t>place * basket.line_count]
    cdef Offer offer
    cdef Set set
    cdef int64_t[MOST_SETS] savings
    cdef int64_t[MOST_SETS] beyond
    cdef int64_t left = candidate.repeat, want, saving, loose, total = 0
    cdef int32_t count = 0, formed = 0, may_pass = 0, index, line
    cdef const Claim* claim
    offer.kind = candidate.kind
    offer.number = candidate.number
    offer.rounding = candidate.direction
    begin_sets(search, candidate, stocks, &set)
    while left and form_set(search, candidate, picked, &set):
        formed += 1
        search.work += OF_SET
        set.drainable = may_be_drained(search, &set, taken_before)
        if count == MOST_SETS or formed == MOST_FORMED:
            worth.certain = False
            return UNKNOWN_CLAIMS
        want = wanted(&offer, set.sum)
        saving = minimum(want, set.room)
        # Its units are not looked at again, though they stay unclaimed.
        if saving == 0:
            continue
        worth.settled = worth.settled and not set.drainable
        if set.drainable and passes != NULL and is_passed(passes, &may_pass):
            continue
        if total >= candidate.cap:
            worth.certain = False
        loose = saving
        savings[count] = saving
        beyond[count] = share_out(search, &set, want, taken_before, &loose)
        total += saving
        count += 1
        if set.drainable and passes == NULL:
            worth.certain = False
        else:
            left -= 1
        for index in range(set.line_count):
            line = set.lines[index]
            stocks[line].unclaimed -= set.taken[line]
            search.in_turn[line] += minimum(set.shares[index] + loose, search.most_rooms[line] * set.taken[line])
            search.sure_in_turn[line] += set.shares[index]
    # What the cap may cut off is not sure.
    if total > candidate.cap:
        for claim in claims_of(search, candidate)[:candidate.claim_count]:
            search.sure_in_turn[claim.column] = 0
    worth.saving = minimum(most_of(savings, count, candidate.repeat), candidate.cap)
    worth.beyond = most_of(beyond, count, candidate.repeat)
    return KNOWN_CLAIMS if count else IMPOSSIBLE


cdef inline bint is_passed(Passes* passes, int32_t* number) noexcept nogil:
    """Whether the next set that may be passed over is; one of which that is not said is not."""
    if number[0] == passes.count:
        passes.count += 1
    number[0] += 1
    return passes.passed >> (number[0] - 1) & 1


cdef int64_t most_of(int64_t* numbers, int32_t count, int64_t most) noexcept nogil:
    """The sum of so many of the largest; uses them up."""
    cdef int64_t total = 0
    cdef int32_t index, best
    if most >= count:
        for index in range(count):
            total += numbers[index]
        return total
    while most:
        best = 0
        for index in range(1, count):
            if numbers[index] > numbers[best]:
                best = index
        total += numbers[best]
        count -= 1
        numbers[best] = numbers[count]
        most -= 1
    return total


cdef void begin_sets(Search* search, const Candidate* candidate, const Stock* stocks, Set* set) noexcept nogil:
    """Before the first one is formed."""
    cdef const Claim* claim
    cdef int32_t part
    set.left = search.counts
    set.taken = search.sums
    set.bases = search.set_bases
    set.lines = search.columns
    set.shares = search.set_shares
    set.line_count = 0
    for part in range(candidate.part_count):
        set.cursors[part] = 0
    for claim in claims_of(search, candidate)[:candidate.claim_count]:
        search.at_turn[claim.column] = set.left[claim.column] = stocks[claim.column].unclaimed
        set.taken[claim.column] = set.bases[claim.column] = 0


cdef bint form_set(
    const Search* search, const Candidate* candidate, const int32_t* picked, Set* set
) noexcept nogil:
    """Takes the units of the next set; False when a part cannot be filled."""
    cdef const Claim* claim
    cdef int64_t left, taken, rate
    cdef int32_t part, index, column
    for index in range(set.line_count):
        set.taken[set.lines[index]] = set.bases[set.lines[index]] = 0
    set.line_count = 0
    set.sum = set.room = set.beyond = 0
    set.rate = GAIN
    for part in range(candidate.part_count):
        left = candidate.sizes[part]
        index = set.cursors[part]
        while left:
            if index == candidate.claim_count:
                return False
            claim = &search.claims[picked[index]]
            column = claim.column
            taken = minimum(left, set.left[column]) if claim.parts >> part & 1 else 0
            if taken:
                if set.taken[column] == 0:
                    set.lines[set.line_count] = column
                    set.line_count += 1
                set.taken[column] += taken
                set.bases[column] += claim.base * taken
                set.left[column] -= taken
                left -= taken
                rate = search.rates[column]
                set.sum += claim.base * taken
                set.room += search.most_rooms[column] * taken
                set.beyond += search.most_rooms[column] * taken * (GAIN - rate)
                set.rate = minimum(set.rate, rate)
            if left:
                index += 1
        set.cursors[part] = index
    return True


cdef bint may_be_drained(const Search* search, const Set* set, const Taken* taken) noexcept nogil:
    """Whether all units of a set may stand at their floors when so much was taken of each line.

    What takes the same of each unit takes of one its part of those not claimed, and a minor unit more, until the first
    of them stands at its floor.
    """
    cdef int64_t least
    cdef int32_t index, line
    for index in range(set.line_count):
        line = set.lines[index]
        least = search.least_rooms[line]
        if least * set.taken[line] > taken[line].amount:
            return False
        least -= taken[line].amount - taken[line].even + taken[line].even_count
        if least > 0 and least > taken[line].even // search.at_turn[line]:
            return False
    return True


cdef int64_t share_out(
    const Search* search, Set* set, int64_t want, const Taken* taken, int64_t* loose
) noexcept nogil:
    """Says what the lines of a set give for sure of what is wanted of it, when so much was taken of them before. Takes
    that from what it saves at most, which leaves what any line may give; returns what it saves beyond the rates.

    What is wanted is spread in proportion to bases: a line gives its share, or all that its units have room for.
    """
    cdef int64_t part = <int64_t>((<int128>want << SHARE_BITS) // <int128>maximum(1, set.sum))
    cdef int64_t least, room, share, beyond = 0
    cdef int32_t index, line
    for index in range(set.line_count):
        line = set.lines[index]
        least = search.least_rooms[line]
        room = least * set.taken[line] - taken[line].amount
        least -= taken[line].amount - taken[line].even + taken[line].even_count
        if least > 0:
            room = maximum(room, (least - taken[line].even // search.at_turn[line]) * set.taken[line])
        # Left-over minor units go to any.
        share = <int64_t>(<int128>set.bases[line] * <int128>part >> SHARE_BITS) - 1
        share = maximum(0, minimum(share, room))
        set.shares[index] = share
        loose[0] -= share
        beyond += share * (GAIN - search.rates[line])
    loose[0] = maximum(0, loose[0])
    return minimum(beyond + loose[0] * (GAIN - set.rate), set.beyond)
