"""Checks the records of an artifact once: afterwards no index leaves its section, expressions are short and nothing
overflows. The meaning of the rules is not checked again, only what the core relies on.
"""

from libc.stdint cimport INT64_MAX, INT64_MIN, int32_t, int64_t

from engine._native.artifact cimport (
    ATTRIBUTES, BUILT_IN_SEGMENTS, CART, CART_LISTS, CART_NUMBERS, CART_TEXTS, CREDIT_REWARDS, CURRENCIES,
    CURRENCY_SETS, CUSTOMER, CUSTOMER_LISTS, CUSTOMER_NUMBERS, CUSTOMER_TEXTS, EFFECT_REWARDS, ENTRIES, EXCLUSIVE_CART,
    EXCLUSIVE_LAYER, EXCLUSIVE_STRICT, FIGURES, GIFT_REWARDS, GOODS_REWARDS, GROUP_SLOTS, ITEM, ITEM_LISTS,
    ITEM_NUMBERS, ITEM_TEXTS, LABELS, LAYERS, LIMITS, NODES, NUMBERS, PARTS, POINTS_FIXED, POINTS_MULTIPLIER,
    POINTS_PER_UNIT_SPENT, POINTS_REWARDS, PROMOTIONS, RULE_SETS, SCHEDULES, SEGMENT, SEGMENTS, SHIPMENT,
    SHIPMENT_NUMBERS, SHIPMENT_TEXTS, SHIPPING_REWARDS, STRICT, TEXTS, TEXT_BYTES, TEXT_LISTS, TRANSITIONS, WINDOWS,
    Attribute, Combine, Entry, Figure, GiftReward, GoodsReward, Layer, LayerKind, Leftover, Limits, NumberKind,
    NumberTable, Part, Per, Percentages, Period, Pick, PointsReward, Promotion, Returns, RewardKind, Rounding, RuleSet,
    Same, Schedule, Segment, Selection, ShippingReward, TextEntry, Transition, Type, Window,
)
from engine._native.expressions cimport Inspected, unsound_node
from engine._native.memory cimport Arena
from engine._native.money cimport MAX_AMOUNT, WHOLE, maximum
from engine._native.program cimport Rules
from engine._native.sections cimport is_row, slice_within, within

from engine.errors import InvalidArtifact

cdef enum:
    MAX_MINUTE = 24 * 60
    MAX_OFFSET = 2 * 86_400       # seconds
    ALL_WEEKDAYS = 127
    MAX_UNIT = 10_000             # minor units of a currency unit
    MAX_QUANTITY = 1_000_000
    MAX_WEIGHT = 1_000_000_000    # grams of a unit
    MAX_FACTOR = 1_000_000_000    # of points, in millionths
    MAX_NODES = 10_000_000        # of a search
    IN_FILTERS = 1 << <int>ITEM
    IN_GOODS = (1 << <int>CUSTOMER) | (1 << <int>CART) | (1 << <int>SEGMENT)
    IN_SHIPPING = IN_GOODS | (1 << <int>SHIPMENT)

cdef int64_t LARGEST = <int64_t>MAX_AMOUNT
# In the year 9998, so that the edges of a schedule fit a protobuf Timestamp.
cdef int64_t MAX_SECOND = 253_339_228_800


cdef int verify(Rules* rules) except -1:
    """Checks every record and counts the slots of each subject; raises InvalidArtifact."""
    cdef Verifier verifier = Verifier()
    verifier.rules = rules
    verifier.nodes = <Inspected*>verifier.arena.take(rules.counts[<int>NODES], sizeof(Inspected))
    verifier.verify_counts()
    verifier.verify_texts()
    verifier.verify_figures()
    verifier.verify_rule_set()
    verifier.verify_attributes()
    verifier.verify_nodes()
    verifier.verify_segments()
    verifier.verify_numbers()
    verifier.verify_parts()
    verifier.verify_limits()
    verifier.verify_labels()
    verifier.verify_layers()
    verifier.verify_schedules()
    return 0


cdef int require(bint holds, str what, int64_t index) except -1:
    if not holds:
        raise InvalidArtifact(f"{what} {index} is invalid")
    return 0


