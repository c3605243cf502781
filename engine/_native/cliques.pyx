# Everything here is C: see cliques.pxd.
"""Which candidates do not go together, and what a set saves of which at most one of each clique applies."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.artifact cimport EXCLUSIVE_CART, EXCLUSIVE_LAYER, Combine, Promotion
from engine._native.basket cimport lowest_bit, ones
from engine._native.candidates cimport (
    OF_COMMON, OF_PAYMENT, Candidate, Search, conflicts_of, drop, has_common, of_pairs, put,
)
from engine._native.money cimport maximum, minimum
from engine._native.program cimport Rules


cdef enum:
    COVERED_WORDS = 4
    MOST_COVERED = 256            # candidates whose conflicts are all looked at


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


cdef void form_cliques(Search* search) noexcept nogil:
    """Puts the candidates into cliques, greedily: those that save most alone first, each into the first it fits."""
    cdef int32_t place, index, clique, cliques = 0, words = search.words
    cdef uint64_t* members = search.cliques
    cdef const uint64_t* conflicts
    for index in range(search.count):
        search.by_saving[index] = index
    sort_by_saving(search)
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
    if search.candidates[left].alone != search.candidates[right].alone:
        return search.candidates[left].alone > search.candidates[right].alone
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


cdef int64_t most_together(Search* search, int64_t* savings) noexcept nogil:
    """The most that candidates may save which go together, each so much; uses the savings up."""
    if search.count > MOST_COVERED:
        return most_of_cliques(search, savings)
    # The compiler makes one for the usual number of words.
    return paid_to_all(search, savings, 1) if search.words == 1 else paid_to_all(search, savings, search.words)


cdef inline int64_t paid_to_all(Search* search, int64_t* savings, int32_t words) noexcept nogil:
    """Every one is paid for by the cliques that it is in, together: of a clique at most one applies, so what all of
    them are paid bounds any set. Beginning with the smallest saving left, a clique of its conflicts pays that to each.
    """
    cdef int64_t total = 0, paid, looked_at = 0
    cdef uint64_t left[COVERED_WORDS]
    cdef uint64_t common[COVERED_WORDS]
    cdef int32_t word, index
    memset(left, 0, sizeof(left))
    for word in range(words):
        left[word] = saving_any(savings + 64 * word, <int32_t>minimum(64, search.count - 64 * word))
    memcpy(common, left, sizeof(left))
    total = paid_to_single(search, savings, left, common, words)
    while True:
        index = least_of(savings, left, words)
        if index < 0:
            search.work += OF_COMMON * looked_at
            return total
        paid = savings[index]
        total += paid
        memcpy(common, left, sizeof(left))
        pay(search, savings, index, paid, left, common, words)
        # Those that save most first: they have most left to be paid.
        while True:
            search.work += OF_PAYMENT
            index = largest_of(savings, common, words)
            if index < 0:
                break
            # With few candidates that is in what they count.
            for word in range(words if words > 1 else 0):
                looked_at += ones(common[word])
            pay(search, savings, index, paid, left, common, words)


cdef inline uint64_t saving_any(const int64_t* savings, int32_t count) noexcept nogil:
    """Which of so many save anything, as bits."""
    cdef uint64_t row = 0
    cdef int32_t index
    for index in range(count):
        row |= <uint64_t>(savings[index] > 0) << index
    return row


cdef inline void pay(
    const Search* search, int64_t* savings, int32_t index, int64_t paid, uint64_t* left, uint64_t* common, int32_t words
) noexcept nogil:
    """Pays a member of a clique; ``common`` are those left that all members so far do not go together with."""
    cdef const uint64_t* conflicts = &search.conflicts[<int64_t>index * words]
    cdef int32_t word
    savings[index] -= paid
    if savings[index] == 0:
        drop(left, index)
    for word in range(words):
        common[word] &= conflicts[word]


cdef inline int64_t paid_to_single(
    const Search* search, const int64_t* savings, uint64_t* left, const uint64_t* row, int32_t words
) noexcept nogil:
    """Those of a row that are in nobody's way are paid for by themselves."""
    cdef int64_t total = 0
    cdef int32_t word, index
    cdef uint64_t bits
    for word in range(words):
        bits = row[word]
        while bits:
            index = word * 64 + lowest_bit(bits)
            bits &= bits - 1
            if not has_common(&search.conflicts[<int64_t>index * words], left, words):
                total += savings[index]
                drop(left, index)
    return total


cdef inline int32_t least_of(const int64_t* savings, const uint64_t* row, int32_t words) noexcept nogil:
    """The one that saves least, of equal ones the first; -1 when there is none."""
    cdef int32_t word, index, least = -1
    cdef int64_t saving = INT64_MAX
    cdef uint64_t bits
    for word in range(words):
        bits = row[word]
        while bits:
            index = word * 64 + lowest_bit(bits)
            bits &= bits - 1
            if savings[index] < saving:
                saving = savings[index]
                least = index
    return least


cdef inline int32_t largest_of(const int64_t* savings, const uint64_t* row, int32_t words) noexcept nogil:
    cdef int32_t word, index, largest = -1
    cdef int64_t saving = -1
    cdef uint64_t bits
    for word in range(words):
        bits = row[word]
        while bits:
            index = word * 64 + lowest_bit(bits)
            bits &= bits - 1
            if savings[index] > saving:
                saving = savings[index]
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
