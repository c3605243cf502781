# Everything here is C: see bounds.pxd.
"""Whether sets that begin with the one at hand may be better than the best one found (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.basket cimport Basket, Line, Run, lowest_bit
from engine._native.candidates cimport GAIN, MOST_PARTS, Candidate, Cap, Claim, Search, Vector, drop, is_in, put
from engine._native.money cimport int128, maximum, minimum


cdef enum:
    ROUNDS = 3                    # in which columns are said to be full
    COVERED_WORDS = 4
    MOST_COVERED = 256            # candidates whose conflicts are all looked at


cdef void measure_rooms(const Basket* basket, Search* search) noexcept nogil:
    """What may be taken of every column as the basket stands."""
    cdef int32_t index
    cdef const Line* line
    for index in range(basket.line_count):
        line = &basket.lines[index]
        search.rooms[index] = line.subtotal - search.floors[index]
    for index in range(basket.shipment_count):
        search.rooms[basket.line_count + index] = basket.shipments[index].charge


cdef void form_cliques(Search* search) noexcept nogil:
    """Puts the candidates into cliques, greedily: those that may save most first, each into the first that it fits."""
    cdef int32_t place, index, clique, cliques = 0, words = search.words
    cdef uint64_t* members = search.cliques
    cdef const uint64_t* conflicts
    for index in range(search.count):
        search.by_saving[index] = index
    sort_by_saving(search)
    for place in range(search.count):
        index = search.by_saving[place]
        conflicts = &search.conflicts[<int64_t>index * words]
        clique = cliques
        if has_any(conflicts, words):
            for clique in range(cliques + 1):
                if clique == cliques or holds_all(conflicts, &members[<int64_t>clique * words], words):
                    break
        if clique == cliques:
            memset(&members[<int64_t>clique * words], 0, words * sizeof(uint64_t))
            cliques += 1
        put(&members[<int64_t>clique * words], index)
        search.candidates[index].clique = clique
    sort_by_density(search)
    # By clique: counting places.
    for index in range(cliques + 1):
        search.columns[index] = 0
    for index in range(search.count):
        search.columns[search.candidates[index].clique + 1] += 1
    for index in range(cliques):
        search.columns[index + 1] += search.columns[index]
    for index in range(search.count):
        clique = search.candidates[index].clique
        search.order[search.columns[clique]] = index
        search.columns[clique] += 1


cdef void sort_by_saving(Search* search) noexcept nogil:
    """Shell sort of the candidates."""
    cdef int32_t gap = 1, place, hole, index
    while gap < search.count // 3:
        gap = gap * 3 + 1
    while gap:
        for place in range(gap, search.count):
            index = search.by_saving[place]
            hole = place
            while hole >= gap and saves_more(search, index, search.by_saving[hole - gap]):
                search.by_saving[hole] = search.by_saving[hole - gap]
                hole -= gap
            search.by_saving[hole] = index
        gap //= 3


cdef void sort_by_density(Search* search) noexcept nogil:
    """Those first that save most by each unit they claim."""
    cdef int32_t place, hole, index
    cdef int64_t rate
    for index in range(search.count):
        search.by_density[index] = index
        rate = maximum(1, search.candidates[index].claimed)
        search.weights[index] = search.candidates[index].most.saving // rate
    for place in range(1, search.count):
        index = search.by_density[place]
        hole = place
        while hole and search.weights[search.by_density[hole - 1]] < search.weights[index]:
            search.by_density[hole] = search.by_density[hole - 1]
            hole -= 1
        search.by_density[hole] = index


cdef inline bint saves_more(const Search* search, int32_t left, int32_t right) noexcept nogil:
    if search.candidates[left].most.saving != search.candidates[right].most.saving:
        return search.candidates[left].most.saving > search.candidates[right].most.saving
    return left < right


cdef bint has_any(const uint64_t* row, int32_t words) noexcept nogil:
    cdef int32_t word
    for word in range(words):
        if row[word]:
            return True
    return False


cdef bint holds_all(const uint64_t* row, const uint64_t* members, int32_t words) noexcept nogil:
    cdef int32_t word
    for word in range(words):
        if members[word] & ~row[word]:
            return False
    return True


cdef int64_t most_saved(const Basket* basket, Search* search, int32_t first) noexcept nogil:
    """The most that the open candidates from the first on may save together."""
    cdef int64_t best, total, enough = search.best_vector.saving - search.vector.saving
    cdef int32_t _
    measure_rooms(basket, search)
    if search.claiming:
        count_unclaimed(basket, search)
    weigh(basket, search, first)
    memcpy(search.tops, search.weights, search.count * sizeof(int64_t))
    best = most_together(search, search.tops)
    if best < enough:
        return best
    if search.claiming:
        memset(search.prices, 0, basket.line_count * sizeof(int64_t))
    total = relaxed(basket, search)
    best = minimum(best, total)
    if search.claiming and best >= enough and price_claims(basket, search):
        total = relaxed(basket, search)
        if total >= best:
            memset(search.prices, 0, basket.line_count * sizeof(int64_t))
        best = minimum(best, total)
    for _ in range(ROUNDS):
        if best < enough or not price_columns(basket, search):
            break
        total = relaxed(basket, search)
        if total >= best:
            break
        best = total
    return best


cdef int64_t most_together(Search* search, int64_t* savings) noexcept nogil:
    """The most that candidates may save which go together, each so much; uses the savings up.

    Every one is paid for by the cliques that it is in, together: of a clique at most one applies, so what all of them
    are paid bounds any set. Beginning with the smallest saving left, a clique of its conflicts pays that to each.
    """
    cdef int64_t total = 0, paid
    cdef uint64_t left[COVERED_WORDS]
    cdef uint64_t common[COVERED_WORDS]
    cdef uint64_t bits
    cdef const uint64_t* conflicts
    cdef int32_t index, word, least, count = search.count
    if count > MOST_COVERED:
        return most_of_cliques(search, savings)
    memset(left, 0, sizeof(left))
    for index in range(count):
        if savings[index] > 0:
            put(left, index)
    while True:
        least = -1
        for word in range(search.words):
            bits = left[word]
            while bits:
                index = word * 64 + lowest_bit(bits)
                bits &= bits - 1
                if least < 0 or savings[index] < savings[least]:
                    least = index
        if least < 0:
            return total
        paid = savings[least]
        total += paid
        drop(left, least)
        conflicts = &search.conflicts[<int64_t>least * search.words]
        for word in range(search.words):
            common[word] = left[word] & conflicts[word]
        # Those that save most first: they have most left to be paid.
        while True:
            index = largest_of(search, savings, common)
            if index < 0:
                break
            savings[index] -= paid
            if savings[index] == 0:
                drop(left, index)
            conflicts = &search.conflicts[<int64_t>index * search.words]
            for word in range(search.words):
                common[word] &= conflicts[word]


cdef inline int32_t largest_of(const Search* search, const int64_t* savings, const uint64_t* row) noexcept nogil:
    cdef int32_t word, index, largest = -1
    cdef uint64_t bits
    for word in range(search.words):
        bits = row[word]
        while bits:
            index = word * 64 + lowest_bit(bits)
            bits &= bits - 1
            if largest < 0 or savings[index] > savings[largest]:
                largest = index
    return largest


cdef int64_t most_of_cliques(const Search* search, const int64_t* savings) noexcept nogil:
    """The same with the cliques formed at the start, for very many candidates."""
    cdef int64_t total = 0, most
    cdef int32_t place = 0, clique
    while place < search.count:
        clique = search.candidates[search.order[place]].clique
        most = 0
        while place < search.count and search.candidates[search.order[place]].clique == clique:
            most = maximum(most, savings[search.order[place]])
            place += 1
        total += most
    return total


cdef void count_unclaimed(const Basket* basket, Search* search) noexcept nogil:
    cdef int32_t index
    cdef int64_t units
    cdef const Line* line
    cdef const Run* run
    for index in range(basket.line_count):
        line = &basket.lines[index]
        units = 0
        for run in basket.runs[line.first_run:line.first_run + line.run_count]:
            if not run.claimed:
                units += run.count
        search.unclaimed[index] = units


cdef void weigh(const Basket* basket, Search* search, int32_t first) noexcept nogil:
    """The most that each candidate may still save by itself; nothing when it is not open."""
    cdef const uint64_t* open = &search.open[<int64_t>search.depth * search.words]
    cdef const Candidate* candidate
    cdef const Cap* cap
    cdef int64_t weight, sum
    cdef int32_t index
    memset(search.weights, 0, search.count * sizeof(int64_t))
    if search.claiming:
        memset(search.reachable, 0, basket.line_count * sizeof(int64_t))
    for index in range(first, search.count):
        candidate = &search.candidates[index]
        weight = candidate.most.saving
        if weight == 0 or not is_in(open, index):
            continue
        if candidate.layer == search.layer and candidate.claimed:
            search.claiming_units[index] = candidate.claimed
            if candidate.claim_count >= 0:
                weight = minimum(weight, most_of_claims(
                    search, candidate, claimed_before(search, first, index), &search.claiming_units[index]
                ))
                if weight == 0:
                    continue
            reach_lines(basket, search, candidate, search.claiming_units[index])
        sum = weight
        if candidate.cap_count >= 0:
            sum = 0
            for cap in search.caps[candidate.first_cap:candidate.first_cap + candidate.cap_count]:
                sum += minimum(cap.amount, search.rooms[cap.column])
            weight = minimum(weight, sum)
            search.looked += candidate.cap_count
        search.totals[index] = sum
        search.weights[index] = weight


cdef int64_t claimed_before(Search* search, int32_t first, int32_t index) noexcept nogil:
    """How many units that a candidate may claim others may claim before its turn: of a clique, one of them."""
    cdef const uint64_t* conflicts = &search.conflicts[<int64_t>index * search.words]
    cdef const int32_t* claims_on = NULL
    cdef int64_t* most = search.tops
    cdef int64_t claimed = 0, units
    cdef int32_t other, clique
    if search.claims_on != NULL:
        claims_on = &search.claims_on[<int64_t>index * search.room]
    for other in range(first, index):
        most[search.candidates[other].clique] = 0
    for other in range(first, index):
        if not search.weights[other] or not search.candidates[other].claimed or is_in(conflicts, other):
            continue
        if search.candidates[other].layer != search.layer:
            continue
        units = search.claiming_units[other]
        if claims_on != NULL:
            units = minimum(units, claims_on[other])
        clique = search.candidates[other].clique
        if units > most[clique]:
            claimed += units - most[clique]
            most[clique] = units
    return claimed


cdef void reach_lines(
    const Basket* basket, Search* search, const Candidate* candidate, int64_t claiming
) noexcept nogil:
    """Adds to each line how many of its units the candidate may claim."""
    cdef const Claim* claim
    cdef int64_t sets = claiming, of_set = 0, units
    cdef int32_t part, index
    if candidate.claim_count < 0:
        for index in range(basket.line_count):
            search.reachable[index] += claiming
        return
    for part in range(candidate.part_count):
        of_set += candidate.sizes[part]
    sets //= of_set
    for claim in search.claims[candidate.first_claim:candidate.first_claim + candidate.claim_count]:
        units = 0
        for part in range(candidate.part_count):
            if claim.parts >> part & 1:
                units += candidate.sizes[part]
        search.reachable[claim.column] += units * sets


cdef inline bint is_claiming(const Search* search, const Candidate* candidate) noexcept nogil:
    """Whether what it may claim is listed, and is that of the layer at hand."""
    return candidate.claim_count >= 0 and candidate.layer == search.layer


cdef int64_t most_of_claims(
    const Search* search, const Candidate* candidate, int64_t claimed, int64_t* claiming
) noexcept nogil:
    """The most that a candidate may save by units not claimed yet, when others may claim so many before its turn.

    Says how many it may claim itself.
    """
    cdef const Claim* claims = &search.claims[candidate.first_claim]
    cdef const Claim* claim
    cdef int64_t available[MOST_PARTS]
    cdef int64_t units = 0, of_set = 0, sets = candidate.repeat, left, taken, gain = 0
    cdef int32_t part
    for part in range(candidate.part_count):
        available[part] = 0
    for claim in claims[:candidate.claim_count]:
        taken = search.unclaimed[claim.column]
        if taken:
            units += taken
            for part in range(candidate.part_count):
                if claim.parts >> part & 1:
                    available[part] += taken
    for part in range(candidate.part_count):
        of_set += candidate.sizes[part]
        sets = minimum(sets, available[part] // candidate.sizes[part])
    sets = minimum(sets, units // of_set)
    if sets == 0:
        return 0
    for part in range(candidate.part_count):
        if candidate.gets and part == 0:
            continue
        left = sets * candidate.sizes[part]
        if candidate.cheapest_first:
            gain += gain_of_cheapest(search, candidate, part, claimed, left, available[part])
            continue
        for claim in claims[:candidate.claim_count]:
            if claim.parts >> part & 1:
                taken = minimum(search.unclaimed[claim.column], left)
                gain += taken * claim.gain
                left -= taken
                if left == 0:
                    break
    if candidate.gets and candidate.cheapest_first and candidate.fixed:
        gain = minimum(gain, given_by_first(search, candidate, sets * candidate.sizes[1] + claimed))
    claiming[0] = sets * of_set
    gain = (gain + candidate.rounding) // GAIN
    if candidate.of_set < gain // sets + 1:
        gain = minimum(gain, candidate.of_set * sets)
    return gain


cdef int64_t gain_of_cheapest(
    const Search* search, const Candidate* candidate, int32_t part, int64_t claimed, int64_t units, int64_t available
) noexcept nogil:
    """The most that so many units of a part save that are the cheapest when its turn comes.

    Others may claim so many before, the cheapest of them if they reach them; sets may be passed over.
    """
    cdef const Claim* claim
    cdef int32_t place = candidate.first_claim + candidate.claim_count
    cdef int64_t left = available, skip = 0, here, gain = 0
    if not candidate.gets:
        skip = candidate.passed * candidate.sizes[part] + (
            candidate.passed + units // candidate.sizes[part]
        ) * candidate.shared[part]
    while units and place > candidate.first_claim:
        place -= 1
        claim = &search.claims[place]
        if not claim.parts >> part & 1:
            continue
        here = search.unclaimed[claim.column]
        # There are enough of them in the end: no more are claimed or passed over.
        left = minimum(minimum(here, search.reachable[claim.column]), minimum(claimed, available - units))
        claimed -= left
        available -= left
        here -= left
        left = minimum(minimum(here, skip), available - units)
        skip -= left
        available -= left
        here -= left
        left = minimum(here, units)
        units -= left
        available -= left
        gain += left * claim.gain
    return gain


cdef int64_t given_by_first(const Search* search, const Candidate* candidate, int64_t units) noexcept nogil:
    """What so many of the cheapest units not claimed yet may give, in parts of a minor unit."""
    cdef int32_t place = candidate.first_claim + candidate.claim_count
    cdef const Claim* claim
    cdef int64_t taken, given = 0
    while place > candidate.first_claim and units:
        place -= 1
        claim = &search.claims[place]
        if claim.parts & 2:
            taken = minimum(units, search.unclaimed[claim.column])
            given += taken * claim.give
            units -= taken
    return given


cdef bint price_claims(const Basket* basket, Search* search) noexcept nogil:
    """Puts a price on claiming a unit of each line of which more units are sought than there are; False for none.

    It is what the last one saves on it that would find a unit left, those served first that save most.
    """
    cdef int64_t* sought = search.sums
    cdef int64_t* served = search.counts
    cdef const Candidate* candidate
    cdef const Claim* claim
    cdef int64_t units, ratio, unclaimed
    cdef int32_t index
    cdef bint serving, any = False
    memset(sought, 0, basket.line_count * sizeof(int64_t))
    memset(served, 0, basket.line_count * sizeof(int64_t))
    for serving in range(2):
        for index in search.by_density[:search.count]:
            candidate = &search.candidates[index]
            if not search.weights[index] or not is_claiming(search, candidate):
                continue
            units = 0
            for claim in search.claims[candidate.first_claim:candidate.first_claim + candidate.claim_count]:
                units += search.unclaimed[claim.column]
            ratio = minimum(units, search.claiming_units[index]) * GAIN // maximum(1, units)
            for claim in search.claims[candidate.first_claim:candidate.first_claim + candidate.claim_count]:
                unclaimed = search.unclaimed[claim.column]
                if not serving:
                    sought[claim.column] += unclaimed * ratio
                elif sought[claim.column] > unclaimed * GAIN > served[claim.column]:
                    served[claim.column] += unclaimed * ratio
                    if served[claim.column] >= unclaimed * (GAIN - 1):
                        search.prices[claim.column] = claim.density
                        any = True
    return any


cdef int64_t relaxed(const Basket* basket, Search* search) noexcept nogil:
    """The most that is saved when columns are full or without limit, and units to claim have a price.

    A full column yields all that it has room for, whatever takes it; an unlimited one what each candidate may take. A
    unit yields its price, whoever claims it. Says what columns are asked for.
    """
    cdef int32_t width = basket.line_count + basket.shipment_count
    cdef int32_t place, index
    cdef int64_t total = 0, paid = 0, saving, sum, ratio
    cdef int64_t* savings = search.tops
    cdef int64_t* sought = search.sums
    cdef const Candidate* candidate
    cdef const Cap* cap
    for index in range(width):
        if search.full[index]:
            total += search.rooms[index]
    if search.claiming:
        for index in range(basket.line_count):
            paid += search.prices[index] * search.unclaimed[index]
        total += (paid + GAIN - 1) // GAIN
    memset(sought, 0, width * sizeof(int64_t))
    memset(search.wanted, 0, search.words * sizeof(uint64_t))
    for place in range(search.count):
        index = search.by_saving[place]
        saving = search.weights[index]
        savings[index] = saving
        if saving == 0:
            continue
        candidate = &search.candidates[index]
        if candidate.cap_count >= 0:
            sum = 0
            for cap in search.caps[candidate.first_cap:candidate.first_cap + candidate.cap_count]:
                if not search.full[cap.column]:
                    sum += minimum(cap.amount, search.rooms[cap.column])
            saving = minimum(saving, sum)
        if paid and saving and is_claiming(search, candidate):
            saving = minimum(saving, saved_beyond(search, candidate, search.weights[index]))
        savings[index] = saving
        # What is asked for: by those that save most and go together.
        if candidate.cap_count > 0 and search.totals[index] and goes_along(search, index):
            put(search.wanted, index)
            ratio = <int64_t>(<int128>search.weights[index] * <int128>GAIN // <int128>search.totals[index])
            for cap in search.caps[candidate.first_cap:candidate.first_cap + candidate.cap_count]:
                sought[cap.column] += minimum(cap.amount, search.rooms[cap.column]) * ratio // GAIN
    return total + most_together(search, savings)


cdef bint goes_along(const Search* search, int32_t index) noexcept nogil:
    cdef const uint64_t* conflicts = &search.conflicts[<int64_t>index * search.words]
    cdef int32_t word
    for word in range(search.words):
        if search.wanted[word] & conflicts[word]:
            return False
    return True


cdef int64_t saved_beyond(const Search* search, const Candidate* candidate, int64_t most) noexcept nogil:
    """What a candidate may save beyond the prices of the units that it claims."""
    cdef const Claim* claim
    cdef int64_t sum = candidate.rounding, price, least = GAIN
    for claim in search.claims[candidate.first_claim:candidate.first_claim + candidate.claim_count]:
        if claim.density and search.unclaimed[claim.column]:
            price = search.prices[claim.column]
            if price < claim.density:
                sum += (claim.density - price) * search.unclaimed[claim.column]
                least = minimum(least, <int64_t>(<int128>price * <int128>GAIN // <int128>claim.density))
    sum = (sum + GAIN - 1) // GAIN
    most -= <int64_t>(<int128>most * <int128>least // <int128>GAIN)
    return minimum(sum, most + (candidate.rounding + GAIN - 1) // GAIN)


cdef bint price_columns(const Basket* basket, Search* search) noexcept nogil:
    """Columns asked for more than they have room for are full; False when nothing changes."""
    cdef int32_t index
    cdef bint full, changed = False
    for index in range(basket.line_count + basket.shipment_count):
        full = search.sums[index] > search.rooms[index]
        changed = changed or full != search.full[index]
        search.full[index] = full
    return changed


cdef bint promises(const Basket* basket, Search* search, int32_t first, int64_t* most) noexcept nogil:
    """Whether a set of those granted and some open candidates from the first on may be better than the best one found.

    ``most`` is what it may save beyond that one.
    """
    cdef const Vector* best = &search.best_vector
    cdef Vector bound = search.vector
    cdef const uint64_t* open = &search.open[<int64_t>search.depth * search.words]
    cdef const Vector* may
    cdef int32_t index, word
    cdef uint64_t difference
    bound.saving += most_saved(basket, search, first)
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
    if bound.credit != best.credit:
        return bound.credit > best.credit
    if bound.points != best.points:
        return bound.points > best.points
    if bound.gifts != best.gifts:
        return bound.gifts > best.gifts
    if bound.effects != best.effects:
        return bound.effects > best.effects
    bound.promotions += fewest(search, best.saving - search.vector.saving)
    if bound.promotions != best.promotions:
        return bound.promotions < best.promotions
    # All is equal: the first promotion in which they differ decides.
    for word in range(search.words):
        difference = search.chosen[word] ^ search.best[word]
        if word == first >> 6:
            difference &= (<uint64_t>1 << (first & 63)) - 1
        elif word > first >> 6:
            break
        if difference:
            return search.chosen[word] & difference & -difference != 0
    return True


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
        place = 0
        for index in range(cliques):
            if best[index] > best[place]:
                place = index
        saving -= best[place]
        best[place] = 0
        count += 1
    return count
