"""Checking the records of an artifact, once: after that no index leaves its section, no expression runs long, nothing
overflows. What a rule file means is not checked again, only what the core takes for granted.
"""

from libc.stdint cimport INT64_MAX, INT64_MIN, int32_t, int64_t

from engine._native.artifact cimport (
    ATTRIBUTES, CART, CART_LISTS, CART_NUMBERS, CART_TEXTS, CURRENCIES, CURRENCY_SETS, CUSTOMER, CUSTOMER_LISTS,
    CUSTOMER_NUMBERS, CUSTOMER_TEXTS, ENTRIES, EXCLUSIVE_STRICT, FIGURES, GROUP_SLOTS, ITEM, ITEM_LISTS, ITEM_NUMBERS,
    ITEM_TEXTS, LABELS, LAYERS, METHODS, NODES, NUMBERS, OPERANDS, PARTS, PROMOTIONS, RULE_SETS, SCHEDULES, SEGMENT,
    SEGMENTS, SHIPMENT, SHIPMENT_NUMBERS, SHIPMENT_TEXTS, STRICT, SUBJECT_COUNT, TEXT_BYTES, TEXTS, TRANSITIONS,
    WINDOWS, Attribute, Combine, Entry, Figure, Layer, LayerKind, Node, NumberKind, NumberTable, Op, Part, Per,
    Percentages, Pick, Promotion, RewardKind, Rounding, Schedule, Segment, Selection, TextEntry, Transition, Type,
    Window,
)
from engine._native.memory cimport Arena
from engine._native.money cimport MAX_AMOUNT, WHOLE, maximum
from engine._native.program cimport Rules

from engine.errors import InvalidArtifact

cdef enum:
    MAX_DEPTH = 200               # of an expression: it is evaluated by recursion
    MAX_WORK = 1_000_000          # nodes and literals that one evaluation visits; what is shared counts each time
    MAX_MINUTE = 24 * 60
    MAX_OFFSET = 2 * 86_400       # seconds
    ALL_WEEKDAYS = 127
    IN_FILTERS = 1 << <int>ITEM
    IN_GOODS = (1 << <int>CUSTOMER) | (1 << <int>CART) | (1 << <int>SEGMENT)
    IN_SHIPPING = IN_GOODS | (1 << <int>SHIPMENT)

cdef int64_t LARGEST = <int64_t>MAX_AMOUNT
# The year 9998: what changes with a schedule still fits a protobuf Timestamp.
cdef int64_t MAX_SECOND = 253_339_228_800

cdef struct Inspected:
    # What is known of a node once it is checked.
    bint is_text
    int32_t subjects              # bit set of those whose facts it reads
    int32_t depth
    int64_t work


cdef int verify(Rules* rules) except -1:
    """Checks every record and counts the slots of each subject; raises InvalidArtifact."""
    cdef Verifier verifier = Verifier()
    verifier.rules = rules
    verifier.nodes = <Inspected*>verifier.arena.take(rules.counts[<int>NODES], sizeof(Inspected))
    verifier.verify_counts()
    verifier.verify_texts()
    verifier.verify_figures()
    verifier.verify_attributes()
    verifier.verify_nodes()
    verifier.verify_segments()
    verifier.verify_numbers()
    verifier.verify_labels()
    verifier.verify_layers()
    verifier.verify_schedules()
    return 0


cdef int require(bint holds, str what, int64_t index) except -1:
    if not holds:
        raise InvalidArtifact(f"{what} {index} is not sound")
    return 0


