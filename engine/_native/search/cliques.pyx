"""Conflicts of candidates, and the clique bounds of what compatible ones save together (docs/search.md).

A clique is a set of candidates that all conflict with each other, so a set has at most one of its members. When every
clique has a price, and the prices of the cliques that a candidate is in add up to at least its saving, no set saves
more than all prices together: a weighted clique cover. For very many candidates a fixed partition into cliques, each
priced at the largest saving in it, does the same more cheaply.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memset

from engine._native.artifact cimport EXCLUSIVE_CART, EXCLUSIVE_LAYER, Combine, Promotion
from engine._native.bits cimport (
    WORD, Walk, add, contains, highest_bit, is_empty, lowest_bit, next_member, remove, walk_through,
)
from engine._native.money cimport maximum, minimum
from engine._native.program cimport Rules
from engine._native.search.candidates cimport (
    COST_CLIQUE_MEMBER, COST_SUMMED, COVERED_WORDS, MOST_COVERED, Candidate, Search, conflicts_of, pair_cost,
)
from engine._native.sorting cimport sort_records


cdef void find_conflicts(const Rules* rules, Search* search) noexcept nogil:
    """Finds which pairs of candidates are not compatible."""
    cdef int32_t index, other
    cdef const Promotion* promotion
    search.work += pair_cost(search.count) * search.count
    memset(search.conflicts, 0, <int64_t>search.count * search.words * sizeof(uint64_t))
    memset(search.marked_labels, 0, rules.label_count)
    for index in range(search.count):
        promotion = &rules.promotions[search.candidates[index].promotion]
        mark_exclusions(rules, search, promotion, True)
        for other in range(search.count):
            if other != index and excludes(rules, search, index, other):
                add(&search.conflicts[<int64_t>index * search.words], other)
                add(&search.conflicts[<int64_t>other * search.words], index)
        mark_exclusions(rules, search, promotion, False)


cdef void mark_exclusions(const Rules* rules, Search* search, const Promotion* promotion, bint marked) noexcept nogil:
    cdef int32_t label
    for label in rules.labels[promotion.first_exclusion:promotion.first_exclusion + promotion.exclusion_count]:
        search.marked_labels[label] = marked


cdef bint excludes(const Rules* rules, const Search* search, int32_t index, int32_t other) noexcept nogil:
    """Whether a candidate, whose exclusions are marked, conflicts with another."""
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
        if search.marked_labels[label]:
            return True
    return False


cdef int32_t form_cliques(Search* search) noexcept nogil:
    """Partitions the candidates into cliques, greedily: largest saving alone first, each into the first clique it fits.

    Returns the number of cliques: no set has more candidates.
    """
    cdef int32_t place, index, clique, cliques = 0, words = search.words
    cdef uint64_t* members = search.cliques
    cdef const uint64_t* conflicts
    for index in range(search.count):
        search.by_saving[index] = index
    sort_records(search.by_saving, search.count, sizeof(int32_t), sizeof(int32_t), saves_more, search.candidates)
    for place in range(search.count):
        index = search.by_saving[place]
        conflicts = conflicts_of(search, index)
        clique = cliques
        if not is_empty(conflicts, words):
            for clique in range(cliques + 1):
                if clique == cliques or holds_all(conflicts, &members[<int64_t>clique * words], words):
                    break
        if clique == cliques:
            memset(&members[<int64_t>clique * words], 0, words * sizeof(uint64_t))
            cliques += 1
        add(&members[<int64_t>clique * words], index)
        search.candidates[index].clique = clique
    if search.count <= MOST_COVERED:
        order_cover(search)
    # A counting sort by clique.
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


cdef bint saves_more(const void* left, const void* right, const void* candidates) noexcept nogil:
    cdef int32_t one = (<const int32_t*>left)[0], other = (<const int32_t*>right)[0]
    cdef int64_t difference = (<const Candidate*>candidates)[one].alone - (<const Candidate*>candidates)[other].alone
    return difference > 0 or difference == 0 and one < other


cdef bint holds_all(const uint64_t* row, const uint64_t* members, int32_t words) noexcept nogil:
    cdef int32_t word
    for word in range(words):
        if members[word] & ~row[word]:
            return False
    return True


cdef void order_cover(Search* search) noexcept nogil:
    """Orders candidates for the cover, smallest saving alone first, and conflicts by places in that order."""
    cdef int32_t* places = search.columns
    cdef int32_t place, other
    cdef Walk walk
    for place in range(search.count):
        search.cover_order[place] = search.by_saving[search.count - 1 - place]
        places[search.cover_order[place]] = place
    memset(search.cover_conflicts, 0, <int64_t>search.count * search.words * sizeof(uint64_t))
    for place in range(search.count):
        walk = walk_through(conflicts_of(search, search.cover_order[place]), search.words)
        while next_member(&walk, &other):
            add(&search.cover_conflicts[<int64_t>place * search.words], places[other])


cdef int64_t clique_bound(Search* search, const int64_t* savings) noexcept nogil:
    """The most that compatible candidates save together, each at most so much."""
    if search.count > MOST_COVERED:
        return partition_bound(search, savings)
    return cover_bound(search, savings)


cdef int64_t clique_bound_of_open(Search* search, const int64_t* savings, const uint64_t* open) noexcept nogil:
    """The same of the open candidates alone."""
    cdef int32_t index
    search.work += COST_SUMMED * <int64_t>search.count
    for index in range(search.count):
        search.tops[index] = savings[index] if contains(open, index) else 0
    return clique_bound(search, search.tops)


cdef int64_t cover_bound(Search* search, const int64_t* savings) noexcept nogil:
    """A weighted clique cover, built greedily. The candidate with the smallest saving alone that is not covered yet
    starts a clique of the uncovered ones it conflicts with, those that save most alone first. The clique is priced at
    what the candidate still lacks, which covers every member by as much.
    """
    cdef int64_t uncovered[MOST_COVERED]
    cdef uint64_t left[COVERED_WORDS]
    cdef uint64_t common[COVERED_WORDS]
    cdef const uint64_t* among
    cdef const uint64_t* conflicts
    cdef int64_t total = 0, paid, payments = 0
    cdef int32_t word, other, place, last, words = search.words
    for word in range(words):
        left[word] = list_uncovered(search, savings, uncovered, word)
    for word in range(words):
        while left[word]:
            place = word * WORD + lowest_bit(left[word])
            left[word] &= left[word] - 1
            paid = uncovered[place]
            total += paid
            among = left
            last = words - 1
            while True:
                payments += 1
                conflicts = &search.cover_conflicts[<int64_t>place * words]
                for other in range(word, words):
                    common[other] = among[other] & conflicts[other]
                among = common
                while last > word and common[last] == 0:
                    last -= 1
                if common[last] == 0:
                    break
                place = last * WORD + highest_bit(common[last])
                uncovered[place] -= paid
                if uncovered[place] <= 0:
                    remove(left, place)
    search.work += COST_CLIQUE_MEMBER * payments * words + COST_SUMMED * <int64_t>search.count
    return total


cdef inline uint64_t list_uncovered(
    const Search* search, const int64_t* savings, int64_t* uncovered, int32_t word
) noexcept nogil:
    """The savings to be covered of the candidates in one word of a row; returns those above 0, as bits."""
    cdef uint64_t row = 0
    cdef int32_t place
    for place in range(word * WORD, <int32_t>minimum(search.count, (word + 1) * WORD)):
        uncovered[place] = savings[search.cover_order[place]]
        row |= <uint64_t>(uncovered[place] > 0) << (place & 63)
    return row


cdef int64_t partition_bound(const Search* search, const int64_t* savings) noexcept nogil:
    """The largest saving of each clique of the partition, added up."""
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
