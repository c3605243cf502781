"""Loading: a sent cart becomes the arrays of a basket."""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.alike cimport number_alike, number_skus
from engine._native.artifact cimport (
    CART, CART_CHANNEL, CART_COUPONS, CART_CURRENCY, CART_PAYMENT_METHOD, CART_SEGMENT, CART_SHIPPING,
    CART_SHIPPING_COUNTRIES, CART_SHIPPING_METHODS, CUSTOMER, CUSTOMER_ID, CUSTOMER_LIFETIME_SPEND, CUSTOMER_ORDERS,
    CUSTOMER_POINTS, CUSTOMER_SEGMENTS, CUSTOMER_TIER, GROUP_SLOTS, LAYERS, LINES, MERCHANDISE, PROMOTIONS, QUANTITY,
    SEGMENT, SEGMENTS, SHIPMENT_CARRIER, SHIPMENT_COUNTRY, SHIPMENT_ID, SHIPMENT_METHOD, SHIPMENT_NUMBERS,
    SHIPMENT_PICKUP, SHIPMENT_POSTAL_CODE, SHIPMENT_PRICE, SHIPMENT_REGION, SHIPMENT_SPEED, SHIPMENT_STORE,
    SHIPMENT_TEXTS, SKUS, STRICT, SUBJECT_COUNT, SUBTOTAL, WEIGHT,
)
from engine._native.basket cimport (
    Basket, Facts, Kept, KeptLayer, LayerResult, Line, Number, Shipment, Text, TextList, facts_of_row, facts_of_segment,
    facts_of_shipment, includes, lines_of_row, lines_of_segment, lines_of_shipment,
)
from engine._native.bits cimport WORD, Walk, add, next_member, walk_through, words_for
from engine._native.checking cimport chosen_rate, currency_of, shipment_of
from engine._native.eligibility cimport Eligibility
from engine._native.matching cimport Matcher, fill_attributes
from engine._native.memory cimport Arena
from engine._native.money cimport MAX_AMOUNT, marked_up, maximum, minimum
from engine._native.program cimport Program, Rules
from engine._native.room cimport searches, take_kept_room, take_line_room, take_pricing_room, take_search_room
from engine._native.sent cimport ABSENT, SentCart, SentCustomer, SentLine, SentRate, SentShipment, Slice
from engine._native.store cimport SentStore
from engine._native.wire.heads cimport Head, ShareHead, write_head

cdef enum:
    LEAST_ROOM = 64               # of runs, shares and adjustments each
    MORE_LINES = 8                # that may come before the cart is laid out anew
    MUCH = 16                     # times the room that a cart begins with: more is not kept for it
    MOST_ROOM = 1 << 28
    LAST_GROUP = 0x7FFFFFFF


