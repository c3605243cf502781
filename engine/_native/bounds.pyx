# Everything here is C: see bounds.pxd.
"""Whether sets that begin with the one at hand may be better than the best one found (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memset

from engine._native.basket cimport Basket, Line
from engine._native.candidates cimport Candidate, Cap, Search, Vector, is_in, put
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
    cdef const Cap* cap
    cdef int64_t weight, sum, most, total = 0, here
    cdef int64_t* loads = search.sums
    cdef int64_t* row = search.rows
    cdef int32_t place = 0, end, index, members, member = 0, columns, paid = 0, clique
    cdef int32_t width = basket.line_count + basket.shipment_count
    measure_rooms(basket, search)
    memset(loads, 0, width * sizeof(int64_t))
    # What each may still save; those alone in their clique and below no cap of their own load their columns.
    while place < search.count:
        clique = search.candidates[search.order[place]].clique
        members = 0
        most = 0
        end = place
        while end < search.count and search.candidates[search.order[end]].clique == clique:
            index = search.order[end]
            end += 1
            search.weights[index] = 0
            if index < first or not is_in(open, index):
                continue
            candidate = &search.candidates[index]
            weight = candidate.most.saving
            if candidate.cap_count >= 0:
                sum = 0
                for cap in search.caps[candidate.first_cap:candidate.first_cap + candidate.cap_count]:
                    sum += minimum(cap.amount, search.rooms[cap.column])
                weight = minimum(weight, sum)
            search.weights[index] = weight
            if weight:
                members += 1
                member = index
                most = maximum(most, weight)
        if members == 1 and search.candidates[member].cap_count >= 0 and weight_is_sum(search, member):
            candidate = &search.candidates[member]
            for cap in search.caps[candidate.first_cap:candidate.first_cap + candidate.cap_count]:
                here = minimum(cap.amount, search.rooms[cap.column] - loads[cap.column])
                loads[cap.column] += here
                total += here
        elif members:
            search.pending[paid].first = place
            search.pending[paid].end = end
            search.pending[paid].most = most
            paid += 1
        place = end
    # The others: what they may save, or what of it the columns still have.
    for place in range(paid):
        most = search.pending[place].most
        columns = 0
        sum = 0
        for end in range(search.pending[place].first, search.pending[place].end):
            index = search.order[end]
            if not search.weights[index]:
                continue
            candidate = &search.candidates[index]
            if candidate.cap_count < 0:
                sum = most
                break
            for cap in search.caps[candidate.first_cap:candidate.first_cap + candidate.cap_count]:
                here = minimum(minimum(cap.amount, search.weights[index]), search.rooms[cap.column] - loads[cap.column])
                if here > row[cap.column]:
                    if row[cap.column] == 0:
                        search.columns[columns] = cap.column
                        columns += 1
                    sum += here - row[cap.column]
                    row[cap.column] = here
        if sum < most:
            for end in range(columns):
                loads[search.columns[end]] += row[search.columns[end]]
            total += sum
        else:
            total += most
        for end in range(columns):
            row[search.columns[end]] = 0
    return total


cdef inline bint weight_is_sum(const Search* search, int32_t index) noexcept nogil:
    """Whether a candidate may save all that its columns have room for."""
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const Cap* cap
    cdef int64_t sum = 0
    if not candidate.capped:
        return True
    for cap in search.caps[candidate.first_cap:candidate.first_cap + candidate.cap_count]:
        sum += minimum(cap.amount, search.rooms[cap.column])
    return sum <= candidate.most.saving


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