cdef class Verifier:
    """One pass over the records, section by section; later ones rely on what earlier ones checked."""

    cdef Rules* rules
    cdef Inspected* nodes
    cdef Arena arena

    def __cinit__(self):
        self.arena = Arena()

    cdef int verify_counts(self) except -1:
        cdef int32_t* counts = self.rules.counts
        require(counts[<int>RULE_SETS] == 1, "section", RULE_SETS)
        require(counts[<int>CURRENCIES] >= 1, "section", CURRENCIES)
        require(counts[<int>FIGURES] % self.rules.currency_count == 0, "section", FIGURES)
        require(counts[<int>CURRENCY_SETS] % self.rules.currency_count == 0, "section", CURRENCY_SETS)
        require(counts[<int>SEGMENTS] >= BUILT_IN_SEGMENTS, "section", SEGMENTS)
        require(counts[<int>TRANSITIONS] >= 1, "section", TRANSITIONS)
        return 0

    cdef int verify_texts(self) except -1:
        cdef const TextEntry* text
        cdef int32_t index
        for index in range(self.rules.counts[<int>TEXTS]):
            text = &self.rules.texts[index]
            require(slice_within(self.rules, text.offset, text.length, TEXT_BYTES), "text", index)
        for index in range(self.rules.currency_count):
            require(within(self.rules, self.rules.currencies[index].code, TEXTS), "currency", index)
            require(1 <= self.rules.currencies[index].unit <= MAX_UNIT, "currency", index)
        for index in range(self.rules.counts[<int>TEXT_LISTS]):
            require(within(self.rules, self.rules.text_lists[index], TEXTS), "listed text", index)
        return 0

    cdef int verify_figures(self) except -1:
        cdef int32_t index
        for index in range(self.rules.counts[<int>FIGURES]):
            require(self.rules.figures[index].present in (0, 1), "figure", index)
        return 0

    cdef int verify_rule_set(self) except -1:
        cdef const RuleSet* rule_set = self.rules.rule_set
        require(within(self.rules, rule_set.name, TEXTS), "rule set", 0)
        require(is_code(rule_set.rounding, Rounding.HALF_DOWN), "rule set", 0)
        require(is_code(rule_set.leftover, Leftover.ROUNDED), "rule set", 0)
        require(rule_set.selects_globally in (0, 1), "rule set", 0)
        require(rule_set.case_sensitive in (0, 1), "rule set", 0)
        require(rule_set.one_coupon in (0, 1), "rule set", 0)
        require(is_code(rule_set.returns, Returns.REPRICE), "rule set", 0)
        require(1 <= rule_set.search_nodes <= MAX_NODES, "rule set", 0)
        require(-1 <= rule_set.markup, "rule set", 0)
        return 0

    cdef int verify_attributes(self) except -1:
        """Also counts slots: the declared attributes of a subject follow its built-in facts, in order."""
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
            require(within(self.rules, attribute.name, TEXTS), "attribute", index)
            slots = texts if attribute.type == Type.STRING else numbers
            require(attribute.slot == slots[attribute.subject], "attribute", index)
            slots[attribute.subject] += 1
        return 0

    cdef int verify_nodes(self) except -1:
        cdef int32_t unsound = unsound_node(self.rules, self.nodes)
        return require(unsound < 0, "node", unsound)

    cdef bint asks_only(self, int64_t node, int32_t subjects) noexcept:
        """Whether it is a node that reads facts of these subjects only."""
        return within(self.rules, node, NODES) and not self.nodes[node].subjects & ~subjects

    cdef int verify_segments(self) except -1:
        cdef const Segment* segment
        cdef int32_t index
        for index in range(self.rules.counts[<int>SEGMENTS]):
            segment = &self.rules.segments[index]
            require(within(self.rules, segment.name, TEXTS), "segment", index)
            require(segment.read in (0, 1), "segment", index)
            if index < BUILT_IN_SEGMENTS:
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
                require(is_row(self.rules, number.first, FIGURES), "number", index)
                continue
            require(is_code(number.kind, NumberKind.FOR_EVERY), "number", index)
            require(within(self.rules, number.by, NODES), "number", index)
            require(self.nodes[number.by].is_text == (number.kind == NumberKind.CASES_BY_TEXT), "number", index)
            require(slice_within(self.rules, number.first, number.length, ENTRIES), "number", index)
            for entry in self.rules.entries[number.first:number.first + number.length]:
                require(is_row(self.rules, entry.value, FIGURES), "number", index)
                if number.kind == NumberKind.CASES_BY_TEXT:
                    require(within(self.rules, entry.key, TEXTS), "number", index)
                else:
                    require(is_row(self.rules, entry.key, FIGURES), "number", index)
            if number.kind == NumberKind.FOR_EVERY:
                require(number.length == 2, "number", index)
                require(self.is_limited(self.rules.entries[number.first].key, 1, INT64_MAX), "number", index)
        return 0

    cdef int verify_parts(self) except -1:
        cdef int32_t index, segment
        for index in range(self.rules.counts[<int>PARTS]):
            segment = self.rules.parts[index].segment
            require(1 <= segment < self.rules.counts[<int>SEGMENTS], "part", index)
        return 0

    cdef int verify_limits(self) except -1:
        cdef const Limits* limits
        cdef int32_t index
        for index in range(self.rules.counts[<int>LIMITS]):
            limits = &self.rules.limits[index]
            require(-1 <= min(limits.total, limits.per_customer, limits.per_code), "limits", index)
            require(-1 <= limits.total_period <= <int>Period.YEAR, "limits", index)
            require(-1 <= limits.customer_period <= <int>Period.YEAR, "limits", index)
            require(-1 <= limits.code_period <= <int>Period.YEAR, "limits", index)
            require(limits.budget == -1 or self.is_limited(limits.budget, 0, LARGEST), "limits", index)
            require(limits.partial in (0, 1), "limits", index)
        return 0

    cdef int verify_labels(self) except -1:
        """Also counts labels: what a session keeps for each is bounded by the size of the artifact."""
        cdef int32_t index, label
        self.rules.label_count = 0
        for index in range(self.rules.counts[<int>LABELS]):
            label = self.rules.labels[index]
            require(within(self.rules, label, LABELS), "label", index)
            self.rules.label_count = <int32_t>maximum(self.rules.label_count, label + 1)
        return 0

    cdef int verify_layers(self) except -1:
        """Together the layers hold every promotion once, in order."""
        cdef const Layer* layer
        cdef int32_t index, promotion, next_promotion = 0
        for index in range(self.rules.counts[<int>LAYERS]):
            layer = &self.rules.layers[index]
            require(within(self.rules, layer.name, TEXTS), "layer", index)
            require(is_code(layer.kind, LayerKind.POINTS), "layer", index)
            require(is_code(layer.combine, Combine.BEST_PER_LINE), "layer", index)
            require(is_code(layer.percentages, Percentages.COMPOUNDING), "layer", index)
            require(layer.first_promotion == next_promotion, "layer", index)
            require(slice_within(self.rules, next_promotion, layer.promotion_count, PROMOTIONS), "layer", index)
            next_promotion += layer.promotion_count
            for promotion in range(layer.first_promotion, next_promotion):
                self.verify_promotion(promotion, layer.kind)
                if layer.combine == Combine.BEST_PER_LINE:
                    require(self.is_for_lines(&self.rules.promotions[promotion]), "promotion", promotion)
                else:
                    require(self.rules.promotions[promotion].together == -1, "promotion", promotion)
            if layer.combine == Combine.BEST_PER_LINE:
                require(layer.kind != LayerKind.POINTS and not self.rules.rule_set.selects_globally, "layer", index)
        for index in range(self.rules.counts[<int>STRICT]):
            promotion = self.rules.strict[index]
            require(within(self.rules, promotion, PROMOTIONS), "strict promotion", index)
            require(self.rules.promotions[promotion].exclusive == EXCLUSIVE_STRICT, "strict promotion", index)
        return require(next_promotion == self.rules.counts[<int>PROMOTIONS], "section", PROMOTIONS)

    cdef bint is_for_lines(self, const Promotion* promotion) noexcept:
        """Whether it may be granted on some of its lines or shipments only."""
        cdef const GoodsReward* reward
        if promotion.exclusive in (EXCLUSIVE_LAYER, EXCLUSIVE_CART):
            return False
        if promotion.family != GOODS_REWARDS:
            return promotion.family == SHIPPING_REWARDS
        reward = &self.rules.goods_rewards[promotion.reward]
        return (
            reward.selection == Selection.UNITS and self.rules.parts[reward.first_part].quantity == -1
            and not (reward.set_size or reward.at_least or reward.shipping or reward.of_list_price)
        )

    cdef int verify_promotion(self, int32_t index, int layer) except -1:
        cdef const Promotion* promotion = &self.rules.promotions[index]
        cdef int32_t subjects = IN_SHIPPING if layer == LayerKind.SHIPPING else IN_GOODS
        require(within(self.rules, promotion.id, TEXTS), "promotion", index)
        require(within(self.rules, promotion.name, TEXTS), "promotion", index)
        require(is_row(self.rules, promotion.currency_set, CURRENCY_SETS), "promotion", index)
        require(promotion.schedule == -1 or within(self.rules, promotion.schedule, SCHEDULES), "promotion", index)
        require(-1 <= promotion.exclusive <= EXCLUSIVE_STRICT, "promotion", index)
        require(slice_within(self.rules, promotion.first_label, promotion.label_count, LABELS), "promotion", index)
        require(
            slice_within(self.rules, promotion.first_exclusion, promotion.exclusion_count, LABELS), "promotion", index
        )
        require(slice_within(self.rules, promotion.first_code, promotion.code_count, TEXT_LISTS), "promotion", index)
        require(promotion.pool == -1 or within(self.rules, promotion.pool, TEXTS), "promotion", index)
        require(promotion.limits == -1 or within(self.rules, promotion.limits, LIMITS), "promotion", index)
        require(promotion.together >= -1, "promotion", index)
        require(promotion.value == -1 or self.is_limited(promotion.value, 0, LARGEST), "promotion", index)
        if promotion.condition != -1:
            require(self.asks_only(promotion.condition, subjects), "promotion", index)
            require(not self.nodes[promotion.condition].is_text, "promotion", index)
        require(goes_into(promotion.family, layer), "promotion", index)
        require(within(self.rules, promotion.reward, promotion.family), "promotion", index)
        return require(self.is_reward(promotion.family, promotion.reward, subjects), "promotion", index)

    cdef bint is_reward(self, int family, int32_t index, int32_t subjects) noexcept:
        """Whether a reward is one that reads facts of no other subjects."""
        if family == GOODS_REWARDS:
            return self.is_goods_reward(&self.rules.goods_rewards[index], subjects)
        if family == SHIPPING_REWARDS:
            return self.is_shipping_reward(&self.rules.shipping_rewards[index], subjects)
        if family == GIFT_REWARDS:
            return self.is_gift_reward(&self.rules.gift_rewards[index], subjects)
        if family == POINTS_REWARDS:
            return self.is_points_reward(&self.rules.points_rewards[index], subjects)
        if family == CREDIT_REWARDS:
            return self.is_number(self.rules.credit_rewards[index].number, subjects, 0, LARGEST)
        return (
            within(self.rules, self.rules.effect_rewards[index].name, TEXTS)
            and within(self.rules, self.rules.effect_rewards[index].payload, TEXTS)
        )

    cdef bint is_goods_reward(self, const GoodsReward* reward, int32_t subjects) noexcept:
        """Only UNITS may mean all of a part, and have a cap, sets and the like."""
        cdef bint units = reward.selection == Selection.UNITS, bundle = reward.selection == Selection.BUNDLE
        cdef bint buy_get = not units and not bundle
        cdef bint different = reward.different != Same.SAME_NOTHING
        cdef const Part* parts
        cdef int32_t part
        if reward.part_count < 1 or not slice_within(self.rules, reward.first_part, reward.part_count, PARTS):
            return False
        self.rules.most_parts = <int32_t>maximum(self.rules.most_parts, reward.part_count)
        parts = &self.rules.parts[reward.first_part]
        for part in range(reward.part_count):
            if not self.is_part(reward.first_part + part, subjects, units):
                return False
            if different and parts[part].segment != parts.segment:
                return False
        return (
            self.is_offer(reward.kind, reward.number, subjects) and is_code(reward.per, Per.ORDER)
            and is_code(reward.selection, Selection.BUY_GET_SET) and is_code(reward.pick, Pick.LINE_ORDER)
            and (reward.up_to == -1 or units and self.is_number(reward.up_to, subjects, 0, LARGEST))
            and (reward.repeat == -1 or self.is_number(reward.repeat, subjects, 1, MAX_QUANTITY))
            and reward.skip_reduced in (0, 1) and reward.at_least >= 0 and reward.set_rows in (0, 1)
            and (reward.shipping == 0 or reward.shipping == 1 and units)
            and (
                reward.of_list_price == 0
                or reward.of_list_price == 1 and units and reward.kind == RewardKind.PERCENT_OFF
            )
            and (reward.incomplete == 0 or reward.incomplete == 1 and buy_get)
            and self.is_same(reward.same) and self.is_same(reward.different) and (bundle or not different)
            and (reward.full_price_parts == 0 or bundle and 0 < reward.full_price_parts < reward.part_count)
            and (reward.set_size == 0 or 1 <= reward.set_position <= reward.set_size)
            and (bundle or reward.part_count == (1 if units else 2))
            # Of all units it does not matter which are alike.
            and (
                not units or reward.same == Same.SAME_NOTHING or reward.set_size or reward.at_least
                or parts.quantity >= 0
            )
        )

    cdef bint is_shipping_reward(self, const ShippingReward* reward, int32_t subjects) noexcept:
        return (
            self.is_offer(reward.kind, reward.number, subjects)
            and (reward.up_to == -1 or self.is_number(reward.up_to, subjects, 0, LARGEST))
            and slice_within(self.rules, reward.first_method, reward.method_count, TEXT_LISTS)
            and (reward.together == 0 or reward.together == 1 and reward.kind == RewardKind.AMOUNT_OFF)
        )

    cdef bint is_gift_reward(self, const GiftReward* reward, int32_t subjects) noexcept:
        return (
            1 <= reward.sku_count
            and slice_within(self.rules, reward.first_sku, reward.sku_count, TEXT_LISTS)
            and self.is_number(reward.quantity, subjects, 1, MAX_QUANTITY)
            and (
                reward.part == -1
                or within(self.rules, reward.part, PARTS) and self.is_part(reward.part, subjects, False)
            )
            and 0 <= reward.weight <= MAX_WEIGHT
        )

    cdef bint is_points_reward(self, const PointsReward* reward, int32_t subjects) noexcept:
        if reward.kind == POINTS_MULTIPLIER:
            return self.is_number(reward.number, subjects, WHOLE, MAX_FACTOR)
        if reward.kind == POINTS_PER_UNIT_SPENT:
            if not (within(self.rules, reward.segment, SEGMENTS) and self.rules.segments[reward.segment].read):
                return False
        elif reward.kind != POINTS_FIXED:
            return False
        return self.is_number(reward.number, subjects, 0, LARGEST)

    cdef bint is_same(self, int64_t code) noexcept:
        """Whether lines can have it in common."""
        cdef int64_t attribute = code - Same.SAME_ATTRIBUTE
        if attribute < 0:
            return code >= Same.SAME_NOTHING
        return within(self.rules, attribute, ATTRIBUTES) and self.rules.attributes[attribute].subject == ITEM

    cdef bint is_part(self, int32_t index, int32_t subjects, bint may_be_all) noexcept:
        cdef int32_t quantity = self.rules.parts[index].quantity
        return may_be_all and quantity == -1 or self.is_number(quantity, subjects, 1, MAX_QUANTITY)

    cdef bint is_offer(self, int kind, int64_t number, int32_t subjects) noexcept:
        """Whether it takes a percentage, an amount or what is above a price."""
        cdef int64_t limit = <int64_t>WHOLE if kind == RewardKind.PERCENT_OFF else LARGEST
        return is_code(kind, RewardKind.FIXED_PRICE) and self.is_number(number, subjects, 0, limit)

    cdef bint is_number(self, int64_t index, int32_t subjects, int64_t least, int64_t most) noexcept:
        """Whether it is a number that reads facts of these subjects only, with values within these bounds."""
        cdef const NumberTable* number
        cdef const Entry* entry
        if not within(self.rules, index, NUMBERS):
            return False
        number = &self.rules.numbers[index]
        if number.kind == NumberKind.FIXED:
            return self.is_limited(number.first, least, most)
        for entry in self.rules.entries[number.first:number.first + number.length]:
            if not self.is_limited(entry.value, least, most):
                return False
        return self.asks_only(number.by, subjects)

    cdef bint is_limited(self, int64_t row, int64_t least, int64_t most) noexcept:
        """Whether it is a row of figures within these bounds."""
        cdef int64_t first = row * self.rules.currency_count
        cdef Figure figure
        if not is_row(self.rules, row, FIGURES):
            return False
        for figure in self.rules.figures[first:first + self.rules.currency_count]:
            if figure.present and not least <= figure.amount <= most:
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
            require(slice_within(self.rules, schedule.first_window, schedule.window_count, WINDOWS), "schedule", index)
        for index in range(self.rules.counts[<int>WINDOWS]):
            window = &self.rules.windows[index]
            require(0 <= window.start <= MAX_MINUTE and 0 <= window.end <= MAX_MINUTE, "window", index)
        for index in range(self.rules.counts[<int>TRANSITIONS]):
            transition = &self.rules.transitions[index]
            require(is_moment(transition.start) and earlier < transition.start, "transition", index)
            require(-MAX_OFFSET <= transition.offset <= MAX_OFFSET, "transition", index)
            earlier = transition.start
        return 0


cdef bint goes_into(int family, int layer) noexcept:
    """Whether a layer may have rewards of a family."""
    if layer == LayerKind.SHIPPING or family == SHIPPING_REWARDS:
        return layer == LayerKind.SHIPPING and family == SHIPPING_REWARDS
    if layer == LayerKind.POINTS:
        return family in (GIFT_REWARDS, POINTS_REWARDS, CREDIT_REWARDS, EFFECT_REWARDS)
    return family == GOODS_REWARDS or family in (GIFT_REWARDS, CREDIT_REWARDS, EFFECT_REWARDS)


cdef bint is_code(int64_t value, int64_t last) noexcept:
    return 0 <= value <= last


cdef bint is_moment(int64_t second) noexcept:
    return -MAX_SECOND <= second <= MAX_SECOND