cdef class Verifier:
    """One pass over the records, section by section; later ones rely on what earlier ones checked."""

    cdef Rules* rules
    cdef Inspected* nodes
    cdef Arena arena

    def __cinit__(self):
        self.arena = Arena()

    cdef bint within(self, int64_t index, int section) noexcept:
        return 0 <= index < self.rules.counts[section]

    cdef bint slice_within(self, int64_t first, int64_t count, int section) noexcept:
        return 0 <= first and 0 <= count and first + count <= self.rules.counts[section]

    cdef bint is_row(self, int64_t row, int section) noexcept:
        return 0 <= row < self.rules.counts[section] // self.rules.currency_count

    cdef int verify_counts(self) except -1:
        cdef int32_t* counts = self.rules.counts
        require(counts[<int>RULE_SETS] == 1, "section", RULE_SETS)
        require(counts[<int>CURRENCIES] >= 1, "section", CURRENCIES)
        require(counts[<int>FIGURES] % self.rules.currency_count == 0, "section", FIGURES)
        require(counts[<int>CURRENCY_SETS] % self.rules.currency_count == 0, "section", CURRENCY_SETS)
        require(counts[<int>SEGMENTS] >= 2, "section", SEGMENTS)
        require(counts[<int>TRANSITIONS] >= 1, "section", TRANSITIONS)
        return 0

    cdef int verify_texts(self) except -1:
        cdef const TextEntry* text
        cdef int32_t index
        for index in range(self.rules.counts[<int>TEXTS]):
            text = &self.rules.texts[index]
            require(self.slice_within(text.offset, text.length, TEXT_BYTES), "text", index)
        for index in range(self.rules.currency_count):
            require(self.within(self.rules.currencies[index], TEXTS), "currency", index)
        for index in range(self.rules.counts[<int>METHODS]):
            require(self.within(self.rules.methods[index], TEXTS), "method", index)
        require(self.within(self.rules.rule_set.name, TEXTS), "rule set", 0)
        return 0

    cdef int verify_figures(self) except -1:
        cdef int32_t index
        for index in range(self.rules.counts[<int>FIGURES]):
            require(self.rules.figures[index].present in (0, 1), "figure", index)
        require(is_code(self.rules.rule_set.rounding, Rounding.DOWN), "rule set", 0)
        require(-1 <= self.rules.rule_set.markup, "rule set", 0)
        return 0

    cdef int verify_attributes(self) except -1:
        """Also counts slots: the attributes of a subject follow its other facts, each in its turn."""
        cdef Rules* rules = self.rules
        cdef const Attribute* attribute
        cdef int32_t* numbers = rules.number_slots
        cdef int32_t* texts = rules.text_slots
        cdef int32_t* lists = rules.list_slots
        cdef int32_t* slots
        cdef int32_t index
        numbers[<int>ITEM] = ITEM_NUMBERS
        numbers[<int>CUSTOMER] = CUSTOMER_NUMBERS
        numbers[<int>CART] = CART_NUMBERS
        numbers[<int>SHIPMENT] = SHIPMENT_NUMBERS
        numbers[<int>SEGMENT] = rules.counts[<int>SEGMENTS] * GROUP_SLOTS
        texts[<int>ITEM] = ITEM_TEXTS
        texts[<int>CUSTOMER] = CUSTOMER_TEXTS
        texts[<int>CART] = CART_TEXTS
        texts[<int>SHIPMENT] = SHIPMENT_TEXTS
        texts[<int>SEGMENT] = 0
        lists[<int>ITEM] = ITEM_LISTS
        lists[<int>CUSTOMER] = CUSTOMER_LISTS
        lists[<int>CART] = CART_LISTS
        lists[<int>SHIPMENT] = 0
        lists[<int>SEGMENT] = 0
        for index in range(rules.counts[<int>ATTRIBUTES]):
            attribute = &rules.attributes[index]
            require(attribute.subject in (ITEM, CUSTOMER, CART), "attribute", index)
            require(attribute.type in (Type.STRING, Type.INT, Type.BOOL), "attribute", index)
            require(self.within(attribute.name, TEXTS), "attribute", index)
            slots = texts if attribute.type == Type.STRING else numbers
            require(attribute.slot == slots[attribute.subject], "attribute", index)
            slots[attribute.subject] += 1
        return 0

    cdef int verify_nodes(self) except -1:
        cdef const Node* node
        cdef Inspected* inspected
        cdef int32_t index
        for index in range(self.rules.counts[<int>NODES]):
            node = &self.rules.nodes[index]
            inspected = &self.nodes[index]
            inspected.is_text = node.op >= Op.TEXT_CONSTANT
            inspected.subjects = 0
            inspected.depth = 1
            inspected.work = 1
            require(self.verify_node(index, node), "node", index)
            require(inspected.depth <= MAX_DEPTH and inspected.work <= MAX_WORK, "node", index)
        return 0

    cdef bint verify_node(self, int32_t index, const Node* node) except -1:
        """Whether the operands are there and of the type that the op takes."""
        cdef int op = node.op
        if op == Op.CONSTANT:
            return self.is_row(node.a, FIGURES)
        if op == Op.TEXT_CONSTANT:
            return self.within(node.a, TEXTS)
        if op == Op.FACT or op == Op.HAS_NUMBER:
            return self.reads(index, node.subject, node.a, self.rules.number_slots)
        if op == Op.TEXT_FACT or op == Op.HAS_TEXT:
            return self.reads(index, node.subject, node.a, self.rules.text_slots)
        if op == Op.LIST_SIZE:
            return self.reads(index, node.subject, node.a, self.rules.list_slots)
        if op == Op.AND or op == Op.OR:
            return self.takes_all(index, node.a, node.b)
        if op == Op.NOT or op == Op.NEGATE:
            return self.takes(index, node.a, False)
        if op == Op.TEXT_SIZE:
            return self.takes(index, node.a, True)
        if op == Op.CHOOSE or op == Op.TEXT_CHOOSE:
            return (
                self.takes(index, node.a, False)
                and self.takes(index, node.b, op == Op.TEXT_CHOOSE)
                and self.takes(index, node.c, op == Op.TEXT_CHOOSE)
            )
        if op == Op.IN_NUMBERS or op == Op.IN_TEXTS:
            return self.takes(index, node.a, op == Op.IN_TEXTS) and self.lists(index, node)
        if op == Op.IN_LIST:
            return self.takes(index, node.a, True) and self.reads(index, node.subject, node.b, self.rules.list_slots)
        if Op.EQUAL <= op <= Op.MULTIPLY:
            return self.takes(index, node.a, False) and self.takes(index, node.b, False)
        if Op.TEXT_EQUAL <= op <= Op.CONTAINS:
            return self.takes(index, node.a, True) and self.takes(index, node.b, True)
        return False

    cdef bint reads(self, int32_t index, int subject, int64_t slot, const int32_t* slots) noexcept:
        if subject >= SUBJECT_COUNT:
            return False
        self.nodes[index].subjects |= 1 << subject
        if not 0 <= slot < slots[subject]:
            return False
        return subject != SEGMENT or self.rules.segments[slot // GROUP_SLOTS].read != 0

    cdef bint takes(self, int32_t index, int64_t operand, bint is_text) noexcept:
        """Whether an operand stands before its node and has that type; adds it up."""
        cdef Inspected* inspected = &self.nodes[index]
        if not 0 <= operand < index or self.nodes[operand].is_text != is_text:
            return False
        inspected.subjects |= self.nodes[operand].subjects
        inspected.depth = <int32_t>maximum(inspected.depth, self.nodes[operand].depth + 1)
        inspected.work += self.nodes[operand].work
        return True

    cdef bint takes_all(self, int32_t index, int64_t first, int64_t count) noexcept:
        cdef int64_t place
        if not self.slice_within(first, count, OPERANDS):
            return False
        for place in range(first, first + count):
            if not self.takes(index, self.rules.operands[place], False) or self.nodes[index].work > MAX_WORK:
                return False
        return True

    cdef bint lists(self, int32_t index, const Node* node) noexcept:
        """Whether the literals behind ``in`` are there."""
        cdef int64_t place
        if not self.slice_within(node.b, node.c, OPERANDS):
            return False
        for place in range(node.b, <int64_t>node.b + node.c):
            if node.op == Op.IN_TEXTS and not self.within(self.rules.operands[place], TEXTS):
                return False
            if node.op == Op.IN_NUMBERS and not self.is_row(self.rules.operands[place], FIGURES):
                return False
        self.nodes[index].work += node.c
        return True

    cdef bint asks_only(self, int64_t node, int32_t subjects) noexcept:
        """Whether it is a node that reads facts of no other subjects."""
        return self.within(node, NODES) and not self.nodes[node].subjects & ~subjects

    cdef int verify_segments(self) except -1:
        cdef const Segment* segment
        cdef int32_t index
        for index in range(self.rules.counts[<int>SEGMENTS]):
            segment = &self.rules.segments[index]
            require(self.within(segment.name, TEXTS), "segment", index)
            require(segment.read in (0, 1), "segment", index)
            if index < 2:
                require(segment.filter == -1, "segment", index)
            else:
                require(self.asks_only(segment.filter, IN_FILTERS), "segment", index)
                require(not self.nodes[segment.filter].is_text, "segment", index)
        return 0

    cdef int verify_numbers(self) except -1:
        cdef const NumberTable* number
        cdef const Entry* entry
        cdef int32_t index
        for index in range(self.rules.counts[<int>NUMBERS]):
            number = &self.rules.numbers[index]
            if number.kind == NumberKind.FIXED:
                require(self.is_row(number.first, FIGURES), "number", index)
                continue
            require(is_code(number.kind, NumberKind.CASES_BY_TEXT), "number", index)
            require(self.within(number.by, NODES), "number", index)
            require(self.nodes[number.by].is_text == (number.kind == NumberKind.CASES_BY_TEXT), "number", index)
            require(self.slice_within(number.first, number.length, ENTRIES), "number", index)
            for entry in self.rules.entries[number.first:number.first + number.length]:
                require(self.is_row(entry.value, FIGURES), "number", index)
                if number.kind == NumberKind.CASES_BY_TEXT:
                    require(self.within(entry.key, TEXTS), "number", index)
                else:
                    require(self.is_row(entry.key, FIGURES), "number", index)
        return 0

    cdef int verify_labels(self) except -1:
        """Also says how many there are: what a session keeps of each is bounded by the artifact's own size."""
        cdef int32_t index, label
        self.rules.label_count = 0
        for index in range(self.rules.counts[<int>LABELS]):
            label = self.rules.labels[index]
            require(self.within(label, LABELS), "label", index)
            self.rules.label_count = <int32_t>maximum(self.rules.label_count, label + 1)
        return 0

    cdef int verify_layers(self) except -1:
        """Together the layers hold every promotion once, in order."""
        cdef const Layer* layer
        cdef int32_t index, promotion, next_promotion = 0
        for index in range(self.rules.counts[<int>LAYERS]):
            layer = &self.rules.layers[index]
            require(self.within(layer.name, TEXTS), "layer", index)
            require(is_code(layer.kind, LayerKind.POINTS), "layer", index)
            require(is_code(layer.combine, Combine.BEST), "layer", index)
            require(is_code(layer.percentages, Percentages.COMPOUNDING), "layer", index)
            require(layer.first_promotion == next_promotion, "layer", index)
            require(self.slice_within(next_promotion, layer.promotion_count, PROMOTIONS), "layer", index)
            require(layer.kind != LayerKind.POINTS or layer.promotion_count == 0, "layer", index)
            next_promotion += layer.promotion_count
            for promotion in range(layer.first_promotion, next_promotion):
                self.verify_promotion(promotion, layer.kind)
        for index in range(self.rules.counts[<int>STRICT]):
            require(self.within(self.rules.strict[index], PROMOTIONS), "strict promotion", index)
        return require(next_promotion == self.rules.counts[<int>PROMOTIONS], "section", PROMOTIONS)

    cdef int verify_promotion(self, int32_t index, int layer) except -1:
        cdef const Promotion* promotion = &self.rules.promotions[index]
        cdef int32_t subjects = IN_GOODS if layer == LayerKind.GOODS else IN_SHIPPING
        cdef bint percent = promotion.reward == RewardKind.PERCENT_OFF
        require(self.within(promotion.id, TEXTS) and self.within(promotion.name, TEXTS), "promotion", index)
        require(self.is_row(promotion.currency_set, CURRENCY_SETS), "promotion", index)
        require(promotion.schedule == -1 or self.within(promotion.schedule, SCHEDULES), "promotion", index)
        require(-1 <= promotion.exclusive <= EXCLUSIVE_STRICT, "promotion", index)
        require(self.slice_within(promotion.first_label, promotion.label_count, LABELS), "promotion", index)
        require(self.slice_within(promotion.first_exclusion, promotion.exclusion_count, LABELS), "promotion", index)
        require(is_code(promotion.reward, RewardKind.FIXED_PRICE), "promotion", index)
        require(self.is_reward(promotion.number, subjects, WHOLE if percent else LARGEST), "promotion", index)
        if promotion.condition != -1:
            require(self.asks_only(promotion.condition, subjects), "promotion", index)
            require(not self.nodes[promotion.condition].is_text, "promotion", index)
        if layer == LayerKind.GOODS:
            require(is_code(promotion.per, Per.ORDER), "promotion", index)
            require(promotion.up_to == -1 or self.is_reward(promotion.up_to, subjects, LARGEST), "promotion", index)
            require(self.chooses_units(promotion), "promotion", index)
        else:
            require(self.slice_within(promotion.first_method, promotion.method_count, METHODS), "promotion", index)
        return 0

    cdef bint chooses_units(self, const Promotion* promotion) noexcept:
        """Whether a goods reward has the parts that its selection asks for; only UNITS may mean all of them."""
        cdef bint units = promotion.selection == Selection.UNITS
        cdef const Part* part
        if not (is_code(promotion.selection, Selection.BUNDLE) and is_code(promotion.pick, Pick.DEAREST)):
            return False
        if promotion.repeat != -1 and promotion.repeat < 1 or promotion.up_to != -1 and not units:
            return False
        if promotion.selection != Selection.BUNDLE and promotion.part_count != (1 if units else 2):
            return False
        if promotion.part_count < 1 or not self.slice_within(promotion.first_part, promotion.part_count, PARTS):
            return False
        for part in self.rules.parts[promotion.first_part:promotion.first_part + promotion.part_count]:
            if not 1 <= part.segment < self.rules.counts[<int>SEGMENTS]:
                return False
            if part.quantity < 1 and not (units and part.quantity == -1):
                return False
        return True

    cdef bint is_reward(self, int64_t index, int32_t subjects, int64_t limit) noexcept:
        """Whether it is a number that reads facts of no other subjects, its values between 0 and the limit."""
        cdef const NumberTable* number
        cdef const Entry* entry
        if not self.within(index, NUMBERS):
            return False
        number = &self.rules.numbers[index]
        if number.kind == NumberKind.FIXED:
            return self.is_limited(number.first, limit)
        for entry in self.rules.entries[number.first:number.first + number.length]:
            if not self.is_limited(entry.value, limit):
                return False
        return self.asks_only(number.by, subjects)

    cdef bint is_limited(self, int64_t row, int64_t limit) noexcept:
        cdef int64_t first = row * self.rules.currency_count
        cdef Figure figure
        for figure in self.rules.figures[first:first + self.rules.currency_count]:
            if figure.present and not 0 <= figure.amount <= limit:
                return False
        return True

    cdef int verify_schedules(self) except -1:
        cdef const Schedule* schedule
        cdef const Window* window
        cdef const Transition* transition
        cdef int64_t earlier = INT64_MIN
        cdef int32_t index
        for index in range(self.rules.counts[<int>SCHEDULES]):
            schedule = &self.rules.schedules[index]
            require(is_moment(schedule.starts) or schedule.starts == INT64_MIN, "schedule", index)
            require(is_moment(schedule.ends) or schedule.ends == INT64_MAX, "schedule", index)
            require(0 <= schedule.weekdays <= ALL_WEEKDAYS, "schedule", index)
            require(self.slice_within(schedule.first_window, schedule.window_count, WINDOWS), "schedule", index)
        for index in range(self.rules.counts[<int>WINDOWS]):
            window = &self.rules.windows[index]
            require(0 <= window.start <= MAX_MINUTE and 0 <= window.end <= MAX_MINUTE, "window", index)
        for index in range(self.rules.counts[<int>TRANSITIONS]):
            transition = &self.rules.transitions[index]
            require(is_moment(transition.start) and earlier < transition.start, "transition", index)
            require(-MAX_OFFSET <= transition.offset <= MAX_OFFSET, "transition", index)
            earlier = transition.start
        return 0


cdef bint is_code(int64_t value, int64_t last) noexcept:
    return 0 <= value <= last


cdef bint is_moment(int64_t second) noexcept:
    return -MAX_SECOND <= second <= MAX_SECOND
