"""Coupon codes of a cart: which count, which promotion uses which, and their status (docs/pricing.md §5, §8)."""

cimport cython
from libc.stdint cimport int32_t, int64_t

from engine._native.artifact cimport PROMOTIONS, Promotion
from engine._native.basket cimport Basket, Text, same
from engine._native.index cimport Key, key_of
from engine._native.memory cimport Arena
from engine._native.ordering cimport index_of
from engine._native.program cimport Program, Rules, constant_text
from engine._native.rewards cimport (
    BUDGET_EXCEEDED, BUDGET_SPENT, COUPON_REPLACED, DISPLACED, EMPTY_CART, EXPIRED, GRANTED, LIMIT_CODE, LIMIT_CUSTOMER,
    LIMIT_TOTAL, NO_COUPON, NOT_BEST, NOT_STARTED, OUTSIDE_SCHEDULE, UNVERIFIED, Outcome,
)
from engine._native.sent cimport FactState, SentCart, SentCouponFact, SentUsage, SentUses, Slice


@cython.final
cdef class Codes:
    """Of one cart after the other."""

    def __cinit__(self, Program program not None):
        self.program = program
        self.memory = Arena()
        self.program_memory = Arena()
        self.used = self.program_memory.indices(program.rules.counts[<int>PROMOTIONS])

    cdef int read(self, const SentCart* sent) except -1:
        """Reads the codes of a cart; an empty code is ignored, and one sent twice counts once."""
        cdef const Text* text
        cdef SentCode* code
        cdef Text folded
        cdef int32_t index, place
        self.cart = sent
        self.count = 0
        if sent.coupons.count == 0:
            return 0
        self.memory.reset()
        self.codes = <SentCode*>self.memory.take(sent.coupons.count, sizeof(SentCode))
        for place in range(sent.coupons.first, sent.coupons.first + sent.coupons.count):
            text = &sent.texts[place]
            if text.length == 0:
                continue
            folded = self.folded(text[0])
            index = 0
            while index < self.count and not same(self.codes[index].folded, folded):
                index += 1
            if index == self.count:
                self.codes[index].sent = text[0]
                self.codes[index].folded = folded
                self.file(&self.codes[index])
                self.count += 1
        for code in self.codes[:self.count]:
            # ``folded`` is that of the last code that is not empty.
            code.counts = not self.program.rules.rule_set.one_coupon or same(code.folded, folded)
        return 0

    cdef int file(self, SentCode* code) except -1:
        """Finds the promotions that need a code, and room to list those that apply by it. Only here a code meets its
        pool.
        """
        cdef const Key* key = key_of(&self.program.index.promotions, code.folded, self.program.index.code_column)
        cdef const SentCouponFact* fact = self.fact_of(code.folded) if key == NULL else NULL
        code.known = FactState.UNSAID if fact == NULL else fact.state
        code.pool = Text(NULL, 0)
        if code.known == FactState.AVAILABLE or code.known == FactState.SPENT:
            code.pool = fact.pool
            key = key_of(&self.program.index.promotions, code.pool, self.program.index.pool_column)
        code.first = 0 if key == NULL else key.first
        code.count = 0 if key == NULL else key.count
        code.promotions = self.memory.indices(code.count)
        return 0

    cdef const SentCouponFact* fact_of(self, Text folded) noexcept:
        """What is known of a code; NULL: nothing."""
        cdef int32_t place
        for place in range(self.cart.coupon_fact_count):
            if folds_to(self.cart.coupon_facts[place].code, folded, self.program.rules.rule_set.case_sensitive):
                return &self.cart.coupon_facts[place]
        return NULL

    cdef Text folded(self, Text code) except *:
        """A code in the form in which equal ones are the same: lower case, unless the rule set is case sensitive."""
        cdef Text folded = code
        cdef char* copy
        cdef int64_t place
        if self.program.rules.rule_set.case_sensitive:
            return code
        copy = <char*>self.memory.take(code.length, sizeof(char))
        for place in range(code.length):
            copy[place] = lowered(code.start[place])
        folded.start = copy
        return folded

    cdef Outcome obstacle(self, int32_t index) noexcept:
        """Whether one of the codes that a promotion needs was sent, counts, and is not used up; the first one is used.
        """
        cdef const Promotion* promotion = &self.program.rules.promotions[index]
        cdef Outcome outcome = NO_COUPON
        cdef int32_t place
        for place in range(self.count):
            if not needs(&self.program.rules, promotion, &self.codes[place]):
                continue
            if not self.codes[place].counts:
                outcome = COUPON_REPLACED if outcome == NO_COUPON else outcome
            elif self.is_used_up(index, &self.codes[place]):
                outcome = LIMIT_CODE
            else:
                self.used[index] = place
                return GRANTED
        return outcome

    cdef bint is_used_up(self, int32_t index, const SentCode* code) noexcept:
        """Whether a code was redeemed as often as the promotion allows; a code of a pool is redeemed once."""
        cdef const Rules* rules = &self.program.rules
        cdef const Promotion* promotion = &rules.promotions[index]
        cdef const SentUses* uses
        cdef Slice used
        cdef int32_t place
        cdef int64_t times = 0, most = rules.limits[promotion.limits].per_code if promotion.limits >= 0 else -1
        if code.known == FactState.SPENT:
            return True
        if most < 0:
            return False
        place = index_of(
            self.cart.usage, self.cart.usage_count, sizeof(SentUsage), constant_text(rules, promotion.id)
        )
        used = self.cart.usage[place].codes if place >= 0 else Slice(0, 0)
        for uses in self.cart.uses[used.first:used.first + used.count]:
            if folds_to(uses.code, code.folded, rules.rule_set.case_sensitive):
                times += uses.count
        return times >= most

    cdef void settle(self, const Basket* basket) noexcept:
        """Writes the status of each code, after the cart is priced."""
        cdef int32_t place
        for place in range(self.count):
            self.settle_one(basket, &self.codes[place])

    cdef void settle_one(self, const Basket* basket, SentCode* code) noexcept:
        cdef const int32_t* entries = &self.program.index.promotions.entries[code.first]
        cdef int32_t index, earlier = -1, furthest = -1
        cdef Outcome reason
        code.state = UNKNOWN
        code.reason = UNVERIFIED if code.known == FactState.UNVERIFIED_CODE else GRANTED
        code.promotion_count = 0
        if code.count == 0:
            return
        for index in entries[:code.count]:
            # A promotion may list a code twice.
            if index == earlier:
                continue
            earlier = index
            reason = why(self.program, basket, self.cart.second, index)
            if reason == GRANTED and &self.codes[self.used[index]] == code:
                code.promotions[code.promotion_count] = index
                code.promotion_count += 1
                code.state = APPLIED
            if code.state == APPLIED:
                continue
            reason = self.reason_of(index, code, reason)
            if furthest < 0 or reason > code.reason:
                furthest = index
                code.reason = reason
        if code.state == APPLIED:
            code.reason = GRANTED
        else:
            code.promotions[0] = furthest
            code.promotion_count = 1
            code.state = state_of(code.reason)

    cdef Outcome reason_of(self, int32_t index, const SentCode* code, Outcome reason) noexcept:
        """Why a promotion does not apply by this code, given the reason why it does not apply, or GRANTED."""
        if not code.counts:
            return COUPON_REPLACED
        if reason == GRANTED:
            reason = NOT_BEST
        if reason > LIMIT_CODE and self.is_used_up(index, code):
            return LIMIT_CODE
        return reason


