# Everything here is C: see matching.pxd.
"""Which segments the lines of a cart are in: those filed under what a line says are asked, and those always asked."""

cimport cython
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from engine._native.artifact cimport (
    ATTRIBUTES, ITEM, ITEM_BRAND, ITEM_CATEGORY, ITEM_COST, ITEM_LIST_PRICE, ITEM_MINIMUM_PRICE, ITEM_PRICE,
    ITEM_QUANTITY, ITEM_SKU, ITEM_TAGS, ITEM_WEIGHT, SEGMENTS, Attribute, Type,
)
from engine._native.basket cimport Facts, Number, Text, TextList, same
from engine._native.conditions cimport holds
from engine._native.index cimport (
    Ask, Column, Filing, Key, Threshold, ThresholdColumn, Thresholds, hash_of, key_of, may_be_known,
)
from engine._native.memory cimport Arena
from engine._native.program cimport Program, Rules, constant_text
from engine._native.sent cimport SentAttribute, SentCart, SentLine

cdef enum:
    CART_SEGMENT = 0
    DISCOUNTABLE = 1
    MOST_LINES = 0x7FFFFFFF


@cython.final
cdef class Matcher:
    """Asks filters about one line after the other."""

    def __cinit__(self, Program program not None):
        cdef int64_t segments = program.rules.counts[<int>SEGMENTS]
        self.program = program
        self.memory = Arena()
        self.found = <int32_t*>self.memory.take(segments, sizeof(int32_t))
        self.asked = <int32_t*>self.memory.take(segments, sizeof(int32_t))
        memset(self.asked, 0, segments * sizeof(int32_t))
        self.line = 0

    cdef void find(self, const SentCart* sent, const SentLine* line) noexcept:
        """Finds the segments of a line; one that no promotion may touch is in ``cart`` only."""
        cdef const Rules* rules = &self.program.rules
        cdef const Filing* filing = &self.program.index.segments
        cdef int32_t index
        self.found_count = 0
        self.add(CART_SEGMENT)
        if not line.discountable:
            return
        self.add(DISCOUNTABLE)
        if self.line == MOST_LINES:
            memset(self.asked, 0, rules.counts[<int>SEGMENTS] * sizeof(int32_t))
            self.line = 0
        self.line += 1
        fill_item(rules, &self.basket.facts, sent, line)
        self.look_up_texts()
        self.look_up_numbers()
        for index in filing.unfiled[:filing.unfiled_count]:
            self.ask(index, False)

    cdef void look_up_numbers(self) noexcept:
        """Asks what is filed under thresholds that the line reaches."""
        cdef const Thresholds* thresholds = &self.program.index.segment_thresholds
        cdef int64_t row = <int64_t>self.basket.facts.currency * thresholds.column_count
        cdef const ThresholdColumn* column
        cdef const Threshold* threshold
        cdef Number fact
        for column in thresholds.columns[row:row + thresholds.column_count]:
            fact = self.basket.facts.numbers[column.subject][column.slot]
            if not fact.present:
                continue
            for threshold in column.first[:column.count]:
                if threshold.least > fact.value:
                    break
                self.ask(threshold.entry >> 1, threshold.entry & 1)

    cdef void look_up_texts(self) noexcept:
        """Asks what is filed under the texts of the line."""
        cdef const Filing* filing = &self.program.index.segments
        cdef const Facts* facts = &self.basket.facts
        cdef const Column* asked
        cdef const TextList* choices
        cdef Text text
        cdef int32_t column, length
        cdef int64_t place
        for column in range(filing.column_count):
            asked = &filing.columns[column]
            if asked.subject < 0:
                continue
            if asked.ask == Ask.CONTAINS:
                choices = &facts.lists[asked.subject][asked.slot]
                for place in range(choices.count):
                    look_up(self, filing, column, choices.texts[place])
                continue
            text = facts.texts[asked.subject][asked.slot]
            if text.start == NULL:
                continue
            if asked.ask == Ask.EQUALS:
                look_up(self, filing, column, text)
                continue
            for length in filing.lengths[asked.first_length:asked.first_length + asked.length_count]:
                if length > text.length:
                    break
                look_up(self, filing, column, text_up_to(text, length))

    cdef void ask_filed(self, int32_t column, Text text) noexcept:
        """Asks what is filed under a text."""
        cdef const Filing* filing = &self.program.index.segments
        cdef const Key* key = key_of(filing, text, column)
        cdef int32_t entry
        if key != NULL:
            for entry in filing.entries[key.first:key.first + key.count]:
                self.ask(entry >> 1, entry & 1)

    cdef void ask(self, int32_t segment, bint whole) noexcept:
        """``whole``: its filter is known to be met."""
        cdef const Rules* rules = &self.program.rules
        if self.asked[segment] == self.line:
            return
        self.asked[segment] = self.line
        if whole or holds(rules, &self.basket.facts, rules.segments[segment].filter):
            self.add(segment)

    cdef void add(self, int32_t segment) noexcept:
        self.found[self.found_count] = segment
        self.found_count += 1


