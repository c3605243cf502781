"""Which segments the lines of a cart are in: asks the filters filed under the facts of a line, and those always asked.
"""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memset

from engine._native.artifact cimport (
    ATTRIBUTES, CART_SEGMENT, DISCOUNTABLE_SEGMENT, ITEM, ITEM_BRAND, ITEM_CATEGORY, ITEM_COST, ITEM_LIST_PRICE,
    ITEM_MINIMUM_PRICE, ITEM_PRICE, ITEM_QUANTITY, ITEM_SKU, ITEM_TAGS, ITEM_WEIGHT, SEGMENTS, Attribute, Type,
)
from engine._native.basket cimport Facts, Number, Text, TextList
from engine._native.conditions cimport holds
from engine._native.index cimport (
    Column, Filing, Key, Match, Threshold, ThresholdColumn, Thresholds, hash_of, key_hashed, may_be_known,
)
from engine._native.memory cimport Arena
from engine._native.ordering cimport index_of
from engine._native.program cimport Program, Rules, constant_text
from engine._native.sent cimport SentAttribute, SentCart, SentLine, Slice

cdef enum:
    MOST_LINES = 0x7FFFFFFF


@cython.final
cdef class Matcher:
    """Asks filters about one line after the other."""

    def __cinit__(self, Program program not None):
        cdef int64_t segments = program.rules.counts[<int>SEGMENTS]
        self.program = program
        self.memory = Arena()
        self.found = self.memory.indices(segments)
        self.asked = <int32_t*>self.memory.filled(segments, sizeof(int32_t), 0)
        self.attributed = True

    cdef void find(self, const SentCart* sent, const SentLine* line) noexcept:
        """Finds the segments of a line; one that promotions may not touch is in ``cart`` only."""
        cdef const Filing* filing = &self.program.index.segments
        cdef int32_t index
        self.found_count = 0
        self.add(CART_SEGMENT)
        if not line.discountable:
            return
        self.add(DISCOUNTABLE_SEGMENT)
        self.begin(sent, line)
        self.look_up_texts(False)
        self.look_up_numbers()
        for index in filing.unfiled[:filing.unfiled_count]:
            self.ask(index, False)

    cdef void find_again(
        self, const SentCart* sent, const SentLine* line, const int32_t* before, int32_t count
    ) noexcept:
        """The same after only its quantity or price changed, given the segments it was in."""
        cdef const Filing* filing = &self.program.index.segments
        cdef const unsigned char* on_amounts = self.program.index.on_amounts
        cdef int32_t index
        self.found_count = 0
        if not line.discountable:
            self.add(CART_SEGMENT)
            return
        self.begin(sent, line)
        for index in before[:count]:
            if not on_amounts[index]:
                self.asked[index] = self.line
                self.add(index)
        self.look_up_texts(True)
        self.look_up_numbers()
        for index in filing.unfiled[:filing.unfiled_count]:
            if on_amounts[index]:
                self.ask(index, False)

    cdef void begin(self, const SentCart* sent, const SentLine* line) noexcept:
        """The line to be asked about."""
        cdef const Rules* rules = &self.program.rules
        if self.line == MOST_LINES:
            memset(self.asked, 0, rules.counts[<int>SEGMENTS] * sizeof(int32_t))
            self.line = 0
        self.line += 1
        fill_item(&self.basket.facts, sent, line)
        if self.attributed or line.attributes.count:
            fill_attributes(rules, &self.basket.facts, ITEM, sent, line.attributes)
            self.attributed = line.attributes.count > 0

    cdef void look_up_numbers(self) noexcept:
        """Asks the filters filed under thresholds that the line reaches."""
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

    cdef void look_up_texts(self, bint on_amounts) noexcept:
        """Asks the filters filed under texts of the line; ``on_amounts``: only columns with filters that read quantity
        or price.
        """
        cdef const Filing* filing = &self.program.index.segments
        cdef const Facts* facts = &self.basket.facts
        cdef const Column* column
        cdef const TextList* choices
        cdef const Text* text
        for column in filing.columns[:filing.column_count]:
            if on_amounts and not column.on_amounts:
                continue
            if column.match == Match.CONTAINS:
                choices = &facts.lists[<int>ITEM][column.slot]
                for text in choices.texts[:choices.count]:
                    look_up(self, filing, column.number, text.start, text.length)
                continue
            text = &facts.texts[<int>ITEM][column.slot]
            if text.start == NULL:
                continue
            if column.match == Match.EQUALS:
                look_up(self, filing, column.number, text.start, text.length)
            else:
                self.look_up_beginnings(column, text)

    cdef void look_up_beginnings(self, const Column* column, const Text* text) noexcept:
        cdef const Filing* filing = &self.program.index.segments
        cdef int32_t length
        for length in filing.lengths[column.first_length:column.first_length + column.length_count]:
            if length > text.length:
                break
            look_up(self, filing, column.number, text.start, length)

    cdef void ask_filed(self, int32_t column, Text text, uint64_t hashed) noexcept:
        """Asks the filters filed under a text with this hash."""
        cdef const Filing* filing = &self.program.index.segments
        cdef const Key* key = key_hashed(filing, text, column, hashed)
        cdef int32_t entry
        if key != NULL:
            for entry in filing.entries[key.first:key.first + key.count]:
                self.ask(entry >> 1, entry & 1)

    cdef void ask(self, int32_t segment, bint whole) noexcept:
        """Asks a filter, once for each line; ``whole``: it is known to be met."""
        cdef const Rules* rules = &self.program.rules
        if self.asked[segment] == self.line:
            return
        self.asked[segment] = self.line
        if whole or holds(rules, &self.basket.facts, rules.segments[segment].filter):
            self.add(segment)

    cdef void add(self, int32_t segment) noexcept:
        self.found[self.found_count] = segment
        self.found_count += 1


