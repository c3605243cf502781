"""The upper bound of a node: whether a set below it may be better than the incumbent (docs/search.md).

First every open candidate is weighed: its *weight* is the most that it may still save by itself, which is its bound
from the appraisal, limited by what its columns have left and, when its claims are rehearsed, by what is left to claim.
The bound of all of them together is the smaller of two, each valid by itself:
- the clique bound of the weights: at most one candidate of each clique applies (cliques.pyx);
- the Lagrangian bound: candidates share columns, whose room is charged by multipliers (lagrangian.pyx).

The bounds of the nodes above hold here, too, so the smallest on the way down counts.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.artifact cimport Per
from engine._native.basket cimport Basket, Line, Run, room_of
from engine._native.bits cimport WORD, Walk, below, contains, first_difference, highest_bit, next_member, walk_through
from engine._native.money cimport WHOLE, int128, maximum, minimum
from engine._native.runs cimport least_of, most_of
from engine._native.search.candidates cimport (
    COST_CANDIDATE, COST_CAP, COST_LOOSE_CAP, COST_MEASURED_LINE, COST_NODE, COST_UNCLAIMED_LINE, COST_WORD, NO_SET,
    Candidate, Cap, Search, Taken, Vector, Worth, amounts_of, caps_of, columns_of, compare, exceeds_allowance, open_row,
    pair_cost, reduced_of, sure_of, weights_of,
)
from engine._native.search.cliques cimport clique_bound
from engine._native.search.lagrangian cimport tighten
from engine._native.search.rehearsal cimport begin_rehearsal, is_sure_to_save
from engine._native.search.scenarios cimport mark_unknown_everywhere, rehearse_in_turn


cdef enum:
    SHALLOW = 2                   # depths at which multipliers are always tried: these bounds make the gap
    UNASKED = 8                   # of so many nodes that would skip them one does not


cdef int64_t upper_bound(const Basket* basket, Search* search, int32_t first) noexcept nogil:
    """The most that the open candidates from the first on save together, beyond the set at hand; ``reduced`` says what
    each adds to that.
    """
    cdef int64_t best, together, enough = search.best_vector.saving - search.vector.saving
    search.weights = weights_of(search, search.depth)
    search.reduced = reduced_of(search, search.depth)
    search.work += COST_NODE
    if search.revisited and search.keeps_rows:
        return upper_bound_again(search, first)
    search.constants[search.depth] = 0
    measure_columns(basket, search)
    if not weigh(basket, search, first):
        return NO_SET - search.vector.saving
    memcpy(search.reduced, search.weights, search.count * sizeof(int64_t))
    best = together = clique_bound(search, search.weights)
    if best < enough or exceeds_allowance(search, 0) or skips_relaxation(search, best - enough):
        return best
    add_remaining(basket, search, first)
    tighten(basket, search, enough, &best)
    search.relaxation_gain = together - best
    return best


cdef void measure(const Basket* basket, Search* search) noexcept nogil:
    """Weighs every open candidate, and bounds what it takes of each column."""
    weigh(basket, search, 0)
    add_remaining(basket, search, 0)


cdef int64_t upper_bound_again(Search* search, int32_t first) noexcept nogil:
    """The bound of a node that was weighed before, without the candidates before the first."""
    memset(search.weights, 0, first * sizeof(int64_t))
    memset(search.reduced, 0, first * sizeof(int64_t))
    return search.constants[search.depth] + clique_bound(search, search.reduced)


cdef bint skips_relaxation(Search* search, int64_t excess) noexcept nogil:
    """Whether multipliers are not tried, as the bound exceeds what is needed by far more than they lowered it last. Now
    and then they are all the same.
    """
    if search.audited or search.depth < SHALLOW or not search.has_multipliers[search.level] or (
        excess <= 2 * search.relaxation_gain
    ):
        return False
    search.skipped_relaxations += 1
    return search.skipped_relaxations % UNASKED != 0


cdef void measure_columns(const Basket* basket, Search* search) noexcept nogil:
    """Reads the room of every column, and of lines the unclaimed units, where they changed since the last node."""
    cdef int32_t index
    cdef Walk walk = walk_through(basket.journal.stale, basket.word_count)
    while next_member(&walk, &index):
        search.rooms[index] = room_of(&basket.lines[index])
        search.work += COST_MEASURED_LINE
        if search.claimer_count:
            search.work += COST_UNCLAIMED_LINE
            count_unclaimed(basket, search, index)
    memset(basket.journal.stale, 0, basket.word_count * sizeof(uint64_t))
    for index in range(basket.shipment_count):
        search.rooms[basket.line_count + index] = basket.shipments[index].charge


cdef void count_unclaimed(const Basket* basket, Search* search, int32_t index) noexcept nogil:
    """Counts the unclaimed units of a line, and their smallest and largest room, as if the line had paid what it owes.
    """
    cdef int64_t units = 0, least = INT64_MAX, most = 0
    cdef const Line* line = &basket.lines[index]
    cdef const Run* run
    for run in line.runs[:line.run_count]:
        if not run.claimed:
            units += run.count
            least = minimum(least, least_of(run, line) - line.floor)
            most = maximum(most, most_of(run, line) - line.floor)
    search.unclaimed[index] = units
    search.least_rooms[index] = least
    search.most_rooms[index] = most


cdef bint weigh(const Basket* basket, Search* search, int32_t first) noexcept nogil:
    """Bounds what each candidate may still save by itself; 0 when it is not open. False when a forced candidate can
    save nothing, so that the node has no set of the family.
    """
    cdef const uint64_t* open = open_row(search)
    cdef const Candidate* candidate
    cdef int64_t weight
    cdef int32_t index, place = 0
    cdef Worth worth
    cdef bint certain, settled = True
    memset(search.takeable, 0, (basket.line_count + basket.shipment_count) * sizeof(int64_t))
    memset(search.weights, 0, first * sizeof(int64_t))
    search.last_rehearsed = last_rehearsed(search, first)
    if search.last_rehearsed >= 0:
        begin_rehearsal(basket, search)
    search.frames[search.depth].claims_fixed = False
    for index in range(first, search.count):
        candidate = &search.candidates[index]
        search.work += COST_CANDIDATE
        certain = False
        weight = candidate.most.saving
        search.weights[index] = 0
        if weight == 0 or not contains(open, index):
            if contains(search.forced, index):
                return False
            continue
        if exceeds_allowance(search, 0):
            search.weights[index] = weight
            settled = settled and not candidate.claimed
            continue
        if contains(search.rehearsed, index):
            while search.claimers[place] != index:
                place += 1
            worth = rehearse_in_turn(basket, search, place, contains(search.forced, index))
            certain = worth.claims_known
            weight = minimum(weight, worth.saving)
            if contains(search.forced, index):
                if weight == 0:
                    return False
                settled = settled and claims_same_units(search, candidate, &worth)
            elif weight == 0:
                continue
        elif candidate.claimed:
            settled = False
            if index < search.last_rehearsed and candidate.layer == search.layer:
                mark_unknown_everywhere(basket, search, index)
        search.weights[index] = bound_by_caps(basket, search, index, weight, certain)
        if index <= search.last_rehearsed:
            add_takeable(basket, search, index, True)
    search.frames[search.depth].claims_fixed = settled
    return True


cdef bint claims_same_units(Search* search, const Candidate* candidate, const Worth* worth) noexcept nogil:
    """Whether a forced candidate claims the same units in all sets of the node."""
    if not worth.claims_known or not worth.always_saves:
        return False
    if not candidate.is_buy_get:
        return True
    search.work += COST_CAP * <int64_t>candidate.claim_count
    return is_sure_to_save(search, candidate)


cdef int64_t bound_by_caps(
    const Basket* basket, Search* search, int32_t index, int64_t weight, bint certain
) noexcept nogil:
    """Limits the weight of a candidate to the sum of its caps, which it also notes. ``certain``: its claims are known.
    """
    cdef const Candidate* candidate = &search.candidates[index]
    cdef bint later = candidate.layer != search.layer
    search.cap_totals[index] = weight
    if candidate.cap_count < 0:
        return weight
    search.cap_totals[index] = measure_caps(search, candidate, certain)
    if later:
        search.cap_totals[index] = measure_later(basket, search, candidate, search.cap_totals[index])
    weight = minimum(weight, search.cap_totals[index])
    if later and candidate.percent and candidate.per == Per.ORDER:
        weight = minimum(weight, most_of_percentage(basket, search, candidate))
    search.work += COST_CAP * candidate.cap_count
    return weight


cdef int32_t last_rehearsed(const Search* search, int32_t first) noexcept nogil:
    """The last open candidate that is rehearsed; it needs to know what those before it take. -1 when there is none."""
    cdef const uint64_t* open = open_row(search)
    cdef int32_t word
    cdef uint64_t bits
    for word in range(search.words - 1, (first >> 6) - 1, -1):
        bits = open[word] & search.rehearsed[word]
        if word == first >> 6:
            bits &= ~below(first)
        if bits:
            return word * WORD + highest_bit(bits)
    return -1


cdef int64_t measure_caps(Search* search, const Candidate* candidate, bint certain) noexcept nogil:
    """Bounds what may be taken of each column of the candidate; returns the sum. ``certain``: its claims are known."""
    cdef const Cap* caps = caps_of(search, candidate)
    cdef int64_t* amounts = amounts_of(search, candidate)
    cdef int64_t* sure = sure_of(search, candidate)
    cdef int64_t sum = 0
    cdef int32_t place
    for place in range(candidate.cap_count):
        amounts[place] = minimum(caps[place].amount, search.rooms[caps[place].column])
        if certain:
            amounts[place] = minimum(amounts[place], search.in_turn[caps[place].column])
            sure[place] = minimum(amounts[place], search.sure_in_turn[caps[place].column])
        elif candidate.claimed:
            sure[place] = 0
        sum += amounts[place]
    return sum


cdef int64_t measure_later(
    const Basket* basket, Search* search, const Candidate* candidate, int64_t sum
) noexcept nogil:
    """The same for a candidate of a later layer: its columns cost no more when that begins than they do now."""
    cdef const int32_t* columns = columns_of(search, candidate)
    cdef int64_t* amounts = amounts_of(search, candidate)
    cdef int64_t most
    cdef int32_t place
    if candidate.price < 0 and (candidate.percent == 0 or candidate.per == Per.ORDER):
        return sum
    sum = 0
    search.work += COST_LOOSE_CAP * candidate.cap_count
    for place in range(candidate.cap_count):
        if candidate.percent:
            most = percentage_of(candidate, cost_of(basket, search, columns[place]))
            if candidate.per == Per.UNIT and columns[place] < basket.line_count:
                most += basket.lines[columns[place]].quantity
        elif columns[place] < basket.line_count:
            most = above_price(&basket.lines[columns[place]], candidate.price)
        else:
            most = amounts[place]
        amounts[place] = minimum(amounts[place], most)
        sum += amounts[place]
    return sum


cdef int64_t most_of_percentage(const Basket* basket, const Search* search, const Candidate* candidate) noexcept nogil:
    """The most that a percentage of all its columns together can take in a later layer."""
    cdef int64_t base = candidate.exhausted
    cdef int32_t column
    for column in columns_of(search, candidate)[:candidate.cap_count]:
        base += cost_of(basket, search, column)
    return percentage_of(candidate, base)


cdef inline int64_t cost_of(const Basket* basket, const Search* search, int32_t column) noexcept nogil:
    return search.rooms[column] + (basket.lines[column].least if column < basket.line_count else 0)


cdef inline int64_t percentage_of(const Candidate* candidate, int64_t base) noexcept nogil:
    """Rounded up, and one more, as the error of columns before it may be carried on."""
    return <int64_t>(<int128>base * <int128>candidate.percent // <int128>WHOLE) + 2


cdef int64_t above_price(const Line* line, int64_t price) noexcept nogil:
    """What the units of a line cost above so much each."""
    cdef const Run* run
    cdef int64_t total = 0
    if line.run_count == 1:
        # The prices of its units differ by at most one.
        return maximum(0, line.subtotal - price * line.quantity)
    for run in line.runs[:line.run_count]:
        total += maximum(0, run.price - price) * run.count
    return total


cdef void add_takeable(const Basket* basket, Search* search, int32_t index, bint recording) noexcept nogil:
    """Adds the most that the candidate takes of each column to ``takeable``, as if all that is not sure came from that
    column.

    ``recording``: unless it is a claimer, adds the same to what non-claimers take.
    """
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const int32_t* columns = columns_of(search, candidate)
    cdef int64_t* amounts = amounts_of(search, candidate)
    cdef const int64_t* sure = sure_of(search, candidate)
    cdef int64_t left = search.weights[index], amount
    cdef Taken* taken
    cdef int32_t place
    cdef bint all_of_them = search.cap_totals[index] <= left, doubled = False
    recording = recording and not candidate.claimed
    if candidate.cap_count < 0:
        search.work += COST_WORD * (basket.word_count - 1)
        for place in range(basket.line_count + basket.shipment_count if candidate.layer == search.layer else 0):
            search.takeable[place] += search.rooms[place]
            if recording:
                search.by_nonclaimers[place].amount += search.rooms[place]
        return
    search.work += COST_CAP * candidate.cap_count
    if candidate.spread and not all_of_them:
        doubled = find_sure(search, candidate, &left)
    for place in range(candidate.cap_count):
        amount = amounts[place]
        if not all_of_them:
            amount = minimum(amount, sure[place] + left)
            if doubled:
                amount = minimum(amount, twice(&caps_of(search, candidate)[place], candidate))
            amounts[place] = amount
        search.takeable[columns[place]] += amount
        if recording:
            taken = &search.by_nonclaimers[columns[place]]
            taken.amount += amount
            if candidate.even:
                taken.even += amount
                taken.even_count += 1


cdef void add_remaining(const Basket* basket, Search* search, int32_t first) noexcept nogil:
    """The same for the candidates that need not be known before; finds what they take for sure."""
    cdef int32_t index, last = search.count - 1
    # Nothing need be known of the candidates behind the last that takes something for sure.
    while last >= first and not (search.candidates[last].spread and search.cap_totals[last] > search.weights[last] > 0):
        last -= 1
    for index in range(<int32_t>maximum(first, search.last_rehearsed + 1), last + 1):
        if search.weights[index]:
            add_takeable(basket, search, index, False)


cdef bint find_sure(Search* search, const Candidate* candidate, int64_t* left) noexcept nogil:
    """Bounds from below what a candidate takes of each line: its share, where candidates before it leave room for that.
    ``left`` becomes what is spread beyond.

    True when no line gives more than twice its share: all lines with room give that before one gives more, and the
    doubled shares add up to all that is spread.
    """
    cdef const Cap* cap
    cdef int64_t sum = 0, doubled = 0, room
    cdef int32_t place
    search.work += COST_CAP * candidate.cap_count
    for place in range(candidate.first_cap, candidate.first_cap + candidate.cap_count):
        cap = &search.caps[place]
        room = search.rooms[cap.column] - cap.unusable - search.takeable[cap.column]
        search.sure[place] = maximum(0, minimum(minimum(cap.share, search.amounts[place]), room))
        sum += search.sure[place]
        doubled += maximum(0, minimum(2 * cap.share, room))
    doubled -= left[0]
    left[0] = maximum(0, left[0] - sum)
    return doubled >= 0


cdef inline int64_t twice(const Cap* cap, const Candidate* candidate) noexcept nogil:
    """At least twice its share, which may have been rounded down by as many minor units as there are lines."""
    return 2 * cap.share + 3 * (candidate.cap_count + 1)


cdef bint may_improve(const Basket* basket, Search* search, int32_t first, int64_t* most) noexcept nogil:
    """Whether the set at hand, with open candidates from the first on, may be better than the incumbent. ``most``
    becomes what it may save beyond that.
    """
    cdef const Vector* best = &search.best_vector
    cdef Vector bound = search.vector
    cdef const uint64_t* open = open_row(search)
    cdef const Vector* may
    cdef int64_t difference
    cdef int32_t index
    bound.saving += upper_bound(basket, search, first)
    # The sets below this node are also below the nodes above it.
    bound.saving = minimum(bound.saving, search.bound)
    most[0] = bound.saving - best.saving
    if most[0]:
        return most[0] > 0
    for index in range(first, search.count):
        if contains(open, index):
            may = &search.candidates[index].most
            bound.credit += may.credit
            bound.points += may.points
            bound.gifts += may.gifts
            bound.effects += may.effects
    difference = compare(&bound, best)
    if difference:
        return difference > 0
    bound.promotions += fewest(search, best.saving - search.vector.saving)
    if bound.promotions != best.promotions:
        return bound.promotions < best.promotions
    # With all else equal, the first promotion in which the sets differ decides.
    index = first_difference(search.chosen, search.best, search.words)
    return not 0 <= index < first or contains(search.chosen, index)


cdef int64_t fewest(Search* search, int64_t saving) noexcept nogil:
    """The fewest candidates that can save so much: the best of each clique, largest first."""
    cdef int64_t count = 0
    cdef int32_t place, index, clique
    cdef int32_t cliques = 0
    cdef int64_t* best = search.tops
    if saving <= 0:
        return 0
    for index in range(search.count):
        best[index] = 0
    for index in range(search.count):
        clique = search.candidates[index].clique
        best[clique] = maximum(best[clique], search.weights[index])
        cliques = <int32_t>maximum(cliques, clique + 1)
    while saving > 0 and count <= cliques:
        search.work += pair_cost(cliques)
        place = 0
        for index in range(cliques):
            if best[index] > best[place]:
                place = index
        saving -= best[place]
        best[place] = 0
        count += 1
    return count