cdef inline void look_up(Matcher matcher, const Filing* filing, int32_t column, Text text) noexcept:
    """Of most texts nothing is known, and that is soon told."""
    if may_be_known(filing, hash_of(text, column)):
        matcher.ask_filed(column, text)


cdef inline Text text_up_to(Text text, int64_t length) noexcept:
    text.length = length
    return text


cdef void fill_item(const Rules* rules, Facts* facts, const SentCart* sent, const SentLine* line) noexcept:
    """Facts of the line that the filters are asked about."""
    cdef Number* numbers = facts.numbers[<int>ITEM]
    cdef Text* texts = facts.texts[<int>ITEM]
    cdef TextList* tags = &facts.lists[<int>ITEM][<int>ITEM_TAGS]
    numbers[<int>ITEM_QUANTITY] = whole(line.quantity)
    numbers[<int>ITEM_WEIGHT] = whole(line.weight)
    numbers[<int>ITEM_PRICE] = whole(line.price)
    numbers[<int>ITEM_LIST_PRICE] = whole(line.list_price)
    numbers[<int>ITEM_COST] = whole(line.cost)
    numbers[<int>ITEM_MINIMUM_PRICE] = whole(line.minimum_price)
    texts[<int>ITEM_SKU] = line.sku
    texts[<int>ITEM_CATEGORY] = line.category
    texts[<int>ITEM_BRAND] = line.brand
    tags.texts = &sent.texts[line.first_tag]
    tags.count = line.tag_count
    fill_attributes(rules, facts, ITEM, sent, line.first_attribute, line.attribute_count)


cdef inline Number whole(int64_t value) noexcept:
    """What is below 0 is absent."""
    cdef Number number
    number.present = value >= 0
    number.value = value if number.present else 0
    return number


cdef void fill_attributes(
    const Rules* rules, Facts* facts, int subject, const SentCart* sent, int32_t first, int32_t count
) noexcept:
    """Those that the rule set declares of a subject; what is not sent is absent."""
    cdef const Attribute* declared
    cdef const SentAttribute* attribute
    for declared in rules.attributes[:rules.counts[<int>ATTRIBUTES]]:
        if declared.subject != subject:
            continue
        if declared.type == Type.STRING:
            facts.texts[subject][declared.slot].start = NULL
            facts.texts[subject][declared.slot].length = 0
        else:
            facts.numbers[subject][declared.slot] = whole(-1)
        for attribute in sent.attributes[first:first + count]:
            if not same(attribute.name, constant_text(rules, declared.name)):
                continue
            if declared.type == Type.STRING:
                facts.texts[subject][declared.slot] = attribute.text
            else:
                facts.numbers[subject][declared.slot].value = attribute.number
                facts.numbers[subject][declared.slot].present = 1
