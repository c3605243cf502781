"""Groups of lines that are alike in some property, within which rewards choose units (docs/pricing.md §5, ``same``).

Alike lines have one number: the index of the first of them.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memset

from engine._native.artifact cimport ATTRIBUTES, GoodsReward, Same, Type
from engine._native.basket cimport Basket, Line, Text, same
from engine._native.bits cimport add, contains
from engine._native.index cimport hash_of
from engine._native.matching cimport attribute_of
from engine._native.memory cimport Arena
from engine._native.program cimport Rules, constant_text
from engine._native.selection cimport leave_out_reduced, reach, select_more
from engine._native.sent cimport SentAttribute, SentCart, SentLine


cdef int number_skus(Arena memory, const SentCart* sent, const int32_t* places, Basket* basket) except -1:
    """Numbers every line by SKU."""
    cdef Text* skus = <Text*>memory.take(basket.line_count, sizeof(Text))
    cdef int32_t index
    for index in range(basket.line_count):
        skus[index] = sent.lines[places[index]].sku
    return number_by(memory, skus, basket.line_count, &basket.lines[0].sku, sizeof(Line) // sizeof(int32_t))


cdef int number_alike(
    Arena memory, const Rules* rules, const SentCart* sent, const int32_t* places, Basket* basket
) except -1:
    """Every line's number by all else that rewards of the rule set ask for."""
    cdef Text* values
    cdef int32_t of, index
    if rules.alike_count == 0:
        return 0
    values = <Text*>memory.take(basket.line_count, sizeof(Text))
    for of in range(<int32_t>Same.SAME_BRAND, <int32_t>Same.SAME_ATTRIBUTE + rules.counts[<int>ATTRIBUTES]):
        if rules.alike[of] >= 0:
            for index in range(basket.line_count):
                values[index] = value_of(rules, sent, &sent.lines[places[index]], of)
            number_by(memory, values, basket.line_count, column(rules, basket, of), 1)
    return 0


cdef int number_by(Arena memory, const Text* values, int32_t count, int32_t* numbers, int64_t apart) except -1:
    """Numbers lines by a value of each; numbers are so far ``apart``."""
    cdef int64_t size = 16
    cdef int32_t* table
    cdef int32_t index, other
    cdef uint64_t place
    while size < 2 * count:
        size *= 2
    table = <int32_t*>memory.filled(size, sizeof(int32_t), 0xFF)
    for index in range(count):
        if values[index].start == NULL:
            numbers[index * apart] = -1
            continue
        place = hash_of(values[index], 0) & <uint64_t>(size - 1)
        other = table[place]
        while other >= 0 and not same(values[other], values[index]):
            place = (place + 1) & <uint64_t>(size - 1)
            other = table[place]
        if other < 0:
            table[place] = other = index
        numbers[index * apart] = other
    return 0


cdef inline Text value_of(const Rules* rules, const SentCart* sent, const SentLine* line, int32_t of) noexcept:
    """A fact as a text; a number as its bytes. Absent ones have a NULL start."""
    cdef const SentAttribute* attribute
    if of == Same.SAME_BRAND:
        return line.brand
    if of == Same.SAME_CATEGORY:
        return line.category
    of -= Same.SAME_ATTRIBUTE
    attribute = attribute_of(sent, line.attributes, constant_text(rules, rules.attributes[of].name))
    if attribute == NULL:
        return Text(NULL, 0)
    if attribute.type == Type.STRING:
        return attribute.text
    return Text(<const char*>&attribute.number, sizeof(attribute.number))


cdef void begin_alike(const Rules* rules, Basket* basket, const GoodsReward* reward) noexcept nogil:
    """Links the lines reached that are alike."""
    cdef int32_t index, number
    memset(basket.first_alike, 0xFF, basket.line_count * sizeof(int32_t))
    for index in range(basket.line_count - 1, -1, -1):
        if contains(basket.reached, index):
            number = number_of(rules, basket, reward.same, index)
            if number >= 0:
                basket.next_alike[index] = basket.first_alike[number]
                basket.first_alike[number] = index


cdef bint next_alike(const Rules* rules, Basket* basket, const GoodsReward* reward, int32_t* place) noexcept nogil:
    """Reaches the lines of the next group, by their first line; False when there are no more.

    ``place``, at first 0, is how far it has come.
    """
    cdef int32_t index, number
    while place[0] < basket.line_count:
        number = number_of(rules, basket, reward.same, place[0])
        if number >= 0 and basket.first_alike[number] == place[0]:
            memset(basket.reached, 0, basket.word_count * sizeof(uint64_t))
            index = place[0]
            while index >= 0:
                add(basket.reached, index)
                index = basket.next_alike[index]
            place[0] += 1
            return True
        place[0] += 1
    return False


cdef int32_t select_of_alike(
    const Rules* rules, Basket* basket, const GoodsReward* reward, int64_t quantity
) noexcept nogil:
    """Selects the first so many units that count of each group of alike lines; returns how many pieces there are."""
    cdef int32_t place = 0, selected = 0
    begin_alike(rules, basket, reward)
    while next_alike(rules, basket, reward, &place):
        selected = select_more(basket, selected, reward, quantity)
    reach(rules, basket, reward)
    if reward.skip_reduced:
        leave_out_reduced(basket)
    return selected