@cython.final
cdef class LoadedCart:
    """A cart, as sent and as a basket. Takes any number of carts in turn, with memory for the largest."""

    def __cinit__(self, Program program not None):
        cdef Rules* rules = &program.rules
        cdef Basket* basket = &self.basket
        cdef int subject
        self.program = program
        self.program_memory = memory = Arena()
        self.cart_memory = Arena()
        for subject in range(SUBJECT_COUNT):
            if subject != SEGMENT:
                basket.facts.numbers[subject] = <Number*>memory.take(rules.number_slots[subject], sizeof(Number))
            basket.facts.texts[subject] = <Text*>memory.take(rules.text_slots[subject], sizeof(Text))
            basket.facts.lists[subject] = <TextList*>memory.take(rules.list_slots[subject], sizeof(TextList))
        basket.facts.rows = <int32_t*>memory.filled(rules.counts[<int>SEGMENTS], sizeof(int32_t), 0)
        basket.row_segments = memory.indices(rules.counts[<int>SEGMENTS] + 1)
        basket.read_rows = memory.indices(rules.counts[<int>SEGMENTS])
        basket.layers = <LayerResult*>memory.take(rules.counts[<int>LAYERS], sizeof(LayerResult))
        basket.kept.layers = <KeptLayer*>memory.take(rules.counts[<int>LAYERS], sizeof(KeptLayer))
        basket.candidates = memory.indices(rules.counts[<int>PROMOTIONS])
        basket.strict = memory.indices(rules.counts[<int>STRICT])
        basket.cursors = memory.indices(rules.most_parts)
        basket.quantities = memory.numbers(rules.most_parts)
        basket.budgets = memory.numbers(rules.counts[<int>PROMOTIONS])
        basket.outcomes = <unsigned char*>memory.take(rules.counts[<int>PROMOTIONS], sizeof(char))
        basket.labels = <unsigned char*>memory.take(rules.label_count, sizeof(char))
        self.searches = searches(rules)
        basket.search.quantities = memory.numbers(rules.most_parts)
        basket.search.marked_labels = <unsigned char*>memory.take(rules.label_count, sizeof(char))
        self.matcher = Matcher(program)
        self.matcher.basket = basket
        self.eligibility = Eligibility(program)
        self.eligibility.basket = basket
        basket.reachable = self.eligibility.marked

    cdef int lay_out(self, SentStore store, bint all_promotions) except -1:
        """Makes a sent cart the basket; all promotions are asked, or those that the index finds."""
        cdef Basket* basket = &self.basket
        cdef SentCart* sent = &store.cart
        cdef int32_t index
        cdef int64_t room
        # If memory runs out midway, no cart is laid out.
        self.store = None
        self.sent = sent
        basket.kept.wanted = basket.kept.good = False
        self.cart_memory.reset()
        self.all_promotions = all_promotions
        self.updates = 0
        self.places = self.cart_memory.indices(sent.line_count + MORE_LINES)
        basket.line_count = 0
        for index in range(sent.line_count):
            # Gifts sent back are not lines of the basket.
            if sent.lines[index].gift_of.start == NULL:
                self.places[basket.line_count] = index
                basket.line_count += 1
        basket.shipment_count = sent.shipment_count
        basket.word_count = <int32_t>words_for(basket.line_count)
        self.line_room = minimum(basket.line_count + MORE_LINES, basket.word_count * WORD)
        basket.facts.currency = currency_of(&self.program.rules, sent.currency)
        self.fill_shipments()
        self.fill_lines(store)
        self.fill_rows()
        self.fill_groups()
        self.fill_cart()
        self.eligibility.choose(sent, all_promotions, False)
        take_line_room(basket, self.cart_memory, self.line_room)
        take_kept_room(&self.program.rules, basket, self.cart_memory, self.line_room)
        if self.searches:
            take_search_room(&self.program.rules, basket, self.cart_memory)
        # As much as the carts before needed, but not as a far larger one did.
        room = maximum(LEAST_ROOM, 4 * basket.line_count)
        self.take_room(maximum(room, minimum(basket.room, MUCH * room)))
        self.store = store
        return 0

    cdef int take_room(self, int64_t room) except -1:
        """Room for what pricing writes, and for the places of adjustments in quotes."""
        if room > MOST_ROOM:
            raise MemoryError
        self.basket.kept.good = False
        self.adjustments_written = <Written*>self.cart_memory.take(room, sizeof(Written))
        self.adjustments_written_before = <Written*>self.cart_memory.take(room, sizeof(Written))
        take_pricing_room(&self.program.rules, &self.basket, self.cart_memory, self.searches, room)
        return 0

    cdef int fill_shipments(self) except -1:
        cdef Basket* basket = &self.basket
        cdef int32_t index, count = basket.shipment_count
        cdef const SentShipment* sent
        cdef const SentRate* rate
        cdef Shipment* shipment
        cdef Number* numbers
        cdef Text* texts
        basket.shipments = <Shipment*>self.cart_memory.take(count, sizeof(Shipment))
        basket.shipment_numbers = <Number*>self.cart_memory.take(count * SHIPMENT_NUMBERS, sizeof(Number))
        basket.shipment_texts = <Text*>self.cart_memory.take(count * SHIPMENT_TEXTS, sizeof(Text))
        for index in range(count):
            sent = &self.sent.shipments[index]
            rate = chosen_rate(self.sent, sent)
            shipment = &basket.shipments[index]
            shipment.chosen = rate != NULL
            shipment.price = rate.price if shipment.chosen else 0
            numbers = facts_of_shipment(basket, index)
            numbers[<int>SHIPMENT_PRICE] = Number(shipment.price, 1)
            numbers[<int>SHIPMENT_PICKUP] = Number(sent.pickup, 1)
            texts = &basket.shipment_texts[index * SHIPMENT_TEXTS]
            texts[<int>SHIPMENT_ID] = sent.id
            texts[<int>SHIPMENT_METHOD] = sent.method
            texts[<int>SHIPMENT_CARRIER] = rate.carrier if shipment.chosen else Text(NULL, 0)
            texts[<int>SHIPMENT_SPEED] = rate.speed if shipment.chosen else Text(NULL, 0)
            texts[<int>SHIPMENT_COUNTRY] = sent.country
            texts[<int>SHIPMENT_REGION] = sent.region
            texts[<int>SHIPMENT_POSTAL_CODE] = sent.postal_code
            texts[<int>SHIPMENT_STORE] = sent.store
        return 0

    cdef int fill_lines(self, SentStore store) except -1:
        """The lines, which segments each is in, and which shipment."""
        cdef Basket* basket = &self.basket
        cdef int32_t index
        cdef int64_t words = <int64_t>basket.shipment_count * basket.word_count
        basket.lines = <Line*>self.cart_memory.take(self.line_room, sizeof(Line))
        self.heads = <Head*>self.cart_memory.take(self.line_room, sizeof(Head))
        self.share_heads = <ShareHead*>self.cart_memory.take(self.line_room, sizeof(ShareHead))
        self.lines_written = <Written*>self.cart_memory.take(self.line_room, sizeof(Written))
        self.quoted = -1
        basket.shipment_lines = <uint64_t*>self.cart_memory.filled(words, sizeof(uint64_t), 0)
        basket.merchandise = 0
        for index in range(basket.line_count):
            self.fill_line(index, store)
            basket.merchandise += basket.lines[index].merchandise
        number_skus(self.cart_memory, self.sent, self.places, basket)
        basket.alike = self.cart_memory.indices(<int64_t>self.program.rules.alike_count * basket.word_count * WORD)
        number_alike(self.cart_memory, &self.program.rules, self.sent, self.places, basket)
        return 0

    cdef int fill_line(self, int32_t index, SentStore store) except -1:
        cdef Basket* basket = &self.basket
        cdef SentLine* sent = &self.sent.lines[self.places[index]]
        cdef Line* line = &basket.lines[index]
        cdef int32_t shipment
        self.weigh_line(index)
        shipment = shipment_of_line(self.sent, sent)
        if shipment >= 0:
            add(lines_of_shipment(basket, shipment), index)
        if not sent.matched:
            self.matcher.find(self.sent, sent)
            store.keep_segments(sent, self.matcher.found, self.matcher.found_count)
        line.segments = &self.sent.segments[sent.segments.first]
        line.segment_count = sent.segments.count
        return 0

    cdef void weigh_line(self, int32_t index) noexcept:
        """Fills in what depends on a line's quantity and price."""
        cdef const SentLine* sent = &self.sent.lines[self.places[index]]
        cdef Line* line = &self.basket.lines[index]
        cdef int64_t least = maximum(sent.minimum_price, 0), markup = self.program.rules.rule_set.markup
        line.price = sent.price
        line.list_price = -1 if sent.list_price == ABSENT else minimum(sent.list_price, MAX_AMOUNT // sent.quantity)
        line.quantity = sent.quantity
        line.weight = sent.weight
        line.merchandise = line.price * line.quantity
        if markup >= 0 and sent.cost != ABSENT:
            least = maximum(least, marked_up(sent.cost, markup, line.price))
        line.floor = minimum(least, line.price)
        line.least = line.floor * line.quantity
        write_head(sent, line, &self.heads[index], &self.share_heads[index])

    cdef int fill_rows(self) except -1:
        """Gives every segment that has a line a row of lines and facts; row 0 is for all others."""
        cdef Basket* basket = &self.basket
        cdef int32_t* rows = basket.facts.rows
        cdef int32_t index, segment
        cdef int64_t words
        cdef const Line* line
        for segment in basket.row_segments[1:basket.row_count]:
            rows[segment] = 0
        basket.row_count = 1
        basket.read_row_count = 0
        for line in basket.lines[:basket.line_count]:
            for segment in line.segments[:line.segment_count]:
                if rows[segment] == 0:
                    rows[segment] = basket.row_count
                    basket.row_segments[basket.row_count] = segment
                    if self.program.rules.segments[segment].read:
                        basket.read_rows[basket.read_row_count] = basket.row_count
                        basket.read_row_count += 1
                    basket.row_count += 1
        words = <int64_t>basket.row_count * basket.word_count
        basket.facts.numbers[<int>SEGMENT] = <Number*>self.cart_memory.take(
            basket.row_count * GROUP_SLOTS, sizeof(Number)
        )
        basket.segment_lines = <uint64_t*>self.cart_memory.filled(words, sizeof(uint64_t), 0)
        for index in range(basket.line_count):
            line = &basket.lines[index]
            for segment in line.segments[:line.segment_count]:
                add(lines_of_segment(basket, segment), index)
        return 0

    cdef int fill_groups(self) except -1:
        """The facts of segments and shipments that pricing does not change; subtotals follow with each layer."""
        cdef Basket* basket = &self.basket
        cdef int32_t row
        self.last_seen = <int32_t*>self.cart_memory.filled(self.line_room, sizeof(int32_t), 0)
        self.group = 0
        basket.weight = weight_of_lines(basket)
        self.fill_row(0)
        for row in basket.read_rows[:basket.read_row_count]:
            self.fill_row(row)
        self.fill_shipment_groups()
        return 0

    cdef void fill_row(self, int32_t row) noexcept:
        """The facts of the segment in a row."""
        cdef Basket* basket = &self.basket
        fill_group(
            facts_of_row(&basket.facts, row), basket, lines_of_row(basket, row), self.last_seen, self.next_group()
        )

    cdef void update_segment(self, int32_t segment) noexcept:
        """A line came to the segment, or left it."""
        cdef Kept* kept = &self.basket.kept
        cdef int32_t row = self.basket.facts.rows[segment]
        kept.moved[row] = kept.last_moved = kept.times
        if self.program.rules.segments[segment].read:
            self.fill_row(row)

    cdef void fill_shipment_groups(self) noexcept:
        """After those of the cart."""
        cdef Basket* basket = &self.basket
        cdef int32_t index
        if basket.shipment_count == 1 and self.program.rules.segments[CART_SEGMENT].read:
            # A single shipment has all lines.
            memcpy(
                basket.shipment_numbers, facts_of_segment(&basket.facts, CART_SEGMENT), GROUP_SLOTS * sizeof(Number)
            )
            return
        for index in range(basket.shipment_count):
            fill_group(
                facts_of_shipment(basket, index), basket, lines_of_shipment(basket, index), self.last_seen,
                self.next_group(),
            )

    cdef int32_t next_group(self) noexcept:
        """A number that no group had before."""
        if self.group == LAST_GROUP:
            memset(self.last_seen, 0, self.basket.line_count * sizeof(int32_t))
            self.group = 0
        self.group += 1
        return self.group

    cdef int fill_cart(self) except -1:
        """Facts of the customer and of the cart itself."""
        cdef const Rules* rules = &self.program.rules
        cdef const SentCart* sent = self.sent
        cdef const SentCustomer* customer = &sent.customer
        cdef Facts* facts = &self.basket.facts
        cdef Number* numbers = facts.numbers[<int>CUSTOMER]
        cdef Text* texts = facts.texts[<int>CUSTOMER]
        cdef TextList* lists = facts.lists[<int>CUSTOMER]
        numbers[<int>CUSTOMER_ORDERS] = customer.orders
        numbers[<int>CUSTOMER_POINTS] = customer.points
        numbers[<int>CUSTOMER_LIFETIME_SPEND] = customer.lifetime_spend
        texts[<int>CUSTOMER_ID] = customer.id
        texts[<int>CUSTOMER_TIER] = customer.tier
        lists[<int>CUSTOMER_SEGMENTS] = list_of(sent, customer.segments)
        fill_attributes(rules, facts, CUSTOMER, sent, customer.attributes)
        facts.numbers[<int>CART][<int>CART_SHIPPING] = Number(0, 1)
        texts = facts.texts[<int>CART]
        texts[<int>CART_CHANNEL] = sent.channel
        texts[<int>CART_CURRENCY] = sent.currency
        texts[<int>CART_PAYMENT_METHOD] = sent.payment_method
        lists = facts.lists[<int>CART]
        lists[<int>CART_COUPONS] = list_of(sent, sent.coupons)
        lists[<int>CART_SHIPPING_METHODS] = self.of_shipments(False)
        lists[<int>CART_SHIPPING_COUNTRIES] = self.of_shipments(True)
        fill_attributes(rules, facts, CART, sent, sent.own_attributes)
        return 0

    cdef TextList of_shipments(self, bint countries) except *:
        """The countries they go to, or else the chosen methods: each once, in the order of the shipments."""
        cdef SentCart* sent = self.sent
        cdef Text* texts = <Text*>self.cart_memory.take(sent.shipment_count, sizeof(Text))
        cdef const SentShipment* shipment
        cdef Text text
        cdef TextList said = TextList(texts, 0)
        for shipment in sent.shipments[:sent.shipment_count]:
            text = shipment.country if countries else shipment.method
            if text.start != NULL and not includes(&said, text):
                texts[said.count] = text
                said.count += 1
        return said


cdef int32_t shipment_of_line(const SentCart* sent, const SentLine* line) noexcept:
    """The only shipment, or the one named; -1: none."""
    if line.shipment_id.start == NULL:
        return 0 if sent.shipment_count == 1 else -1
    return shipment_of(sent, line.shipment_id)


cdef TextList list_of(const SentCart* sent, Slice texts) noexcept:
    return TextList(&sent.texts[texts.first], texts.count)


cdef int64_t weight_of_lines(const Basket* basket) noexcept:
    """Grams; -1 when a line has no weight."""
    cdef int64_t weight = 0
    cdef const Line* line
    for line in basket.lines[:basket.line_count]:
        if line.weight < 0:
            return -1
        weight += line.weight * line.quantity
    return weight


cdef void fill_group(
    Number* numbers, const Basket* basket, const uint64_t* members, int32_t* last_seen, int32_t group
) noexcept:
    """``last_seen`` holds for each SKU the last group that had it; groups differ from call to call."""
    cdef int slot
    cdef const Line* line
    cdef Walk walk = walk_through(members, basket.word_count)
    cdef int32_t index
    for slot in range(<int>GROUP_SLOTS):
        numbers[slot] = Number(0, 1)
    while next_member(&walk, &index):
        line = &basket.lines[index]
        numbers[<int>MERCHANDISE].value += line.merchandise
        numbers[<int>QUANTITY].value += line.quantity
        numbers[<int>LINES].value += 1
        numbers[<int>SKUS].value += last_seen[line.sku] != group
        last_seen[line.sku] = group
        if line.weight < 0:
            numbers[<int>WEIGHT].present = 0
        else:
            numbers[<int>WEIGHT].value += line.weight * line.quantity
    numbers[<int>SUBTOTAL].value = numbers[<int>MERCHANDISE].value
    if not numbers[<int>WEIGHT].present:
        numbers[<int>WEIGHT].value = 0