cdef bint needs(const Rules* rules, const Promotion* promotion, const SentCode* code) noexcept:
    cdef int32_t text
    if code.pool.start != NULL:
        return promotion.pool >= 0 and same(constant_text(rules, promotion.pool), code.pool)
    for text in rules.text_lists[promotion.first_code:promotion.first_code + promotion.code_count]:
        if same(constant_text(rules, text), code.folded):
            return True
    return False


cdef bint folds_to(Text code, Text folded, bint case_sensitive) noexcept:
    cdef int64_t place
    if case_sensitive:
        return same(code, folded)
    if code.length != folded.length:
        return False
    for place in range(code.length):
        if lowered(code.start[place]) != folded.start[place]:
            return False
    return True


cdef inline char lowered(char letter) noexcept:
    """A to Z become a to z."""
    return letter + 32 if 65 <= letter <= 90 else letter


cdef CodeState state_of(Outcome reason) noexcept:
    if reason == EXPIRED:
        return OVER
    if reason == NOT_STARTED:
        return NOT_YET
    if reason in (LIMIT_TOTAL, LIMIT_CUSTOMER, LIMIT_CODE, BUDGET_SPENT, BUDGET_EXCEEDED):
        return EXHAUSTED
    if reason in (DISPLACED, NOT_BEST):
        return NOT_BEST_OF_ALL
    return NOT_ELIGIBLE


cdef Outcome why(Program program, const Basket* basket, int64_t second, int32_t index) noexcept:
    """Why a promotion is not applied to the priced cart; GRANTED when it is."""
    cdef const Promotion* promotion = &program.rules.promotions[index]
    cdef Outcome outcome = <Outcome>basket.outcomes[index]
    if basket.line_count == 0:
        return EMPTY_CART
    if outcome == OUTSIDE_SCHEDULE:
        if second < program.rules.schedules[promotion.schedule].starts:
            return NOT_STARTED
        if second >= program.rules.schedules[promotion.schedule].ends:
            return EXPIRED
    return outcome
