"""Loading: a cart that has passed validation becomes the arrays of a basket. All reading of Python objects is here."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t
from libc.string cimport memset

from cpython.unicode cimport PyUnicode_AsUTF8AndSize

from engine._native.artifact cimport (
    CART, CART_CHANNEL, CART_COUPONS, CART_CURRENCY, CART_PAYMENT_METHOD, CART_SHIPPING, CART_SHIPPING_METHODS,
    CUSTOMER, CUSTOMER_ID, CUSTOMER_LIFETIME_SPEND, CUSTOMER_ORDERS, CUSTOMER_POINTS, CUSTOMER_SEGMENTS,
    CUSTOMER_TIER, EXCLUSIVE_STRICT, GROUP_SLOTS, ITEM, ITEM_BRAND, ITEM_CATEGORY, ITEM_COST, ITEM_LIST_PRICE,
    ITEM_MINIMUM_PRICE, ITEM_PRICE, ITEM_QUANTITY, ITEM_SKU, ITEM_TAGS, ITEM_WEIGHT, LAYERS, LINES, MERCHANDISE, PARTS,
    PROMOTIONS, QUANTITY, SCHEDULES, SEGMENT, SEGMENTS, SHIPMENT_CARRIER, SHIPMENT_COUNTRY, SHIPMENT_ID,
    SHIPMENT_METHOD, SHIPMENT_NUMBERS, SHIPMENT_PICKUP, SHIPMENT_POSTAL_CODE, SHIPMENT_PRICE, SHIPMENT_REGION,
    SHIPMENT_SPEED, SHIPMENT_STORE, SHIPMENT_TEXTS, SKUS, STRICT, SUBJECT_COUNT, WEIGHT, Combine, Figure, Limits,
    Promotion,
)
from engine._native.basket cimport (
    Adjustment, Basket, LayerResult, Line, Number, Piece, Run, SavedLine, Share, Shipment, Text, TextList,
    lines_of_segment, lines_of_shipment, lowest_bit,
)
from engine._native.candidates cimport MOST_PARTS, Candidate, Cap, Claim, Frame, Offered, Search
from engine._native.conditions cimport holds
from engine._native.memory cimport Arena
from engine._native.money cimport marked_up, maximum, minimum
from engine._native.program cimport Program, Rules
from engine._native.rewards cimport (
    BUDGET_SPENT, COUPON_REPLACED, DECLINED, GRANTED, LIMIT_CODE, LIMIT_CUSTOMER, LIMIT_TOTAL, NO_AMOUNT_IN_CURRENCY,
    NO_COUPON, OUTSIDE_SCHEDULE, Outcome,
)
from engine._native.schedules cimport is_open, next_change
from engine._native.spreading cimport Target

from operator import attrgetter

from engine.pricing.cart import Customer, Usage
from engine.pricing.coupons import SentCodes

cdef enum:
    WORD = 64                     # bits
    LEAST_ROOM = 64
    MOST_ROOM = 1 << 28
    MOST_CAPS = 1 << 20
    MOST_REMEMBERED = 256         # candidates

# Texts order by code point, which is the order of their UTF-8 bytes.
BY_ID = attrgetter("id")
NOBODY = Customer()
UNUSED = Usage(promotion_id="")
SECOND = 10**9
"""Nanoseconds."""


cdef class LoadedCart:
    """The cart in hand, as a basket. Takes any number of carts in turn, with memory for the largest."""

    def __cinit__(self, Program program not None):
        cdef Rules* rules = &program.rules
        cdef Basket* basket = &self.basket
        cdef int subject
        self.program = program
        self.program_memory = memory = Arena()
        self.cart_memory = Arena()
        for subject in range(SUBJECT_COUNT):
            basket.facts.numbers[subject] = <Number*>memory.take(rules.number_slots[subject], sizeof(Number))
            basket.facts.texts[subject] = <Text*>memory.take(rules.text_slots[subject], sizeof(Text))
            basket.facts.lists[subject] = <TextList*>memory.take(rules.list_slots[subject], sizeof(TextList))
        basket.layers = <LayerResult*>memory.take(rules.counts[<int>LAYERS], sizeof(LayerResult))
        basket.candidates = <int32_t*>memory.take(rules.counts[<int>PROMOTIONS], sizeof(int32_t))
        basket.strict = <int32_t*>memory.take(rules.counts[<int>STRICT], sizeof(int32_t))
        basket.cursors = <int32_t*>memory.take(rules.counts[<int>PARTS], sizeof(int32_t))
        basket.quantities = <int64_t*>memory.take(rules.counts[<int>PARTS], sizeof(int64_t))
        basket.budgets = <int64_t*>memory.take(rules.counts[<int>PROMOTIONS], sizeof(int64_t))
        basket.outcomes = <unsigned char*>memory.take(rules.counts[<int>PROMOTIONS], sizeof(char))
        basket.labels = <unsigned char*>memory.take(rules.label_count, sizeof(char))
        self.searches = searches(rules)
        basket.search.quantities = <int64_t*>memory.take(rules.counts[<int>PARTS], sizeof(int64_t))
        basket.search.marks = <unsigned char*>memory.take(rules.label_count, sizeof(char))
        basket.journal.kept = basket.search.audited = False
        self.open = <unsigned char*>memory.take(rules.counts[<int>SCHEDULES], sizeof(char))

    cdef int fill(self, object cart) except -1:
        cdef Basket* basket = &self.basket
        self.cart_memory.reset()
        self.texts = []
        self.cart = cart
        self.lines = sorted(cart.lines, key=BY_ID)
        self.set_gifts_aside()
        self.shipments = sorted(cart.shipments, key=BY_ID)
        basket.line_count = len(self.lines)
        basket.shipment_count = len(self.shipments)
        basket.word_count = (basket.line_count + WORD - 1) // WORD
        self.fill_candidates()
        self.fill_shipments()
        self.fill_lines()
        self.fill_groups()
        self.fill_cart()
        self.take_search_room()
        return self.take_room(max(LEAST_ROOM, 2 * basket.line_count, basket.room))

    cdef int set_gifts_aside(self) except -1:
        """Lines that are gifts sent back are none of the cart's, but say which SKU the shopper picked."""
        self.picks = {}
        gifts = [line for line in self.lines if line.gift_of]
        if gifts:
            self.lines = [line for line in self.lines if not line.gift_of]
            for line in gifts:
                self.picks.setdefault(line.gift_of, []).append(line.sku)
        return 0

    cdef int take_room(self, int64_t room) except -1:
        """Room for what pricing writes."""
        cdef Basket* basket = &self.basket
        cdef int64_t pieces = room + self.program.rules.counts[<int>PARTS]
        if room > MOST_ROOM:
            raise MemoryError
        basket.runs = <Run*>self.cart_memory.take(room, sizeof(Run))
        basket.pieces = <Piece*>self.cart_memory.take(room, sizeof(Piece))
        basket.selected = <Piece*>self.cart_memory.take(pieces, sizeof(Piece))
        basket.piece_targets = <Target*>self.cart_memory.take(pieces, sizeof(Target))
        basket.shares = <Share*>self.cart_memory.take(room, sizeof(Share))
        basket.adjustments = <Adjustment*>self.cart_memory.take(room, sizeof(Adjustment))
        basket.room = <int32_t>room
        # Lines and runs written down before grants change them: in a search some for each of the promotions granted.
        basket.journal.room = <int32_t>(4 * room if self.searches else room)
        basket.journal.lines = <SavedLine*>self.cart_memory.take(basket.journal.room, sizeof(SavedLine))
        basket.journal.runs = <Run*>self.cart_memory.take(basket.journal.room, sizeof(Run))
        return 0

    cdef int take_search_room(self) except -1:
        """Room for a search: what it writes hangs on how many promotions may apply and on the size of the cart."""
        cdef const Rules* rules = &self.program.rules
        cdef Basket* basket = &self.basket
        cdef Search* search = &basket.search
        cdef Arena memory = self.cart_memory
        cdef int64_t room = maximum(basket.candidate_count, 1), words = (room + WORD - 1) // WORD
        cdef int64_t columns = basket.line_count + basket.shipment_count
        cdef int64_t levels = 1 + (rules.counts[<int>LAYERS] if rules.rule_set.selects_globally else 0)
        cdef int64_t frames = room + levels
        if not self.searches:
            return 0
        search.room = <int32_t>room
        search.cap_room = <int32_t>minimum(room * columns * levels, MOST_CAPS)
        search.facts_size = (
            (rules.counts[<int>SEGMENTS] * GROUP_SLOTS + 1 + basket.shipment_count * SHIPMENT_NUMBERS) * sizeof(Number)
            + basket.shipment_count * sizeof(int64_t)
        )
        search.appraised = <Candidate*>memory.take(room * levels, sizeof(Candidate))
        search.facts = <char*>memory.take(levels, search.facts_size)
        search.caps = <Cap*>memory.take(search.cap_room, sizeof(Cap))
        search.claims = <Claim*>memory.take(search.cap_room, sizeof(Claim))
        search.frames = <Frame*>memory.take(frames, sizeof(Frame))
        search.conflicts = <uint64_t*>memory.take(room * words, sizeof(uint64_t))
        search.open = <uint64_t*>memory.take((frames + 1) * words, sizeof(uint64_t))
        search.cliques = <uint64_t*>memory.take(room * words, sizeof(uint64_t))
        search.chosen = <uint64_t*>memory.take(words, sizeof(uint64_t))
        search.best = <uint64_t*>memory.take(words, sizeof(uint64_t))
        search.wanted = <uint64_t*>memory.take(words, sizeof(uint64_t))
        search.attempted = <uint64_t*>memory.take(words, sizeof(uint64_t))
        search.totals = <int64_t*>memory.take(room, sizeof(int64_t))
        search.full = <unsigned char*>memory.take(columns, sizeof(char))
        search.prices = <int64_t*>memory.take(columns, sizeof(int64_t))
        search.found_prices = <int64_t*>memory.take(basket.line_count * levels, sizeof(int64_t))
        search.priced = <bint*>memory.take(levels + 1, sizeof(bint))
        search.offered = <Offered*>memory.take((basket.line_count + 1) * MOST_PARTS, sizeof(Offered))
        search.by_saving = <int32_t*>memory.take(room, sizeof(int32_t))
        search.order = <int32_t*>memory.take(room, sizeof(int32_t))
        search.layered = <int32_t*>memory.take(room, sizeof(int32_t))
        search.granted = <int32_t*>memory.take(room, sizeof(int32_t))
        search.claiming_units = <int64_t*>memory.take(room, sizeof(int64_t))
        search.remembers = room <= MOST_REMEMBERED
        search.all_weights = <int64_t*>memory.take(room * (frames + 1 if search.remembers else 1), sizeof(int64_t))
        search.weights = search.all_weights
        search.tops = <int64_t*>memory.take(room, sizeof(int64_t))
        search.parts = <int64_t*>memory.take(room, sizeof(int64_t))
        search.other_parts = <int64_t*>memory.take(room, sizeof(int64_t))
        search.floors = <int64_t*>memory.take(columns, sizeof(int64_t))
        search.sums = <int64_t*>memory.take(columns, sizeof(int64_t))
        search.counts = <int64_t*>memory.take(columns, sizeof(int64_t))
        search.taken = <int64_t*>memory.take(columns, sizeof(int64_t))
        search.rooms = <int64_t*>memory.take(columns, sizeof(int64_t))
        search.reachable = <int64_t*>memory.take(columns, sizeof(int64_t))
        search.unclaimed = <int64_t*>memory.take(columns, sizeof(int64_t))
        search.least_rooms = <int64_t*>memory.take(columns, sizeof(int64_t))
        search.takeable = <int64_t*>memory.take(columns, sizeof(int64_t))
        search.reaches = <uint64_t*>memory.take(room * MOST_PARTS * basket.word_count, sizeof(uint64_t))
        search.members = <uint64_t*>memory.take(MOST_PARTS * basket.word_count, sizeof(uint64_t))
        search.columns = <int32_t*>memory.take(columns + room + 2, sizeof(int32_t))
        return 0

    cdef int fill_candidates(self) except -1:
        """Chooses the promotions that may apply to the cart; nothing to do when they are those of the last one."""
        cdef const Rules* rules = &self.program.rules
        cdef Basket* basket = &self.basket
        cdef int32_t currency = self.program.currencies.index(self.cart.currency), index
        cdef bint unchanged = self.look_at_clock(self.cart.at // SECOND) and currency == basket.facts.currency
        known = tuple(self.cart.declined_promotions), tuple(self.cart.coupons)
        if unchanged and self.known == known and not self.cart.usage:
            return 0
        self.known = None
        indices = self.program.promotion_indices
        declined = {indices.get(promotion_id) for promotion_id in self.cart.declined_promotions}
        usage = {indices.get(each.promotion_id): each for each in self.cart.usage}
        self.codes = SentCodes(self.cart, rules.rule_set.case_sensitive, rules.rule_set.one_coupon)
        self.coupons = {}
        basket.facts.currency = currency
        basket.candidate_count = 0
        for index in range(rules.counts[<int>PROMOTIONS]):
            basket.outcomes[index] = self.obstacle(index, declined, usage)
            if basket.outcomes[index] == GRANTED and rules.promotions[index].exclusive != EXCLUSIVE_STRICT:
                basket.candidates[basket.candidate_count] = index
                basket.candidate_count += 1
        basket.strict_count = 0
        for index in rules.strict[:rules.counts[<int>STRICT]]:
            if basket.outcomes[index] == GRANTED:
                basket.strict[basket.strict_count] = index
                basket.strict_count += 1
        self.known = None if self.cart.usage else known
        return 0

    cdef Outcome obstacle(self, int32_t index, set declined, dict usage) except *:
        """Why a promotion cannot apply, whatever the layers do; GRANTED when it may. Fills in its coupon and budget."""
        cdef const Rules* rules = &self.program.rules
        cdef const Promotion* promotion = &rules.promotions[index]
        cdef int64_t currencies = <int64_t>promotion.currency_set * rules.currency_count
        cdef Outcome outcome = GRANTED
        if declined and index in declined:
            return DECLINED
        if not rules.currency_sets[currencies + self.basket.facts.currency]:
            return NO_AMOUNT_IN_CURRENCY
        if promotion.schedule >= 0 and not self.open[promotion.schedule]:
            return OUTSIDE_SCHEDULE
        if promotion.code_count:
            outcome = self.coupon_obstacle(index)
        if promotion.limits >= 0 and (outcome == GRANTED or outcome == LIMIT_CODE):
            limit = self.limit_reached(index, usage.get(index, UNUSED))
            outcome = limit if limit < outcome else outcome
        return outcome

    cdef Outcome coupon_obstacle(self, int32_t index) except *:
        """Whether one of the codes that a promotion needs was sent, counts, and is not used up; the first is used."""
        promotion = self.program.coded[index]
        counting = [code for code in self.codes.counting if code in promotion.codes]
        if not counting:
            return NO_COUPON if promotion.codes.isdisjoint(self.codes.sent) else COUPON_REPLACED
        for code in counting:
            if not self.codes.is_used_up(promotion, code):
                self.coupons[index] = self.codes.sent[code]
                return GRANTED
        return LIMIT_CODE

    cdef Outcome limit_reached(self, int32_t index, object usage) except *:
        """Which limit of a promotion, but that of its codes, its usage has reached; fills in what is left for it."""
        cdef const Rules* rules = &self.program.rules
        cdef const Limits* limits = &rules.limits[rules.promotions[index].limits]
        cdef const Figure* budget
        cdef int64_t spent = whole(usage.spent)
        self.basket.budgets[index] = INT64_MAX
        if 0 <= limits.total <= whole(usage.total):
            return LIMIT_TOTAL
        if 0 <= limits.per_customer <= whole(usage.customer):
            return LIMIT_CUSTOMER
        if limits.budget >= 0:
            budget = &rules.figures[<int64_t>limits.budget * rules.currency_count + self.basket.facts.currency]
            self.basket.budgets[index] = budget.amount - spent
            if budget.amount <= spent:
                return BUDGET_SPENT
        return GRANTED

    cdef bint look_at_clock(self, int64_t second) noexcept:
        """Whether every schedule is still as it was when the clock was last looked at; if not, looks again."""
        cdef const Rules* rules = &self.program.rules
        cdef int32_t index
        if self.open_from <= second < self.open_until:
            return True
        self.open_from = second
        self.open_until = INT64_MAX
        for index in range(rules.counts[<int>SCHEDULES]):
            self.open[index] = is_open(rules, index, second)
            self.open_until = minimum(self.open_until, next_change(rules, index, second))
        return False

    cdef int fill_shipments(self) except -1:
        cdef Basket* basket = &self.basket
        cdef int32_t index
        cdef Shipment* shipment
        cdef Number* numbers
        cdef Text* texts
        count = basket.shipment_count
        basket.shipments = <Shipment*>self.cart_memory.take(count, sizeof(Shipment))
        basket.shipment_numbers = <Number*>self.cart_memory.take(count * SHIPMENT_NUMBERS, sizeof(Number))
        basket.shipment_texts = <Text*>self.cart_memory.take(count * SHIPMENT_TEXTS, sizeof(Text))
        for index, sent in enumerate(self.shipments):
            rate = chosen_rate(sent)
            shipment = &basket.shipments[index]
            shipment.chosen = rate is not None
            shipment.price = whole(rate.price) if shipment.chosen else 0
            numbers = &basket.shipment_numbers[index * SHIPMENT_NUMBERS]
            numbers[<int>SHIPMENT_PRICE] = number(shipment.price)
            numbers[<int>SHIPMENT_PICKUP] = number(sent.pickup)
            texts = &basket.shipment_texts[index * SHIPMENT_TEXTS]
            texts[<int>SHIPMENT_ID] = self.text(sent.id)
            texts[<int>SHIPMENT_METHOD] = self.text(sent.method)
            texts[<int>SHIPMENT_CARRIER] = self.text(rate.carrier if shipment.chosen else "")
            texts[<int>SHIPMENT_SPEED] = self.text(rate.speed if shipment.chosen else "")
            texts[<int>SHIPMENT_COUNTRY] = self.text(sent.country)
            texts[<int>SHIPMENT_REGION] = self.text(sent.region)
            texts[<int>SHIPMENT_POSTAL_CODE] = self.text(sent.postal_code)
            texts[<int>SHIPMENT_STORE] = self.text(sent.store)
        return 0

    cdef int fill_lines(self) except -1:
        """The lines, and which segments and shipments each is in."""
        cdef const Rules* rules = &self.program.rules
        cdef Basket* basket = &self.basket
        cdef int64_t markup = rules.rule_set.markup, least
        cdef int32_t index, shipment
        cdef Line* line
        basket.lines = <Line*>self.cart_memory.take(basket.line_count, sizeof(Line))
        basket.line_targets = <Target*>self.cart_memory.take(basket.line_count, sizeof(Target))
        basket.segment_lines = self.empty_sets(rules.counts[<int>SEGMENTS])
        basket.shipment_lines = self.empty_sets(basket.shipment_count)
        basket.reached = self.empty_sets(1)
        shipments = {sent.id: index for index, sent in enumerate(self.shipments)}
        skus = {}
        for index, sent in enumerate(self.lines):
            line = &basket.lines[index]
            line.price = whole(sent.price)
            line.quantity = whole(sent.quantity)
            line.weight = -1 if sent.weight is None else whole(sent.weight)
            line.merchandise = line.price * line.quantity
            line.sku = skus.setdefault(sent.sku, len(skus))
            least = whole(sent.minimum_price or 0)
            if markup >= 0 and sent.cost is not None:
                least = maximum(least, marked_up(whole(sent.cost), markup, line.price))
            line.floor = minimum(least, line.price)
            shipment = 0 if not sent.shipment_id and len(shipments) == 1 else shipments.get(sent.shipment_id, -1)
            if shipment >= 0:
                add_line(lines_of_shipment(basket, shipment), index)
            self.fill_segments(index, sent)
        return 0

    cdef uint64_t* empty_sets(self, int64_t count) except NULL:
        cdef int64_t words = count * self.basket.word_count
        return <uint64_t*>memset(self.cart_memory.take(words, sizeof(uint64_t)), 0, words * sizeof(uint64_t))

    cdef int fill_segments(self, int32_t index, object sent) except -1:
        """Puts a line into the segments whose filters hold; a line that no promotion may touch is in ``cart`` only."""
        cdef const Rules* rules = &self.program.rules
        cdef int32_t segment
        add_line(lines_of_segment(&self.basket, 0), index)
        if not sent.discountable:
            return 0
        self.fill_item(sent)
        for segment in range(1, rules.counts[<int>SEGMENTS]):
            if holds(rules, &self.basket.facts, rules.segments[segment].filter):
                add_line(lines_of_segment(&self.basket, segment), index)
        return 0

    cdef int fill_item(self, object sent) except -1:
        """Facts of the line that the filters are asked about."""
        cdef Number* numbers = self.basket.facts.numbers[<int>ITEM]
        cdef Text* texts = self.basket.facts.texts[<int>ITEM]
        numbers[<int>ITEM_QUANTITY] = number(sent.quantity)
        numbers[<int>ITEM_WEIGHT] = number(sent.weight)
        numbers[<int>ITEM_PRICE] = number(sent.price)
        numbers[<int>ITEM_LIST_PRICE] = number(sent.list_price)
        numbers[<int>ITEM_COST] = number(sent.cost)
        numbers[<int>ITEM_MINIMUM_PRICE] = number(sent.minimum_price)
        texts[<int>ITEM_SKU] = self.text(sent.sku)
        texts[<int>ITEM_CATEGORY] = self.text(sent.category)
        texts[<int>ITEM_BRAND] = self.text(sent.brand)
        self.basket.facts.lists[<int>ITEM][<int>ITEM_TAGS] = self.text_list(sent.tags)
        return self.fill_attributes(ITEM, sent.attributes)

    cdef int fill_groups(self) except -1:
        """What pricing leaves alone of the facts of segments and shipments; subtotals follow with each layer."""
        cdef const Rules* rules = &self.program.rules
        cdef Basket* basket = &self.basket
        cdef int32_t* last_seen = <int32_t*>self.cart_memory.take(basket.line_count, sizeof(int32_t))
        cdef int32_t index, segments = rules.counts[<int>SEGMENTS]
        memset(last_seen, 0xFF, basket.line_count * sizeof(int32_t))
        basket.weight = weight_of_lines(basket)
        for index in range(segments):
            if rules.segments[index].read:
                fill_group(
                    &basket.facts.numbers[<int>SEGMENT][index * GROUP_SLOTS], basket, lines_of_segment(basket, index),
                    last_seen, index,
                )
        for index in range(basket.shipment_count):
            fill_group(
                &basket.shipment_numbers[index * SHIPMENT_NUMBERS], basket, lines_of_shipment(basket, index),
                last_seen, segments + index,
            )
        return 0

    cdef int fill_cart(self) except -1:
        """Facts of the customer and of the cart itself."""
        cdef Number** numbers = self.basket.facts.numbers
        cdef Text** texts = self.basket.facts.texts
        cdef TextList** lists = self.basket.facts.lists
        customer = self.cart.customer or NOBODY
        numbers[<int>CUSTOMER][<int>CUSTOMER_ORDERS] = number(customer.orders)
        numbers[<int>CUSTOMER][<int>CUSTOMER_POINTS] = number(customer.points)
        numbers[<int>CUSTOMER][<int>CUSTOMER_LIFETIME_SPEND] = number(customer.lifetime_spend)
        texts[<int>CUSTOMER][<int>CUSTOMER_ID] = self.text(customer.id)
        texts[<int>CUSTOMER][<int>CUSTOMER_TIER] = self.text(customer.tier)
        lists[<int>CUSTOMER][<int>CUSTOMER_SEGMENTS] = self.text_list(customer.segments)
        self.fill_attributes(CUSTOMER, customer.attributes)
        numbers[<int>CART][<int>CART_SHIPPING] = number(0)
        texts[<int>CART][<int>CART_CHANNEL] = self.text(self.cart.channel)
        texts[<int>CART][<int>CART_CURRENCY] = self.text(self.cart.currency)
        texts[<int>CART][<int>CART_PAYMENT_METHOD] = self.text(self.cart.payment_method)
        lists[<int>CART][<int>CART_COUPONS] = self.text_list(self.cart.coupons)
        chosen = dict.fromkeys(sent.method for sent in self.shipments if sent.method)
        lists[<int>CART][<int>CART_SHIPPING_METHODS] = self.text_list(chosen)
        return self.fill_attributes(CART, self.cart.attributes)

    cdef int fill_attributes(self, int subject, object attributes) except -1:
        cdef int32_t slot
        for name, is_text, slot in self.program.attributes[subject]:
            value = attributes.get(name)
            if is_text:
                self.basket.facts.texts[subject][slot] = self.text(value or "")
            else:
                self.basket.facts.numbers[subject][slot] = number(value)
        return 0

    cdef Text text(self, str value) except *:
        """A text that lives as long as the loaded cart; an empty one is absent."""
        cdef Py_ssize_t length
        cdef Text text
        self.texts.append(value)
        text.start = PyUnicode_AsUTF8AndSize(value, &length) if value else NULL
        text.length = length if value else 0
        return text

    cdef TextList text_list(self, object values) except *:
        """A list of texts; in it an empty one is a text like any other."""
        cdef tuple entries = tuple(values)
        cdef Text* texts = <Text*>self.cart_memory.take(len(entries), sizeof(Text))
        cdef Py_ssize_t length
        cdef TextList text_list
        text_list.texts = texts
        text_list.count = len(entries)
        for index, value in enumerate(entries):
            self.texts.append(value)
            texts[<int64_t>index].start = PyUnicode_AsUTF8AndSize(value, &length)
            texts[<int64_t>index].length = length
        return text_list


cdef bint searches(const Rules* rules) noexcept:
    """Whether any layer grants the best set of its promotions, or all of them together do."""
    cdef int32_t index
    if rules.rule_set.selects_globally:
        return True
    for index in range(rules.counts[<int>LAYERS]):
        if rules.layers[index].combine == Combine.BEST:
            return True
    return False


cdef object chosen_rate(object shipment):
    for rate in shipment.rates:
        if rate.method == shipment.method:
            return rate
    return None


cdef int64_t whole(object value) except? -1:
    """A whole number or truth value; raises TypeError for a float, which C would cut off unasked."""
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value


cdef Number number(object value) except *:
    """A whole number or truth value; None is absent."""
    cdef Number number
    number.present = value is not None
    number.value = whole(value) if number.present else 0
    return number


cdef int64_t weight_of_lines(const Basket* basket) noexcept:
    """Grams; -1 when a line has no weight."""
    cdef int64_t weight = 0
    cdef const Line* line
    for line in basket.lines[:basket.line_count]:
        if line.weight < 0:
            return -1
        weight += line.weight * line.quantity
    return weight


cdef inline void add_line(uint64_t* members, int32_t line) noexcept:
    members[line // WORD] |= <uint64_t>1 << (line % WORD)


cdef void fill_group(
    Number* numbers, const Basket* basket, const uint64_t* members, int32_t* last_seen, int32_t group
) noexcept:
    """``last_seen`` holds for each SKU the last group that had it; groups differ from call to call."""
    cdef int slot
    cdef int32_t word
    cdef uint64_t bits
    cdef const Line* line
    for slot in range(<int>GROUP_SLOTS):
        numbers[slot].value = 0
        numbers[slot].present = 1
    for word in range(basket.word_count):
        bits = members[word]
        while bits:
            line = &basket.lines[word * WORD + lowest_bit(bits)]
            bits &= bits - 1
            numbers[<int>MERCHANDISE].value += line.merchandise
            numbers[<int>QUANTITY].value += line.quantity
            numbers[<int>LINES].value += 1
            numbers[<int>SKUS].value += last_seen[line.sku] != group
            last_seen[line.sku] = group
            if line.weight < 0:
                numbers[<int>WEIGHT].present = 0
            else:
                numbers[<int>WEIGHT].value += line.weight * line.quantity
    if not numbers[<int>WEIGHT].present:
        numbers[<int>WEIGHT].value = 0
