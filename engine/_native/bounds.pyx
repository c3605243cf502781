# Everything here is C: see bounds.pxd.
"""Whether sets that begin with the one at hand may be better than the best one found (docs/search.md)."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.artifact cimport Per
from engine._native.basket cimport Basket, Line, Run, room_of
from engine._native.bits cimport WORD, Walk, below, first_difference, highest_bit, is_in, next_of, walk_through
from engine._native.candidates cimport (
    NO_SET, OF_CANDIDATE, OF_CAP, OF_LOOSE_CAP, OF_MEASURED_LINE, OF_NODE, OF_UNCLAIMED, OF_WORD, Candidate, Cap,
    Search, Taken, Vector, Worth, amounts_of, caps_of, columns_of, compare, is_overdrawn, of_pairs, open_row, parts_of,
    sure_of, weights_of,
)
from engine._native.cliques cimport most_together
from engine._native.money cimport WHOLE, int128, maximum, minimum
from engine._native.rates cimport relax_all
from engine._native.rehearsal cimport begin_rehearsal, is_sure_to_take
from engine._native.runs cimport least_of, most_of
from engine._native.ways cimport lose_sight_of, worth_in_turn


cdef enum:
    SHALLOW = 2                   # depths whose nodes are always asked: what they promise is the gap
    UNASKED = 8                   # nodes of which one is asked all the same


cdef int64_t most_saved(const Basket* basket, Search* search, int32_t first) noexcept nogil:
    """The most that the open candidates from the first on may save together; ``parts`` says what each adds to that."""
    cdef int64_t best, together, enough = search.best_vector.saving - search.vector.saving
    search.weights = weights_of(search, search.depth)
    search.parts = parts_of(search, search.depth)
    search.work += OF_NODE
    if search.weighed and search.remembers:
        return most_of_others(search, first)
    search.yields[search.depth] = 0
    measure_columns(basket, search)
    if not weigh(basket, search, first):
        return NO_SET - search.vector.saving
    memcpy(search.parts, search.weights, search.count * sizeof(int64_t))
    best = together = most_together(search, search.weights)
    if best < enough or is_overdrawn(search, 0) or is_hopeless(search, best - enough):
        return best
    take_last(basket, search, first)
    relax_all(basket, search, enough, &best)
    search.reduction = together - best
    return best


cdef void measure(const Basket* basket, Search* search) noexcept nogil:
    """Says what each open candidate may save, and take."""
    weigh(basket, search, 0)
    take_last(basket, search, 0)


cdef int64_t most_of_others(Search* search, int32_t first) noexcept nogil:
    """The same at a node that was weighed, of which the candidates before the first are no longer looked at."""
    memset(search.weights, 0, first * sizeof(int64_t))
    memset(search.parts, 0, first * sizeof(int64_t))
    return search.yields[search.depth] + most_together(search, search.parts)


cdef bint is_hopeless(Search* search, int64_t excess) noexcept nogil:
    """Whether rates are not asked, for it takes far more than they brought last; they are now and then all the same.
    """
    if search.audited or search.depth < SHALLOW or not search.rated[search.level] or excess <= 2 * search.reduction:
        return False
    search.unasked += 1
    return search.unasked % UNASKED != 0


cdef void measure_columns(const Basket* basket, Search* search) noexcept nogil:
    """What may be taken of every column as the basket stands, and claimed."""
    cdef int32_t index
    cdef Walk walk = walk_through(basket.journal.stale, basket.word_count)
    while next_of(&walk, &index):
        search.rooms[index] = room_of(&basket.lines[index])
        search.work += OF_MEASURED_LINE
        if search.claimer_count:
            search.work += OF_UNCLAIMED
            count_unclaimed(basket, search, index)
    memset(basket.journal.stale, 0, basket.word_count * sizeof(uint64_t))
    for index in range(basket.shipment_count):
        search.rooms[basket.line_count + index] = basket.shipments[index].charge


cdef void count_unclaimed(const Basket* basket, Search* search, int32_t index) noexcept nogil:
    """How many units of a line are not claimed, and what one of them may give. What the line owes is off their prices.
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
    """The most that each candidate may still save by itself; nothing when it is not open. False when one that is forced
    can save nothing.
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
    search.frames[search.depth].settled = False
    for index in range(first, search.count):
        candidate = &search.candidates[index]
        search.work += OF_CANDIDATE
        certain = False
        weight = candidate.most.saving
        search.weights[index] = 0
        if weight == 0 or not is_in(open, index):
            if is_in(search.forced, index):
                return False
            continue
        if is_overdrawn(search, 0):
            search.weights[index] = weight
            settled = settled and not candidate.claimed
            continue
        if is_in(search.rehearsed, index):
            while search.claimers[place] != index:
                place += 1
            worth = worth_in_turn(basket, search, place, is_in(search.forced, index))
            certain = worth.certain
            weight = minimum(weight, worth.saving)
            if is_in(search.forced, index):
                if weight == 0:
                    return False
                settled = settled and is_settled(search, candidate, &worth)
            elif weight == 0:
                continue
        elif candidate.claimed:
            settled = False
            if index < search.last_rehearsed and candidate.layer == search.layer:
                lose_sight_of(basket, search, index)
        search.weights[index] = capped(basket, search, index, weight, certain)
        if index <= search.last_rehearsed:
            take(basket, search, index, True)
    search.frames[search.depth].settled = settled
    return True


cdef bint is_settled(Search* search, const Candidate* candidate, const Worth* worth) noexcept nogil:
    """Whether a forced candidate claims the same units, whatever others take."""
    if not worth.certain or not worth.settled:
        return False
    if not candidate.gets:
        return True
    search.work += OF_CAP * <int64_t>candidate.claim_count
    return is_sure_to_take(search, candidate)


cdef int64_t capped(
    const Basket* basket, Search* search, int32_t index, int64_t weight, bint certain
) noexcept nogil:
    """The most that a candidate may save by what its columns have left, no more than so much; says what these come to.
    ``certain``: it was rehearsed.
    """
    cdef const Candidate* candidate = &search.candidates[index]
    cdef bint later = candidate.layer != search.layer
    search.totals[index] = weight
    if candidate.cap_count < 0:
        return weight
    search.totals[index] = measure_caps(search, candidate, certain)
    if later:
        search.totals[index] = measure_later(basket, search, candidate, search.totals[index])
    weight = minimum(weight, search.totals[index])
    if later and candidate.percent and candidate.per == Per.ORDER:
        weight = minimum(weight, most_of_percentage(basket, search, candidate))
    search.work += OF_CAP * candidate.cap_count
    return weight


cdef int32_t last_rehearsed(const Search* search, int32_t first) noexcept nogil:
    """The last open candidate that is rehearsed, for which it matters what others take; -1 when there is none."""
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
    """Says what may be taken of each of its columns; returns what that comes to. ``certain``: it was rehearsed."""
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
    """The same of a later layer, whose columns cost no more when it begins than now."""
    cdef const int32_t* columns = columns_of(search, candidate)
    cdef int64_t* amounts = amounts_of(search, candidate)
    cdef int64_t most
    cdef int32_t place
    if candidate.price < 0 and (candidate.percent == 0 or candidate.per == Per.ORDER):
        return sum
    sum = 0
    search.work += OF_LOOSE_CAP * candidate.cap_count
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
    """What a percentage of all columns together comes to at most then."""
    cdef int64_t base = candidate.full
    cdef int32_t column
    for column in columns_of(search, candidate)[:candidate.cap_count]:
        base += cost_of(basket, search, column)
    return percentage_of(candidate, base)


cdef inline int64_t cost_of(const Basket* basket, const Search* search, int32_t column) noexcept nogil:
    return search.rooms[column] + (basket.lines[column].least if column < basket.line_count else 0)


cdef inline int64_t percentage_of(const Candidate* candidate, int64_t base) noexcept nogil:
    """Rounded up, and one more, since it may be rounded with the error of what came before."""
    return <int64_t>(<int128>base * <int128>candidate.percent // <int128>WHOLE) + 2


cdef int64_t above_price(const Line* line, int64_t price) noexcept nogil:
    """What the units of a line cost more than so much each."""
    cdef const Run* run
    cdef int64_t total = 0
    if line.run_count == 1:
        # Its units differ by no more than one.
        return maximum(0, line.subtotal - price * line.quantity)
    for run in line.runs[:line.run_count]:
        total += maximum(0, run.price - price) * run.count
    return total


cdef void take(const Basket* basket, Search* search, int32_t index, bint telling) noexcept nogil:
    """Adds what the candidate may take of each column: what is not sure may all be of one.

    ``telling``: unless it claims units, that is added to what those take that do not.
    """
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const int32_t* columns = columns_of(search, candidate)
    cdef int64_t* amounts = amounts_of(search, candidate)
    cdef const int64_t* sure = sure_of(search, candidate)
    cdef int64_t left = search.weights[index], amount
    cdef Taken* taken
    cdef int32_t place
    cdef bint all_of_them = search.totals[index] <= left, doubled = False
    telling = telling and not candidate.claimed
    if candidate.cap_count < 0:
        search.work += OF_WORD * (basket.word_count - 1)
        for place in range(basket.line_count + basket.shipment_count if candidate.layer == search.layer else 0):
            search.takeable[place] += search.rooms[place]
            if telling:
                search.by_others[place].amount += search.rooms[place]
        return
    search.work += OF_CAP * candidate.cap_count
    if candidate.spread and not all_of_them:
        doubled = tell_sure(search, candidate, &left)
    for place in range(candidate.cap_count):
        amount = amounts[place]
        if not all_of_them:
            amount = minimum(amount, sure[place] + left)
            if doubled:
                amount = minimum(amount, twice(&caps_of(search, candidate)[place], candidate))
            amounts[place] = amount
        search.takeable[columns[place]] += amount
        if telling:
            taken = &search.by_others[columns[place]]
            taken.amount += amount
            if candidate.even:
                taken.even += amount
                taken.even_count += 1


cdef void take_last(const Basket* basket, Search* search, int32_t first) noexcept nogil:
    """Says what is taken for sure by those that were not looked at when they were weighed."""
    cdef int32_t index, last = search.count - 1
    # Of those behind the last that takes something for sure nothing need be known.
    while last >= first and not (search.candidates[last].spread and search.totals[last] > search.weights[last] > 0):
        last -= 1
    for index in range(<int32_t>maximum(first, search.last_rehearsed + 1), last + 1):
        if search.weights[index]:
            take(basket, search, index, False)


cdef bint tell_sure(Search* search, const Candidate* candidate, int64_t* left) noexcept nogil:
    """Says what it takes of each column for sure: its share, where those before leave it; ``left`` becomes what is not
    sure of so much.

    True when no line gives more than twice its share: all that have room for it give that before one gives more, and
    these come to all that is spread.
    """
    cdef const Cap* cap
    cdef int64_t sum = 0, doubled = 0, room
    cdef int32_t place
    search.work += OF_CAP * candidate.cap_count
    for place in range(candidate.first_cap, candidate.first_cap + candidate.cap_count):
        cap = &search.caps[place]
        room = search.rooms[cap.column] - cap.beyond - search.takeable[cap.column]
        search.sure[place] = maximum(0, minimum(minimum(cap.share, search.amounts[place]), room))
        sum += search.sure[place]
        doubled += maximum(0, minimum(2 * cap.share, room))
    doubled -= left[0]
    left[0] = maximum(0, left[0] - sum)
    return doubled >= 0


cdef inline int64_t twice(const Cap* cap, const Candidate* candidate) noexcept nogil:
    """No less than twice its share, which is known but for as many minor units as there are lines."""
    return 2 * cap.share + 3 * (candidate.cap_count + 1)


cdef bint promises(const Basket* basket, Search* search, int32_t first, int64_t* most) noexcept nogil:
    """Whether a set of those granted and some open candidates from the first on may be better than the best one found.

    ``most`` is what it may save beyond that one.
    """
    cdef const Vector* best = &search.best_vector
    cdef Vector bound = search.vector
    cdef const uint64_t* open = open_row(search)
    cdef const Vector* may
    cdef int64_t difference
    cdef int32_t index
    bound.saving += most_saved(basket, search, first)
    search.read = bound.saving
    # Sets above this one had the same ones below them.
    bound.saving = minimum(bound.saving, search.bound)
    most[0] = bound.saving - best.saving
    if most[0]:
        return most[0] > 0
    for index in range(first, search.count):
        if is_in(open, index):
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
    # All is equal: the first promotion in which they differ decides.
    index = first_difference(search.chosen, search.best, search.words)
    return not 0 <= index < first or is_in(search.chosen, index)


cdef int64_t fewest(Search* search, int64_t saving) noexcept nogil:
    """How many candidates it takes at least to save so much."""
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
        search.work += of_pairs(cliques)
        place = 0
        for index in range(cliques):
            if best[index] > best[place]:
                place = index
        saving -= best[place]
        best[place] = 0
        count += 1
    return count