cdef inline void look_up(
    Matcher matcher, const Filing* filing, int32_t column, const char* start, int64_t length
) noexcept:
    """Inline, as most texts are no keys and end at the Bloom filter."""
    cdef Text text = Text(start, length)
    cdef uint64_t hashed = hash_of(text, column)
    if may_be_known(filing, hashed):
        matcher.ask_filed(column, text, hashed)


cdef void fill_item(Facts* facts, const SentCart* sent, const SentLine* line) noexcept:
    """Fills in the facts of a line, attributes aside."""
    cdef Number* numbers = facts.numbers[<int>ITEM]
    cdef Text* texts = facts.texts[<int>ITEM]
    cdef TextList* tags = &facts.lists[<int>ITEM][<int>ITEM_TAGS]
    numbers[<int>ITEM_QUANTITY] = Number(line.quantity, 1)
    numbers[<int>ITEM_WEIGHT] = whole(line.weight)
    numbers[<int>ITEM_PRICE] = Number(line.price, 1)
    numbers[<int>ITEM_LIST_PRICE] = whole(line.list_price)
    numbers[<int>ITEM_COST] = whole(line.cost)
    numbers[<int>ITEM_MINIMUM_PRICE] = whole(line.minimum_price)
    texts[<int>ITEM_SKU] = line.sku
    texts[<int>ITEM_CATEGORY] = line.category
    texts[<int>ITEM_BRAND] = line.brand
    tags.texts = &sent.texts[line.tags.first]
    tags.count = line.tags.count


cdef inline Number whole(int64_t value) noexcept:
    """Below 0: absent."""
    return Number(value, 1) if value >= 0 else Number(0, 0)


cdef const SentAttribute* attribute_of(const SentCart* sent, Slice attributes, Text name) noexcept:
    """The one of that name; NULL when it was not sent."""
    cdef const SentAttribute* first = &sent.attributes[attributes.first]
    cdef int32_t place = index_of(first, attributes.count, sizeof(SentAttribute), name)
    return &first[place] if place >= 0 else NULL


cdef void fill_attributes(
    const Rules* rules, Facts* facts, int subject, const SentCart* sent, Slice attributes
) noexcept:
    """Fills in the attributes that the rule set declares of a subject; those not sent are absent."""
    cdef const Attribute* declared
    cdef const SentAttribute* attribute
    for declared in rules.attributes[:rules.counts[<int>ATTRIBUTES]]:
        if declared.subject != subject:
            continue
        attribute = attribute_of(sent, attributes, constant_text(rules, declared.name))
        if declared.type == Type.STRING:
            facts.texts[subject][declared.slot] = Text(NULL, 0) if attribute == NULL else attribute.text
        else:
            facts.numbers[subject][declared.slot] = Number(0, 0) if attribute == NULL else Number(attribute.number, 1)
