"""Which promotions may apply to a cart, before any layer is run: found by the index, then asked one by one."""

cimport cython
from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t
from libc.string cimport memset

from engine._native.artifact cimport (
    CART_SEGMENT, EXCLUSIVE_STRICT, PROMOTIONS, SEGMENT, SHIPMENT, STRICT, Limits, Promotion,
)
from engine._native.basket cimport Basket, Number, Text, TextList, facts_of_segment
from engine._native.bits cimport WORD, Walk, add, contains, next_member, walk_through, words_for
from engine._native.clock cimport Clock, is_open
from engine._native.codes cimport Codes
from engine._native.conditions cimport figure
from engine._native.index cimport Column, Filing, Groups, Key, Match, Threshold, ThresholdColumn, Thresholds, key_of
from engine._native.memory cimport Arena
from engine._native.program cimport Program, Rules, needs_coupon
from engine._native.rewards cimport (
    BUDGET_SPENT, DECLINED, GRANTED, LIMIT_CODE, LIMIT_CUSTOMER, LIMIT_TOTAL, NO_AMOUNT_IN_CURRENCY, OUTSIDE_SCHEDULE,
    Outcome,
)
from engine._native.selection cimport has_units
from engine._native.sent cimport SentCart, SentUsage
from engine._native.shipping cimport ask_about
from engine._native.texts cimport decoded


