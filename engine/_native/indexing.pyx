"""Building the index of a rule set (index.pxd): what every segment and promotion requires, and which of that is rarest.

A condition is read from the top: of an ``&&`` the rarest operand suffices, of an ``||`` all operands are needed. A
predicate is the rarer, the fewer conditions mention it.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memset

from engine._native.amounts cimport note_amounts
from engine._native.artifact cimport (
    BUILT_IN_SEGMENTS, GIFT_REWARDS, GOODS_REWARDS, ITEM, NODES, POINTS_REWARDS, PROMOTIONS, SCHEDULES, SEGMENTS,
    SUBJECT_COUNT, GoodsReward, Node, Op, PointsKind, PointsReward, Promotion,
)
from engine._native.basket cimport Text
from engine._native.bits cimport WORD
from engine._native.index cimport (
    Column, Filing, Groups, Index, Key, Match, Threshold, ThresholdColumn, Thresholds, hash_of, mark_of, place_of,
)
from engine._native.memory cimport Arena
from engine._native.predicates cimport (
    Least, Predicate, is_threshold, is_whole, needed_segment, predicate_of, read_threshold, text_at, threshold_in,
)
from engine._native.program cimport Rules, constant_text, needs_coupon

cdef enum:
    CODE, POOL                    # slots of the columns of coupons
    FILTER_BITS = 16              # at least, for each key: of other texts one in 16 passes the filter

# Costs. Most carts reach most thresholds, so these are the last choice.
cdef int64_t NEVER = INT64_MAX
cdef int64_t BY_THRESHOLD = <int64_t>1 << 40


cdef struct Filed:
    Key* key
    int32_t entry


cdef class Builder:
    """Files one kind of thing: segments by what their filters ask of an item, or promotions."""

    cdef const Rules* rules
    cdef Filing* filing
    cdef int32_t* mentions        # by segment: promotions that need a line of it; NULL when segments are filed
    cdef Arena memory             # while building
    cdef Filed* filed
    cdef int64_t filed_count
    cdef int64_t filed_room
    cdef list columns             # (match, subject, slot), by number
    cdef dict numbers             # of columns
    # Entries that are not filed under a text, as pairs with what they need.
    cdef list by_segment
    cdef list by_schedule
    cdef list by_threshold        # a comparison

    cdef int begin(self, const Rules* rules, Arena memory, Filing* filing, int64_t keys, int64_t entries) except -1:
        """With room for so many keys and entries."""
        cdef int64_t places = 16
        while places < 2 * keys:
            places *= 2
        self.rules = rules
        self.memory = Arena()
        self.filing = filing
        self.mentions = NULL
        self.columns = []
        self.numbers = {}
        self.by_segment = []
        self.by_schedule = []
        self.by_threshold = []
        filing.mask = <uint64_t>places - 1
        filing.marks = <uint32_t*>memory.filled(places, sizeof(uint32_t), 0)
        filing.places = memory.indices(places)
        filing.keys = <Key*>memory.take(keys, sizeof(Key))
        filing.key_count = 0
        filing.unfiled = memory.indices(entries)
        filing.unfiled_count = 0
        self.filed_count = 0
        self.filed_room = 0
        return 0

    cdef int32_t column(self, Match match, int32_t subject, int32_t slot) except -1:
        column = (<int>match, subject, slot)
        if column not in self.numbers:
            self.numbers[column] = len(self.columns)
            self.columns.append(column)
        return self.numbers[column]

    cdef Key* key(self, int32_t column, int32_t text) except NULL:
        """The key of a text of the artifact, made when it is new."""
        cdef Filing* filing = self.filing
        cdef Text wanted = constant_text(self.rules, text)
        cdef uint64_t hashed = hash_of(wanted, column), place = place_of(filing, wanted, column, hashed)
        cdef Key* key
        if not filing.marks[place]:
            filing.marks[place] = mark_of(hashed)
            filing.places[place] = filing.key_count
            key = &filing.keys[filing.key_count]
            key.text = wanted
            key.column = column
            key.count = 0
            filing.key_count += 1
        return &filing.keys[filing.places[place]]

    cdef int mention(self, const Predicate* predicate) except -1:
        """Counts a mention of the predicate."""
        cdef int32_t column = self.column(predicate.match, predicate.subject, predicate.slot), place
        for place in range(predicate.count):
            self.key(column, text_at(self.rules, predicate, place)).count += 1
        return 0

    cdef int64_t cost(self, const Predicate* predicate) except -1:
        cdef int32_t column = self.column(predicate.match, predicate.subject, predicate.slot), place
        cdef int64_t cost = 0
        for place in range(predicate.count):
            cost += self.key(column, text_at(self.rules, predicate, place)).count
        return cost

    cdef int put(self, const Predicate* predicate, int32_t entry) except -1:
        cdef int32_t column = self.column(predicate.match, predicate.subject, predicate.slot), place
        cdef Filed* wider
        cdef int64_t index
        if self.filed_count + predicate.count > self.filed_room:
            self.filed_room = 2 * (self.filed_room + predicate.count)
            wider = <Filed*>self.memory.take(self.filed_room, sizeof(Filed))
            for index in range(self.filed_count):
                wider[index] = self.filed[index]
            self.filed = wider
        for place in range(predicate.count):
            self.filed[self.filed_count].key = self.key(column, text_at(self.rules, predicate, place))
            self.filed[self.filed_count].entry = entry
            self.filed_count += 1
        return 0

    cdef void leave_unfiled(self, int32_t entry) noexcept:
        """The entry is always asked."""
        self.filing.unfiled[self.filing.unfiled_count] = entry
        self.filing.unfiled_count += 1

    cdef int finish(self, Arena memory) except -1:
        """Lays out the entries by key, and the columns in use."""
        cdef Filing* filing = self.filing
        cdef int64_t place
        cdef int32_t total = 0
        cdef Key* key
        for key in filing.keys[:filing.key_count]:
            key.count = 0
        for place in range(self.filed_count):
            self.filed[place].key.count += 1
        for key in filing.keys[:filing.key_count]:
            key.first = total
            total += key.count
            key.count = 0
        filing.entries = memory.indices(total)
        for place in range(self.filed_count):
            key = self.filed[place].key
            filing.entries[key.first + key.count] = self.filed[place].entry
            key.count += 1
        self.fill_filter(memory)
        return self.lay_out_columns(memory)

    cdef int fill_filter(self, Arena memory) except -1:
        cdef Filing* filing = self.filing
        cdef uint64_t hashed, words = 1
        cdef const Key* key
        while words * WORD < FILTER_BITS * <uint64_t>filing.key_count:
            words *= 2
        filing.filter_mask = words - 1
        filing.filter = <uint64_t*>memory.filled(words, sizeof(uint64_t), 0)
        for key in filing.keys[:filing.key_count]:
            if key.count:
                hashed = hash_of(key.text, key.column)
                filing.filter[hashed >> 32 & filing.filter_mask] |= <uint64_t>1 << (hashed & 63)
        return 0

    cdef int lay_out_columns(self, Arena memory) except -1:
        cdef Filing* filing = self.filing
        cdef Column* column
        cdef const Key* key
        cdef int64_t place
        lengths = {}
        for key in filing.keys[:filing.key_count]:
            if key.count:
                lengths.setdefault(key.column, set()).add(key.text.length)
        # Codes are not facts.
        used = [number for number in sorted(lengths) if self.columns[number][1] != SUBJECT_COUNT]
        filing.column_count = len(used)
        filing.columns = <Column*>memory.take(filing.column_count, sizeof(Column))
        filing.lengths = memory.indices(sum(len(each) for each in lengths.values()))
        place = 0
        column = filing.columns
        for number in used:
            match, subject, slot = self.columns[number]
            column.number = number
            column.match = <Match><int>match
            column.subject = subject
            column.slot = slot
            column.first_length = <int32_t>place
            column.length_count = 0
            if column.match == Match.STARTS:
                for length in sorted(lengths[number]):
                    filing.lengths[place] = length
                    place += 1
                    column.length_count += 1
            column += 1
        return 0

    cdef int visit(self, int32_t index) except -1:
        """Counts the mentions in a condition."""
        cdef const Node* node = &self.rules.nodes[index]
        cdef Predicate predicate
        cdef int32_t operand, segment
        if node.op == Op.AND or node.op == Op.OR:
            for operand in self.rules.operands[node.a:node.a + node.b]:
                self.visit(operand)
        elif predicate_of(self.rules, index, &predicate) and self.serves(predicate.subject):
            self.mention(&predicate)
        elif self.mentions != NULL:
            segment = needed_segment(self.rules, index)
            if segment >= BUILT_IN_SEGMENTS:
                self.mentions[segment] += 1
        return 0

    cdef bint serves(self, int32_t subject) noexcept:
        return (subject == ITEM) == (self.mentions == NULL)

    cdef int64_t weigh(self, int32_t index) except -1:
        """The cost of filing a condition: how many would be asked by its rarest predicate; NEVER when it requires none.
        """
        cdef const Node* node = &self.rules.nodes[index]
        cdef Predicate predicate
        cdef int32_t operand, segment
        cdef int64_t cost, least = NEVER, total = 0
        if node.op == Op.AND:
            for operand in self.rules.operands[node.a:node.a + node.b]:
                cost = self.weigh(operand)
                least = cost if cost < least else least
            return least
        if node.op == Op.OR:
            for operand in self.rules.operands[node.a:node.a + node.b]:
                cost = self.weigh(operand)
                if cost >= BY_THRESHOLD:
                    return NEVER
                total += cost
            return total
        if predicate_of(self.rules, index, &predicate) and self.serves(predicate.subject):
            return self.cost(&predicate)
        if self.mentions != NULL:
            segment = needed_segment(self.rules, index)
            if segment >= BUILT_IN_SEGMENTS:
                return self.mentions[segment]
        return BY_THRESHOLD if is_threshold(self.rules, index) else NEVER

    cdef int file(self, int32_t index, int32_t entry) except -1:
        """Files an entry under the predicates that ``weigh`` chose."""
        cdef const Node* node = &self.rules.nodes[index]
        cdef Predicate predicate
        cdef int32_t operand, chosen = -1
        cdef int64_t cost, least = NEVER
        if node.op == Op.AND:
            for operand in self.rules.operands[node.a:node.a + node.b]:
                cost = self.weigh(operand)
                if cost < least:
                    least = cost
                    chosen = operand
            return self.file(chosen, entry)
        if node.op == Op.OR:
            for operand in self.rules.operands[node.a:node.a + node.b]:
                self.file(operand, entry)
            return 0
        if predicate_of(self.rules, index, &predicate):
            return self.put(&predicate, entry)
        self.by_segment.append((needed_segment(self.rules, index), entry))
        return 0


cdef int build(const Rules* rules, Arena memory, Index* index) except -1:
    """Raises MemoryError."""
    file_segments(rules, memory, &index.segments, &index.segment_thresholds)
    note_amounts(rules, memory, index)
    return file_promotions(rules, memory, index)


cdef int file_segments(const Rules* rules, Arena memory, Filing* filing, Thresholds* thresholds) except -1:
    cdef Builder builder = Builder()
    cdef int32_t segment, root
    cdef int64_t cost
    builder.begin(rules, memory, filing, most_keys(rules, True), rules.counts[<int>SEGMENTS])
    for segment in range(BUILT_IN_SEGMENTS, rules.counts[<int>SEGMENTS]):
        builder.visit(rules.segments[segment].filter)
    for segment in range(BUILT_IN_SEGMENTS, rules.counts[<int>SEGMENTS]):
        root = rules.segments[segment].filter
        cost = builder.weigh(root)
        if cost < BY_THRESHOLD:
            builder.file(root, 2 * segment + is_whole(rules, root))
        elif cost == BY_THRESHOLD:
            builder.by_threshold.append((threshold_in(rules, root), 2 * segment + is_whole(rules, root)))
        else:
            builder.leave_unfiled(segment)
    lay_out_thresholds(rules, memory, builder.by_threshold, thresholds)
    return builder.finish(memory)


cdef int64_t most_keys(const Rules* rules, bint of_items) noexcept:
    cdef int64_t keys = 0
    cdef int32_t index
    cdef Predicate predicate
    for index in range(rules.counts[<int>NODES]):
        if predicate_of(rules, index, &predicate) and (predicate.subject == ITEM) == of_items:
            keys += predicate.count
    return keys


cdef int file_promotions(const Rules* rules, Arena memory, Index* index) except -1:
    """Files promotions under a code, a segment, a text of the cart or a schedule, or else a threshold, whichever each
    requires.
    """
    cdef Builder builder = Builder()
    cdef int32_t segments = rules.counts[<int>SEGMENTS], place, segment, count = rules.counts[<int>PROMOTIONS]
    cdef int32_t coded = 0
    cdef const Promotion* promotion
    for place in range(count):
        coded += rules.promotions[place].code_count + (rules.promotions[place].pool >= 0)
    builder.begin(rules, memory, &index.promotions, coded + most_keys(rules, False), count)
    builder.mentions = builder.memory.indices(segments)
    memset(builder.mentions, 0, segments * sizeof(int32_t))
    # Codes are looked up as promotions spell them; a condition reads ``cart.coupons`` as sent.
    index.code_column = builder.column(Match.CONTAINS, SUBJECT_COUNT, CODE)
    index.pool_column = builder.column(Match.CONTAINS, SUBJECT_COUNT, POOL)
    for promotion in rules.promotions[:count]:
        if promotion.condition >= 0:
            builder.visit(promotion.condition)
        for segment in segments_reached(rules, promotion):
            builder.mentions[segment] += 1
    for place in range(count):
        promotion = &rules.promotions[place]
        if needs_coupon(promotion):
            put_codes(builder, promotion, place)
        else:
            file_promotion(builder, promotion, place)
    lay_out_groups(memory, builder.by_segment, segments, &index.by_segment)
    lay_out_groups(memory, builder.by_schedule, rules.counts[<int>SCHEDULES], &index.by_schedule)
    lay_out_thresholds(rules, memory, builder.by_threshold, &index.promotion_thresholds)
    return builder.finish(memory)


cdef int put_codes(Builder builder, const Promotion* promotion, int32_t place) except -1:
    """Files a promotion under each of its codes and its pool."""
    cdef Predicate predicate
    predicate.match = Match.CONTAINS
    predicate.subject = SUBJECT_COUNT
    predicate.first = -1
    predicate.count = 1
    predicate.slot = CODE
    for predicate.text in builder.rules.text_lists[promotion.first_code:promotion.first_code + promotion.code_count]:
        builder.put(&predicate, place)
    if promotion.pool >= 0:
        predicate.slot = POOL
        predicate.text = promotion.pool
        builder.put(&predicate, place)
    return 0


cdef int file_promotion(Builder builder, const Promotion* promotion, int32_t place) except -1:
    cdef int64_t cost = NEVER, least = NEVER
    cdef int32_t segment, chosen = -1
    if promotion.condition >= 0:
        cost = builder.weigh(promotion.condition)
    for segment in segments_reached(builder.rules, promotion):
        if builder.mentions[segment] < least:
            least = builder.mentions[segment]
            chosen = segment
    if chosen >= 0 and least <= cost:
        builder.by_segment.append((chosen, place))
    elif cost < BY_THRESHOLD:
        builder.file(promotion.condition, place)
    elif promotion.schedule >= 0:
        builder.by_schedule.append((promotion.schedule, place))
    elif cost == BY_THRESHOLD:
        builder.by_threshold.append((threshold_in(builder.rules, promotion.condition), place))
    else:
        builder.leave_unfiled(place)
    return 0


cdef list segments_reached(const Rules* rules, const Promotion* promotion):
    """Segments that the reward needs a line of to have an effect, except those that nearly every cart has."""
    cdef const GoodsReward* goods
    cdef const PointsReward* points
    cdef int32_t part
    reached = []
    if promotion.family == GOODS_REWARDS:
        goods = &rules.goods_rewards[promotion.reward]
        for part in range(goods.first_part, goods.first_part + goods.part_count):
            reached.append(rules.parts[part].segment)
    elif promotion.family == GIFT_REWARDS:
        part = rules.gift_rewards[promotion.reward].part
        if part >= 0:
            reached.append(rules.parts[part].segment)
    elif promotion.family == POINTS_REWARDS:
        points = &rules.points_rewards[promotion.reward]
        if points.kind == PointsKind.POINTS_PER_UNIT_SPENT:
            reached.append(points.segment)
    return [segment for segment in reached if segment >= BUILT_IN_SEGMENTS]


cdef int lay_out_groups(Arena memory, list needs, int32_t count, Groups* groups) except -1:
    """From pairs of a number below the count and a promotion; pairs may repeat."""
    cdef int32_t number, promotion, place = 0
    needs = sorted(set(needs))
    groups.first = <int32_t*>memory.filled(count + 1, sizeof(int32_t), 0)
    groups.entries = memory.indices(len(needs))
    for number, promotion in needs:
        groups.entries[place] = promotion
        groups.first[number + 1] += 1
        place += 1
    for number in range(count):
        groups.first[number + 1] += groups.first[number]
    return 0


cdef int lay_out_thresholds(const Rules* rules, Arena memory, list wanted, Thresholds* thresholds) except -1:
    """From pairs of a comparison and an entry; one without a figure in a currency is never met there."""
    cdef int32_t currency, node, entry
    cdef Least least
    cdef ThresholdColumn* column
    cdef Threshold* threshold
    facts = {}
    for node, entry in wanted:
        for currency in range(rules.currency_count):
            if read_threshold(rules, node, currency, &least) == 1:
                rows = facts.setdefault((least.subject, least.slot), {})
                rows.setdefault(currency, []).append((least.least, entry))
    thresholds.column_count = len(facts)
    column = thresholds.columns = <ThresholdColumn*>memory.take(
        len(facts) * rules.currency_count, sizeof(ThresholdColumn)
    )
    for currency in range(rules.currency_count):
        for (subject, slot), rows in facts.items():
            row = sorted(rows.get(currency, ()))
            threshold = <Threshold*>memory.take(len(row), sizeof(Threshold))
            column.first = threshold
            column.count = len(row)
            column.subject = subject
            column.slot = slot
            column += 1
            for amount, entry in row:
                threshold.least = amount
                threshold.entry = entry
                threshold += 1
    return 0
