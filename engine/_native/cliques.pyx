# Everything here is C: see cliques.pxd.
"""Which candidates do not go together, and what a set saves of which at most one of each clique applies."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memset

from engine._native.artifact cimport EXCLUSIVE_CART, EXCLUSIVE_LAYER, Combine, Promotion
from engine._native.bits cimport WORD, Walk, drop, highest_bit, is_in, lowest_bit, next_of, put, walk_through
from engine._native.candidates cimport (
    COVERED_WORDS, MOST_COVERED, OF_PAYEE, OF_PAYMENT, Candidate, Search, conflicts_of, of_pairs,
)
from engine._native.money cimport maximum, minimum
from engine._native.program cimport Rules
from engine._native.sorting cimport sort_indices


cdef void find_conflicts(const Rules* rules, Search* search) noexcept nogil:
    """Which candidates do not go together, two by two."""
    cdef int32_t index, other
    cdef const Promotion* promotion
    search.work += of_pairs(search.count) * search.count
    memset(search.conflicts, 0, <int64_t>search.count * search.words * sizeof(uint64_t))
    memset(search.marks, 0, rules.label_count)
    for index in range(search.count):
        promotion = &rules.promotions[search.candidates[index].promotion]
        mark_exclusions(rules, search, promotion, True)
        for other in range(search.count):
            if other != index and excludes(rules, search, index, other):
                put(&search.conflicts[<int64_t>index * search.words], other)
                put(&search.conflicts[<int64_t>other * search.words], index)
        mark_exclusions(rules, search, promotion, False)


cdef void mark_exclusions(const Rules* rules, Search* search, const Promotion* promotion, bint marked) noexcept nogil:
    cdef int32_t label
    for label in rules.labels[promotion.first_exclusion:promotion.first_exclusion + promotion.exclusion_count]:
        search.marks[label] = marked


cdef bint excludes(const Rules* rules, const Search* search, int32_t index, int32_t other) noexcept nogil:
    """Whether a candidate whose exclusions are marked does not go together with another."""
    cdef const Candidate* candidate = &search.candidates[index]
    cdef const Promotion* promotion = &rules.promotions[search.candidates[other].promotion]
    cdef int exclusive = rules.promotions[candidate.promotion].exclusive
    cdef int32_t label
    if exclusive == EXCLUSIVE_CART:
        return True
    if candidate.layer == search.candidates[other].layer and (
        exclusive == EXCLUSIVE_LAYER or rules.layers[candidate.layer].combine == Combine.FIRST
    ):
        return True
    for label in rules.labels[promotion.first_label:promotion.first_label + promotion.label_count]:
        if search.marks[label]:
            return True
    return False


cdef int32_t form_cliques(Search* search) noexcept nogil:
    """Puts the candidates into cliques, greedily: those that save most alone first, each into the first it fits.

    Returns how many there are: no set has more candidates.
    """
    cdef int32_t place, index, clique, cliques = 0, words = search.words
    cdef uint64_t* members = search.cliques
    cdef const uint64_t* conflicts
    for index in range(search.count):
        search.by_saving[index] = index
    sort_indices(search.by_saving, search.count, saves_more, search.candidates)
    for place in range(search.count):
        index = search.by_saving[place]
        conflicts = conflicts_of(search, index)
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
    if search.count <= MOST_COVERED:
        order_payees(search)
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
    return cliques


cdef bint saves_more(const void* candidates, int32_t left, int32_t right) noexcept nogil:
    """Alone."""
    cdef int64_t one = (<const Candidate*>candidates)[left].alone, other = (<const Candidate*>candidates)[right].alone
    return one > other or one == other and left < right


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


cdef void order_payees(Search* search) noexcept nogil:
    """Those that save least alone are paid for first; says which do not go together by their places."""
    cdef int32_t* places = search.columns
    cdef int32_t place, other
    cdef Walk walk
    for place in range(search.count):
        search.payees[place] = search.by_saving[search.count - 1 - place]
        places[search.payees[place]] = place
    memset(search.payee_conflicts, 0, <int64_t>search.count * search.words * sizeof(uint64_t))
    for place in range(search.count):
        walk = walk_through(conflicts_of(search, search.payees[place]), search.words)
        while next_of(&walk, &other):
            put(&search.payee_conflicts[<int64_t>place * search.words], places[other])


cdef int64_t most_together(Search* search, const int64_t* savings) noexcept nogil:
    """The most that candidates may save which go together, each so much."""
    if search.count > MOST_COVERED:
        return most_of_cliques(search, savings)
    return paid_to_all(search, savings)


cdef int64_t most_of_open(Search* search, const int64_t* savings, const uint64_t* open) noexcept nogil:
    """The most that open candidates may save which go together, each so much."""
    cdef int32_t index
    search.work += OF_PAYEE * <int64_t>search.count
    for index in range(search.count):
        search.tops[index] = savings[index] if is_in(open, index) else 0
    return most_together(search, search.tops)


cdef int64_t paid_to_all(Search* search, const int64_t* savings) noexcept nogil:
    """Every one is paid for by the cliques that it is in, together: of a clique at most one applies, so what all of
    them are paid bounds any set. Beginning with the one that saves least alone, a clique of its conflicts pays to each
    what the one is still to be paid; those come into it first that save most alone.
    """
    cdef int64_t unpaid[MOST_COVERED]
    cdef uint64_t left[COVERED_WORDS]
    cdef uint64_t common[COVERED_WORDS]
    cdef const uint64_t* among
    cdef const uint64_t* conflicts
    cdef int64_t total = 0, paid, payments = 0
    cdef int32_t word, other, place, last, words = search.words
    for word in range(words):
        left[word] = list_unpaid(search, savings, unpaid, word)
    for word in range(words):
        while left[word]:
            place = word * WORD + lowest_bit(left[word])
            left[word] &= left[word] - 1
            paid = unpaid[place]
            total += paid
            among = left
            last = words - 1
            while True:
                payments += 1
                conflicts = &search.payee_conflicts[<int64_t>place * words]
                for other in range(word, words):
                    common[other] = among[other] & conflicts[other]
                among = common
                while last > word and common[last] == 0:
                    last -= 1
                if common[last] == 0:
                    break
                place = last * WORD + highest_bit(common[last])
                unpaid[place] -= paid
                if unpaid[place] <= 0:
                    drop(left, place)
    search.work += OF_PAYMENT * payments * words + OF_PAYEE * <int64_t>search.count
    return total


cdef inline uint64_t list_unpaid(
    const Search* search, const int64_t* savings, int64_t* unpaid, int32_t word
) noexcept nogil:
    """What is to be paid to the payees of a word of rows; those who save anything, as bits."""
    cdef uint64_t row = 0
    cdef int32_t place
    for place in range(word * WORD, <int32_t>minimum(search.count, (word + 1) * WORD)):
        unpaid[place] = savings[search.payees[place]]
        row |= <uint64_t>(unpaid[place] > 0) << (place & 63)
    return row


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