@cython.final
cdef class Eligibility:
    """Chooses the candidates of one cart after the other."""

    def __cinit__(self, Program program not None):
        cdef int64_t words = words_for(program.rules.counts[<int>PROMOTIONS])
        self.program = program
        self.memory = Arena()
        self.codes = Codes(program)
        self.marked = <uint64_t*>self.memory.filled(words, sizeof(uint64_t), 0)
        self.summary_words = <int32_t>words_for(words)
        self.summary = <uint64_t*>self.memory.filled(self.summary_words, sizeof(uint64_t), 0)
        self.reached = self.memory.indices(program.index.promotion_thresholds.column_count)
        self.clock = Clock(program)

    cdef int choose(self, const SentCart* sent, bint all_promotions, bint same_codes) except -1:
        """Lists the candidates, of all promotions or of those that the index finds. ``same_codes``: neither the cart's
        codes nor what is known of them changed since the last time.
        """
        self.clock.look(sent.second)
        self.open_until = self.clock.until
        if not same_codes:
            self.codes.read(sent)
        self.clear_marks()
        self.mark_reachable()
        return self.collect(sent, all_promotions)

    cdef void clear_marks(self) noexcept:
        cdef Walk walk = walk_through(self.summary, self.summary_words)
        cdef int32_t word
        while next_member(&walk, &word):
            self.marked[word] = 0
        memset(self.summary, 0, self.summary_words * sizeof(uint64_t))

    cdef void mark(self, int32_t promotion) noexcept:
        add(self.marked, promotion)
        add(self.summary, promotion // WORD)

    cdef void mark_reachable(self) noexcept:
        """Marks what is filed under anything that the cart has."""
        cdef const Filing* filing = &self.program.index.promotions
        cdef const Column* column
        cdef int32_t index
        for index in filing.unfiled[:filing.unfiled_count]:
            self.mark(index)
        for index in self.basket.row_segments[1:self.basket.row_count]:
            # The row may have lost its last line.
            if has_units(self.basket, index):
                self.mark_group(&self.program.index.by_segment, index)
        for index in self.clock.open[:self.clock.open_count]:
            self.mark_group(&self.program.index.by_schedule, index)
        for column in filing.columns[:filing.column_count]:
            self.mark_column(column)
        self.mark_thresholds()
        for index in range(self.codes.count):
            self.mark_filed(self.codes.codes[index].first, self.codes.codes[index].count)

    cdef void mark_group(self, const Groups* groups, int32_t number) noexcept:
        cdef int32_t promotion
        for promotion in groups.entries[groups.first[number]:groups.first[number + 1]]:
            self.mark(promotion)

    cdef void mark_column(self, const Column* column) noexcept:
        """Marks what is filed under a fact of the customer, the cart or any shipment."""
        cdef int32_t place
        if column.subject == SHIPMENT:
            for place in range(self.basket.shipment_count):
                ask_about(self.basket, place)
                self.mark_texts(column)
        else:
            self.mark_texts(column)

    cdef void mark_texts(self, const Column* column) noexcept:
        """Marks what is filed under the texts of a fact."""
        cdef const Filing* filing = &self.program.index.promotions
        cdef const TextList* choices
        cdef Text text
        cdef int64_t place
        cdef int32_t length
        if column.match == Match.CONTAINS:
            choices = &self.basket.facts.lists[column.subject][column.slot]
            for place in range(choices.count):
                self.mark_text(column.number, choices.texts[place])
            return
        text = self.basket.facts.texts[column.subject][column.slot]
        if text.start == NULL:
            return
        if column.match == Match.EQUALS:
            self.mark_text(column.number, text)
            return
        for length in filing.lengths[column.first_length:column.first_length + column.length_count]:
            if length <= text.length:
                self.mark_text(column.number, Text(text.start, length))

    cdef void mark_text(self, int32_t number, Text text) noexcept:
        cdef const Key* key = key_of(&self.program.index.promotions, text, number)
        if key != NULL:
            self.mark_filed(key.first, key.count)

    cdef void mark_filed(self, int32_t first, int32_t count) noexcept:
        cdef int32_t promotion
        for promotion in self.program.index.promotions.entries[first:first + count]:
            self.mark(promotion)

    cdef void mark_thresholds(self) noexcept:
        cdef const Thresholds* thresholds = &self.program.index.promotion_thresholds
        cdef int64_t row = <int64_t>self.basket.facts.currency * thresholds.column_count
        cdef const ThresholdColumn* column
        cdef const Threshold* threshold
        cdef Number fact
        cdef int32_t index
        for index in range(thresholds.column_count):
            column = &thresholds.columns[row + index]
            self.reached[index] = 0
            fact = self.fact_of(column)
            if not fact.present:
                continue
            for threshold in column.first[:column.count]:
                if threshold.least > fact.value:
                    break
                self.reached[index] += 1
                self.mark(threshold.entry)

    cdef Number fact_of(self, const ThresholdColumn* column) noexcept:
        """Of the cart or the customer."""
        if column.subject == SEGMENT:
            return facts_of_segment(&self.basket.facts, CART_SEGMENT)[column.slot]
        return self.basket.facts.numbers[column.subject][column.slot]

    cdef bint holds(self, const SentCart* sent) noexcept:
        """Whether no schedule changed and no threshold was crossed since ``choose``."""
        cdef const Thresholds* thresholds = &self.program.index.promotion_thresholds
        cdef int64_t row = <int64_t>self.basket.facts.currency * thresholds.column_count
        cdef const ThresholdColumn* column
        cdef Number fact
        cdef int32_t index, reached
        if not self.clock.since <= sent.second < self.clock.until:
            return False
        for index in range(thresholds.column_count):
            column = &thresholds.columns[row + index]
            fact = self.fact_of(column)
            reached = self.reached[index]
            if not fact.present:
                continue
            if reached and column.first[reached - 1].least > fact.value:
                return False
            if reached < column.count and column.first[reached].least <= fact.value:
                return False
        return True

    cdef int collect(self, const SentCart* sent, bint all_promotions) except -1:
        """Lists the promotions that have no obstacle."""
        cdef const Rules* rules = &self.program.rules
        cdef Basket* basket = self.basket
        cdef int32_t index
        declined = {
            self.promotion_of(sent.texts[index])
            for index in range(sent.declined.first, sent.declined.first + sent.declined.count)
        } if sent.declined.count else None
        usage = {
            self.promotion_of(sent.usage[index].promotion_id): index for index in range(sent.usage_count)
        } if sent.usage_count else None
        basket.kept.rechosen = True
        basket.candidate_count = 0
        if all_promotions:
            for index in range(rules.counts[<int>PROMOTIONS]):
                self.consider(index, sent, declined, usage)
        else:
            self.consider_marked(sent, declined, usage)
        basket.strict_count = 0
        for index in rules.strict[:rules.counts[<int>STRICT]]:
            if (all_promotions or contains(basket.reachable, index)) and basket.outcomes[index] == GRANTED:
                basket.strict[basket.strict_count] = index
                basket.strict_count += 1
        return 0

    cdef int consider_marked(self, const SentCart* sent, set declined, dict usage) except -1:
        cdef Walk words = walk_through(self.summary, self.summary_words), promotions
        cdef int32_t word, index
        while next_member(&words, &word):
            promotions = walk_through(&self.marked[word], 1)
            while next_member(&promotions, &index):
                self.consider(word * WORD + index, sent, declined, usage)
        return 0

    cdef int32_t promotion_of(self, Text promotion_id) except -2:
        """Its index; -1: the rule set has no such promotion."""
        return self.program.promotion_indices.get(decoded(promotion_id), -1)

    cdef int consider(self, int32_t index, const SentCart* sent, set declined, dict usage) except -1:
        cdef Basket* basket = self.basket
        cdef Outcome outcome = self.obstacle(index, sent, declined, usage)
        basket.outcomes[index] = outcome
        if outcome == GRANTED and self.program.rules.promotions[index].exclusive != EXCLUSIVE_STRICT:
            basket.candidates[basket.candidate_count] = index
            basket.candidate_count += 1
        return 0

    cdef Outcome obstacle(self, int32_t index, const SentCart* sent, set declined, dict usage) except? DECLINED:
        """Why a promotion cannot apply, before any layer is run; GRANTED when it may. Fills in its coupon and budget.
        """
        cdef const Rules* rules = &self.program.rules
        cdef const Promotion* promotion = &rules.promotions[index]
        cdef int64_t currencies = <int64_t>promotion.currency_set * rules.currency_count
        cdef const SentUsage* used = NULL
        cdef Outcome outcome = GRANTED, limit
        if declined and index in declined or self.only is not None and index not in self.only:
            return DECLINED
        if not rules.currency_sets[currencies + self.basket.facts.currency]:
            return NO_AMOUNT_IN_CURRENCY
        if promotion.schedule >= 0 and not is_open(self.clock, promotion.schedule):
            return OUTSIDE_SCHEDULE
        if needs_coupon(promotion):
            outcome = self.codes.obstacle(index)
        if promotion.limits >= 0 and (outcome == GRANTED or outcome == LIMIT_CODE):
            if usage and index in usage:
                used = &sent.usage[<int32_t>usage[index]]
            limit = self.limit_reached(index, used)
            outcome = limit if limit < outcome else outcome
        return outcome

    cdef Outcome limit_reached(self, int32_t index, const SentUsage* usage) noexcept:
        """Which limit of the promotion its usage has reached, that of codes aside; fills in what is left of its budget.
        """
        cdef const Rules* rules = &self.program.rules
        cdef const Limits* limits = &rules.limits[rules.promotions[index].limits]
        cdef int64_t budget, spent = usage.spent if usage != NULL else 0
        self.basket.budgets[index] = INT64_MAX
        if 0 <= limits.total <= (usage.total if usage != NULL else 0):
            return LIMIT_TOTAL
        if 0 <= limits.per_customer <= (usage.customer if usage != NULL else 0):
            return LIMIT_CUSTOMER
        if limits.budget >= 0:
            budget = figure(rules, &self.basket.facts, limits.budget).value
            self.basket.budgets[index] = budget - spent
            if budget <= spent:
                return BUDGET_SPENT
        return GRANTED
