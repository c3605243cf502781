"""Rehearsals: which units claimers would take one after the other, without granting anything (docs/search.md).

In an additive layer bases stay, and units are picked by base and line. So once it is decided which claimers apply, the
units that each of them takes follow from what those before it left unclaimed, whatever else is granted. What a claimer
saves on these units, each giving at most its room, is a much closer bound than over all units it may claim.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memset

from engine._native.artifact cimport RewardKind
from engine._native.basket cimport Basket
from engine._native.bits cimport contains, lowest_bit
from engine._native.money cimport int128, maximum, minimum, saturated
from engine._native.rewards cimport Offer, wanted
from engine._native.search.candidates cimport (
    BOUGHT, COST_REHEARSAL, COST_SET, COST_STOCK, GOT, MOST_PARTS, SCALE, Candidate, Claim, Passes, Search, Stock,
    Taken, Worth, claims_of,
)
from engine._native.sorting cimport Before, sort_records


cdef enum:
    MOST_SETS = 48                # of a bundle, that save something
    MOST_FORMED = 256             # and in all: with more, claims are unknown
    SHARE_BITS = 30               # fraction bits of what is wanted for each minor unit of a base

cdef struct Set:
    # The set of a bundle that is being formed. Amounts are in minor units, sums over its units.
    int64_t sum                   # of bases
    int64_t room                  # the most they give
    int64_t reduced               # the same less the multipliers of their lines, in 1/SCALE
    int64_t multiplier            # the least of these
    bint drainable                # all units may stand at their floors by then
    int32_t* lines                # those that it takes units of
    int32_t line_count
    int64_t* shares               # what each of these gives for sure
    int64_t* taken                # of each line: units in the set,
    int64_t* bases                # the sum of their bases,
    int64_t* left                 # and units not yet in this or an earlier set
    int32_t[MOST_PARTS] cursors   # of each part: its next claim in pick order


cdef void order_claims(Search* search, int32_t place, int32_t line_count) noexcept nogil:
    """Sorts the claims of a rehearsed candidate: in pick order, and dearest first."""
    cdef const Candidate* candidate = &search.candidates[search.claimers[place]]
    cdef int32_t* dearest = dearest_first(search, place, line_count)
    cdef int32_t* picked = pick_order(search, place, line_count)
    cdef int32_t index
    for index in range(candidate.claim_count):
        dearest[index] = picked[index] = candidate.first_claim + index
    sort_claims(search, dearest, candidate.claim_count, is_dearer)
    sort_claims(search, picked, candidate.claim_count, is_cheaper if candidate.picks_cheapest else is_dearer)


cdef void sort_claims(const Search* search, int32_t* claims, int32_t count, Before comes_before) noexcept nogil:
    sort_records(claims, count, sizeof(int32_t), sizeof(int32_t), comes_before, search.claims)


cdef bint is_dearer(const void* left, const void* right, const void* claims) noexcept nogil:
    """Of equal bases the line with the smaller index comes first."""
    cdef const Claim* one = &(<const Claim*>claims)[(<const int32_t*>left)[0]]
    cdef const Claim* other = &(<const Claim*>claims)[(<const int32_t*>right)[0]]
    return one.base > other.base or one.base == other.base and one.column < other.column


cdef bint is_cheaper(const void* left, const void* right, const void* claims) noexcept nogil:
    """The same."""
    cdef const Claim* one = &(<const Claim*>claims)[(<const int32_t*>left)[0]]
    cdef const Claim* other = &(<const Claim*>claims)[(<const int32_t*>right)[0]]
    return one.base < other.base or one.base == other.base and one.column < other.column


cdef inline int32_t* pick_order(const Search* search, int32_t place, int32_t line_count) noexcept nogil:
    return &search.claim_orders[<int64_t>2 * place * line_count]


cdef inline int32_t* dearest_first(const Search* search, int32_t place, int32_t line_count) noexcept nogil:
    return &search.claim_orders[(<int64_t>2 * place + 1) * line_count]


cdef void begin_rehearsal(const Basket* basket, Search* search) noexcept nogil:
    """A single scenario: what is unclaimed may be claimed, and nobody took anything yet."""
    cdef int32_t line
    memset(search.by_nonclaimers, 0, (basket.line_count + basket.shipment_count) * sizeof(Taken))
    for line in range(basket.line_count):
        search.stocks[line].unclaimed = search.unclaimed[line]
        search.stocks[line].known = True
    search.scenario_count = 1


cdef bint has_open_dependents(const Search* search, int32_t place, const uint64_t* open) noexcept nogil:
    """Whether the claimer may take units that an open claimer behind it may claim."""
    cdef uint32_t bits = search.dependents[place]
    while bits:
        if contains(open, search.claimers[lowest_bit(bits)]):
            return True
        bits &= bits - 1
    return False


cdef void mark_unknown(const Search* search, int32_t index, int32_t line_count, Stock* stocks) noexcept nogil:
    """Of the lines that a candidate may claim units of, the number left is no longer known."""
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const Claim* claim
    cdef int32_t line
    for claim in claims_of(search, candidate)[:maximum(0, candidate.claim_count)]:
        stocks[claim.column].known = False
    if candidate.claim_count < 0:
        for line in range(line_count):
            stocks[line].known = False


cdef void record_taken_before(Search* search, int32_t place, int32_t line_count) noexcept nogil:
    """Notes the most that unclaimed units gave before the turn of a claimer. Only non-claimers take anything of these.
    """
    cdef const Candidate* candidate = &search.candidates[search.claimers[place]]
    cdef const Claim* claim
    cdef Taken* taken = &search.taken_before[<int64_t>place * line_count]
    for claim in claims_of(search, candidate)[:maximum(0, candidate.claim_count)]:
        taken[claim.column] = search.by_nonclaimers[claim.column]


cdef Rehearsed rehearse(
    const Basket* basket, Search* search, int32_t place, Stock* stocks, Passes* passes, Worth* worth
) noexcept nogil:
    """Bounds what a claimer saves with so much left of the lines, and claims the units that it takes.

    ``place`` is its place among the claimers. ``passes`` says which bundle sets are passed over that may be; without it
    the sets that save most count, and what is left is unknown. When the claims are unknown, ``worth`` bounds nothing.
    """
    cdef int32_t index = search.claimers[place]
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const Claim* claim
    cdef Rehearsed outcome = UNKNOWN_CLAIMS
    search.work += COST_REHEARSAL + COST_STOCK * <int64_t>candidate.claim_count * (1 + candidate.carried_by_set)
    worth.saving = worth.reduced = 0
    worth.claims_known = worth.always_saves = True
    for claim in claims_of(search, candidate)[:candidate.claim_count]:
        search.in_turn[claim.column] = search.sure_in_turn[claim.column] = 0
        worth.claims_known = worth.claims_known and stocks[claim.column].known
    if worth.claims_known:
        if candidate.is_buy_get:
            outcome = buy_and_get(basket, search, place, stocks, worth)
        else:
            outcome = form_sets(basket, search, place, stocks, passes, worth)
    if not worth.claims_known:
        mark_unknown(search, index, basket.line_count, stocks)
    worth.reduced = (worth.reduced + SCALE - 1) // SCALE
    return outcome


cdef bint is_sure_to_save(const Search* search, const Candidate* candidate) noexcept nogil:
    """Whether a rehearsed candidate takes something of some line, whatever others take before."""
    cdef const Claim* claim
    for claim in claims_of(search, candidate)[:candidate.claim_count]:
        if search.in_turn[claim.column] and (
            search.least_rooms[claim.column] > search.by_nonclaimers[claim.column].amount
        ):
            return True
    return False


cdef bint next_passes(Passes* passes) noexcept nogil:
    """The next combination of the sets that may be passed over; False after the last."""
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
    """As in buy_get.pyx: of units that could be bought as well, no more are got than can be spared.

    A unit got gives no more than it has room for, unless the whole set carries what is wanted.
    """
    cdef const Candidate* candidate = &search.candidates[search.claimers[place]]
    cdef const int32_t* picked = pick_order(search, place, basket.line_count)
    cdef const int32_t* dearest = dearest_first(search, place, basket.line_count)
    cdef const Claim* claim
    cdef int64_t buyable = 0, gettable = 0, units = 0, want = 0, sets, spare, left, taken, gain
    cdef int32_t index
    for claim in claims_of(search, candidate)[:candidate.claim_count]:
        taken = search.unclaimed_at_turn[claim.column] = stocks[claim.column].unclaimed
        units += taken
        if claim.parts & BOUGHT:
            buyable += taken
        if claim.parts & GOT:
            gettable += taken
    sets = minimum(buyable // candidate.sizes[0], gettable // candidate.sizes[1])
    sets = minimum(minimum(sets, units // candidate.set_units), candidate.repeat)
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
                gain = (claim.gain * taken + candidate.line_rounding) // SCALE
                want += gain
                gain = minimum(gain, search.most_rooms[claim.column] * taken)
                search.in_turn[claim.column] = gain
                worth.saving += gain
                worth.reduced += gain * (SCALE - search.multipliers[claim.column])
    left = sets * candidate.sizes[0]
    buy(search, candidate, dearest, BOUGHT, stocks, &left)
    buy(search, candidate, dearest, BOUGHT | GOT, stocks, &left)
    if candidate.carried_by_set:
        if candidate.kind == RewardKind.AMOUNT_OFF:
            want = saturated(<int128>candidate.number * <int128>(sets * candidate.sizes[1]))
        carry_by_set(search, candidate, stocks, want, worth)
    return KNOWN_CLAIMS


cdef void carry_by_set(
    const Search* search, const Candidate* candidate, const Stock* stocks, int64_t want, Worth* worth
) noexcept nogil:
    """Bounds what the units just claimed give of what is wanted of all: none more than it has room for."""
    cdef const Claim* claim
    cdef int64_t room = 0, reduced = 0, multiplier = SCALE, most
    for claim in claims_of(search, candidate)[:candidate.claim_count]:
        most = search.unclaimed_at_turn[claim.column] - stocks[claim.column].unclaimed
        if most:
            most *= search.most_rooms[claim.column]
            room += most
            reduced += most * (SCALE - search.multipliers[claim.column])
            multiplier = minimum(multiplier, search.multipliers[claim.column])
        search.in_turn[claim.column] = minimum(want, most)
    worth.saving = minimum(want, room)
    worth.reduced = minimum(worth.saving * (SCALE - multiplier), reduced)


cdef void buy(
    const Search* search, const Candidate* candidate, const int32_t* dearest, uint32_t parts, Stock* stocks,
    int64_t* left
) noexcept nogil:
    """Claims units of the lines that may fill exactly these parts, dearest first, until nothing is ``left``."""
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
    """As in bundle.pyx: forms set after set, until there are enough or a part cannot be filled.

    A set is passed over when nothing is wanted of it, or none of its units has room; it may be passed over when all of
    them may stand at their floors by then. Sets may take less than their bounds: once these add up to the cap, it is
    uncertain whether further sets form, but they count.
    """
    cdef const Candidate* candidate = &search.candidates[search.claimers[place]]
    cdef const int32_t* picked = pick_order(search, place, basket.line_count)
    cdef const Taken* taken_before = &search.taken_before[<int64_t>place * basket.line_count]
    cdef Offer offer
    cdef Set set
    cdef int64_t[MOST_SETS] savings
    cdef int64_t[MOST_SETS] reduced
    cdef int64_t left = candidate.repeat, want, saving, loose, total = 0
    cdef int32_t count = 0, formed = 0, may_pass = 0
    cdef const Claim* claim
    offer.kind = candidate.kind
    offer.number = candidate.number
    offer.rounding = candidate.rounding
    begin_sets(search, candidate, stocks, &set)
    while left and form_set(search, candidate, picked, &set):
        formed += 1
        search.work += COST_SET
        set.drainable = may_be_drained(search, &set, taken_before)
        if count == MOST_SETS or formed == MOST_FORMED:
            worth.claims_known = False
            return UNKNOWN_CLAIMS
        want = wanted(&offer, set.sum)
        saving = minimum(want, set.room)
        # Its units stay unclaimed, but no later set has them.
        if saving == 0:
            continue
        worth.always_saves = worth.always_saves and not set.drainable
        if set.drainable and passes != NULL and is_passed(passes, &may_pass):
            continue
        if total >= candidate.cap:
            worth.claims_known = False
        loose = saving
        savings[count] = saving
        reduced[count] = share_wanted(search, &set, want, taken_before, &loose)
        total += saving
        count += 1
        if set.drainable and passes == NULL:
            worth.claims_known = False
        else:
            left -= 1
        claim_set(search, &set, stocks, loose)
    # The cap may cut any set off: nothing is sure.
    if total > candidate.cap:
        for claim in claims_of(search, candidate)[:candidate.claim_count]:
            search.sure_in_turn[claim.column] = 0
    worth.saving = minimum(most_of(savings, count, candidate.repeat), candidate.cap)
    worth.reduced = most_of(reduced, count, candidate.repeat)
    return KNOWN_CLAIMS if count else IMPOSSIBLE


cdef inline void claim_set(Search* search, const Set* set, Stock* stocks, int64_t loose) noexcept nogil:
    """Claims the units of a set, and adds what each of its lines gives, with the loose part at most and without it for
    sure.
    """
    cdef int32_t index, line
    for index in range(set.line_count):
        line = set.lines[index]
        stocks[line].unclaimed -= set.taken[line]
        search.in_turn[line] += minimum(set.shares[index] + loose, search.most_rooms[line] * set.taken[line])
        search.sure_in_turn[line] += set.shares[index]


cdef inline bint is_passed(Passes* passes, int32_t* number) noexcept nogil:
    """Whether the next set that may be passed over is; when undecided, it is not."""
    if number[0] == passes.count:
        passes.count += 1
    number[0] += 1
    return passes.passed >> (number[0] - 1) & 1


cdef int64_t most_of(int64_t* numbers, int32_t count, int64_t most) noexcept nogil:
    """The sum of so many of the largest numbers, which are used up."""
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
    """Before the first set is formed."""
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
        search.unclaimed_at_turn[claim.column] = set.left[claim.column] = stocks[claim.column].unclaimed
        set.taken[claim.column] = set.bases[claim.column] = 0


cdef bint form_set(
    const Search* search, const Candidate* candidate, const int32_t* picked, Set* set
) noexcept nogil:
    """Takes the units of the next set; False when a part cannot be filled."""
    cdef const Claim* claim
    cdef int64_t left, taken, multiplier
    cdef int32_t part, index, column
    for index in range(set.line_count):
        set.taken[set.lines[index]] = set.bases[set.lines[index]] = 0
    set.line_count = 0
    set.sum = set.room = set.reduced = 0
    set.multiplier = SCALE
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
                multiplier = search.multipliers[column]
                set.sum += claim.base * taken
                set.room += search.most_rooms[column] * taken
                set.reduced += search.most_rooms[column] * taken * (SCALE - multiplier)
                set.multiplier = minimum(set.multiplier, multiplier)
            if left:
                index += 1
        set.cursors[part] = index
    return True


cdef bint may_be_drained(const Search* search, const Set* set, const Taken* taken) noexcept nogil:
    """Whether all units of a set may stand at their floors after so much was taken of each line.

    Candidates that take the same of each unit take of one of them its part of what was taken, and a minor unit more for
    each candidate, until the first unit of the line stands at its floor.
    """
    cdef int64_t least
    cdef int32_t index, line
    for index in range(set.line_count):
        line = set.lines[index]
        least = search.least_rooms[line]
        if least * set.taken[line] > taken[line].amount:
            return False
        least -= taken[line].amount - taken[line].even + taken[line].even_count
        if least > 0 and least > taken[line].even // search.unclaimed_at_turn[line]:
            return False
    return True


cdef int64_t share_wanted(
    const Search* search, Set* set, int64_t want, const Taken* taken, int64_t* loose
) noexcept nogil:
    """Fills in what each line of a set gives for sure of what is wanted of it, after so much was taken of the lines.
    Subtracts that from ``loose``, which is left as what any line may give; returns the reduced saving.

    What is wanted is spread in proportion to bases: a line gives its share, or all that its units have room for.
    """
    cdef int64_t part = <int64_t>((<int128>want << SHARE_BITS) // <int128>maximum(1, set.sum))
    cdef int64_t least, room, share, reduced = 0
    cdef int32_t index, line
    for index in range(set.line_count):
        line = set.lines[index]
        least = search.least_rooms[line]
        room = least * set.taken[line] - taken[line].amount
        least -= taken[line].amount - taken[line].even + taken[line].even_count
        if least > 0:
            room = maximum(room, (least - taken[line].even // search.unclaimed_at_turn[line]) * set.taken[line])
        # Left-over minor units may go elsewhere.
        share = <int64_t>(<int128>set.bases[line] * <int128>part >> SHARE_BITS) - 1
        share = maximum(0, minimum(share, room))
        set.shares[index] = share
        loose[0] -= share
        reduced += share * (SCALE - search.multipliers[line])
    loose[0] = maximum(0, loose[0])
    return minimum(reduced + loose[0] * (SCALE - set.multiplier), set.reduced)
