# Everything here is C: see bounds.pxd.
"""Whether sets that begin with the one at hand may be better than the best one found (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memset

from engine._native.basket cimport Basket, Line, Run
from engine._native.candidates cimport GAIN, MOST_PARTS, Candidate, Cap, Claim, Clique, Search, Vector, is_in, put
from engine._native.money cimport maximum, minimum


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
    cdef const uint64_t* open = &search.open[<int64_t>search.depth * search.words]
    cdef const Candidate* candidate
    cdef int64_t total = 0, most
    cdef int32_t place = 0, end, index, members, member = 0, pending = 0, clique, round
    cdef int32_t width = basket.line_count + basket.shipment_count
    cdef Clique* group
    measure_rooms(basket, search)
    if search.claiming:
        count_unclaimed(basket, search)
    weigh(basket, search, first)
    memset(search.sums, 0, width * sizeof(int64_t))
    # Those alone in their clique that may take all that their columns have room for load these.
    while place < search.count:
        clique = search.candidates[search.order[place]].clique
        members = 0
        most = 0
        end = place
        while end < search.count and search.candidates[search.order[end]].clique == clique:
            index = search.order[end]
            end += 1
            if search.weights[index]:
                members += 1
                member = index
                most = maximum(most, search.weights[index])
        if members == 1 and is_uncapped(search, member):
            candidate = &search.candidates[member]
            total += load(search, candidate)
        elif members:
            group = &search.pending[pending]
            group.first = place
            group.end = end
            group.most = most
            group.paid = True
            pending += 1
        place = end
    # The others: what they may save, or what of it their columns still have. What one loads others find loaded.
    for group in search.pending[:pending]:
        total += group.most
    for round in range(2):
        for group in search.pending[:pending]:
            if group.paid:
                total -= load_group(search, group)
    if search.claiming:
        total -= saved_by_claims(basket, search, pending)
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
    """The most that each candidate may still save; nothing when it is not open."""
    cdef const uint64_t* open = &search.open[<int64_t>search.depth * search.words]
    cdef const Candidate* candidate
    cdef const Cap* cap
    cdef int64_t weight, sum, claimed = 0
    cdef int32_t index, layer = -1
    for index in range(first):
        search.weights[index] = 0
    for index in range(first, search.count):
        search.weights[index] = 0
        if not is_in(open, index):
            continue
        candidate = &search.candidates[index]
        weight = candidate.most.saving
        if weight == 0:
            continue
        if candidate.layer != layer:
            layer = candidate.layer
            claimed = 0
        if candidate.claim_count >= 0 and layer == search.layer:
            weight = minimum(weight, most_of_claims(search, candidate, &claimed))
        else:
            claimed += candidate.claimed
        if candidate.cap_count >= 0:
            sum = 0
            for cap in search.caps[candidate.first_cap:candidate.first_cap + candidate.cap_count]:
                sum += minimum(cap.amount, search.rooms[cap.column])
            weight = minimum(weight, sum)
        search.weights[index] = weight


cdef int64_t most_of_claims(Search* search, const Candidate* candidate, int64_t* claimed) noexcept nogil:
    """The most that a candidate may save by units not claimed yet, when others may claim so many before its turn.

    Adds those that it may claim itself.
    """
    cdef const Claim* claims = &search.claims[candidate.first_claim]
    cdef const Claim* claim
    cdef int64_t available[MOST_PARTS]
    cdef int64_t units = 0, of_set = 0, sets = candidate.repeat, left, skip, taken, gain = 0
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
        skip = 0
        if candidate.cheapest_first:
            # Of those in ascending order the ones behind what may be claimed; here they descend.
            skip = maximum(0, available[part] - left - claimed[0])
        for claim in claims[:candidate.claim_count]:
            if not claim.parts >> part & 1:
                continue
            taken = search.unclaimed[claim.column]
            if skip >= taken:
                skip -= taken
                continue
            taken = minimum(taken - skip, left)
            skip = 0
            gain += taken * claim.gain
            left -= taken
            if left == 0:
                break
    claimed[0] += sets * of_set
    gain = (gain + candidate.rounding) // GAIN
    if candidate.of_set < gain // sets + 1:
        gain = minimum(gain, candidate.of_set * sets)
    return gain


cdef int64_t load(Search* search, const Candidate* candidate) noexcept nogil:
    """Loads columns with what a candidate may take of them; returns how much they had room for."""
    cdef int64_t total = 0, here, room
    cdef const Cap* cap
    for cap in search.caps[candidate.first_cap:candidate.first_cap + candidate.cap_count]:
        room = search.rooms[cap.column]
        here = minimum(cap.amount, room - search.sums[cap.column])
        search.sums[cap.column] += here
        total += here
    return total


cdef int64_t load_group(Search* search, Clique* group) noexcept nogil:
    """Loads columns with what any of a clique may take of them, if they have less room than it may save; returns how
    much less.
    """
    cdef const Candidate* candidate
    cdef const Cap* cap
    cdef int64_t sum = 0, here
    cdef int64_t* row = search.rows
    cdef int32_t place, index, columns = 0
    for place in range(group.first, group.end):
        index = search.order[place]
        if not search.weights[index]:
            continue
        candidate = &search.candidates[index]
        if candidate.cap_count < 0:
            sum = group.most
        if sum >= group.most:
            break
        for cap in search.caps[candidate.first_cap:candidate.first_cap + candidate.cap_count]:
            here = minimum(
                minimum(cap.amount, search.weights[index]), search.rooms[cap.column] - search.sums[cap.column]
            )
            if here > row[cap.column]:
                if row[cap.column] == 0:
                    search.columns[columns] = cap.column
                    columns += 1
                sum += here - row[cap.column]
                row[cap.column] = here
    if sum < group.most:
        for index in search.columns[:columns]:
            search.sums[index] += row[index]
        group.paid = False
    for index in search.columns[:columns]:
        row[index] = 0
    return maximum(0, group.most - sum)


cdef int64_t saved_by_claims(const Basket* basket, Search* search, int32_t pending) noexcept nogil:
    """How much less candidates that claim units may save than each by itself, since no unit is claimed twice.

    Every unit counts with the largest density of those that may claim it.
    """
    cdef int64_t less = 0
    cdef int32_t round
    cdef Clique* group
    memset(search.densities, 0, basket.line_count * sizeof(int64_t))
    for round in range(2):
        for group in search.pending[:pending]:
            if group.paid:
                less += claim_group(search, group)
    return less


cdef int64_t claim_group(Search* search, Clique* group) noexcept nogil:
    """Raises the densities of lines to those of a clique, if that adds less than it may save; returns how much less."""
    cdef const Candidate* candidate
    cdef const Claim* claim
    cdef int64_t sum = 0, most = group.most * GAIN
    cdef int32_t place, index
    for place in range(group.first, group.end):
        index = search.order[place]
        if not search.weights[index]:
            continue
        candidate = &search.candidates[index]
        if candidate.claim_count < 0 or candidate.layer != search.layer:
            return 0
        sum += candidate.rounding + GAIN
        for claim in search.claims[candidate.first_claim:candidate.first_claim + candidate.claim_count]:
            if claim.density > search.densities[claim.column]:
                sum += (claim.density - search.densities[claim.column]) * search.unclaimed[claim.column]
        if sum >= most:
            return 0
    for place in range(group.first, group.end):
        index = search.order[place]
        if search.weights[index]:
            candidate = &search.candidates[index]
            for claim in search.claims[candidate.first_claim:candidate.first_claim + candidate.claim_count]:
                search.densities[claim.column] = maximum(search.densities[claim.column], claim.density)
    group.paid = False
    return group.most - sum // GAIN


cdef bint is_uncapped(const Search* search, int32_t index) noexcept nogil:
    """Whether a candidate may save all that its columns have room for."""
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const Cap* cap
    cdef int64_t sum = 0
    if candidate.cap_count < 0:
        return False
    for cap in search.caps[candidate.first_cap:candidate.first_cap + candidate.cap_count]:
        sum += minimum(cap.amount, search.rooms[cap.column])
    return sum <= search.weights[index]


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
    cdef int64_t count = 0, most
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
