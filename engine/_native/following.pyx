"""Pricing a basket again when little of it has changed (docs/architecture.md, Mutations).

A line is *dirty* when its price may differ from the last pricing; at first the changed lines are, all others are clean.
For each layer:
- Promotions are asked first, as their conditions and numbers read nothing that the layer itself grants. One that is
  asked differently than last time makes all its lines dirty. So does one that is asked the same and has a dirty line,
  unless it takes of each line by itself. This is repeated until no more lines become dirty.
- Lines that became dirty are restored to how they entered the layer.
- Promotions are granted in order. One without a dirty line keeps what it granted, one that takes of each line by itself
  is granted for its dirty lines, and all others are granted anew.

When every line is dirty, this is the same as pricing from scratch.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memmove

from engine._native.amounts cimport condition_reads_sums, number_reads_sums
from engine._native.artifact cimport (
    CART, CART_SHIPPING, GIFT_REWARDS, GOODS_REWARDS, LAYERS, SHIPPING_REWARDS, Combine, GoodsReward, Layer, NumberKind,
    Part, Promotion,
)
from engine._native.basket cimport (
    KEPT_RUNS, Adjustment, Ask, Basket, Kept, KeptLayer, KeptLine, Line, Run, Share, lines_of_segment,
)
from engine._native.bits cimport WORD, Walk, below, lowest_bit, next_member, walk_through
from engine._native.compatibility cimport goes_with_applied, is_independent, mark_labels
from engine._native.conditions cimport asked, read_if_any, read_number
from engine._native.entry cimport enter_gifts, enter_rates, enter_subtotals
from engine._native.goods cimport grant_asked, grant_goods_again, takes_line_by_line
from engine._native.granting cimport grant_met
from engine._native.money cimport minimum
from engine._native.program cimport Rules
from engine._native.rewards cimport DISPLACED, GRANTED, NO_VALUE, OUT_OF_ROOM, Outcome, has_room
from engine._native.runs cimport enter_word, put_run, unpack_line, unpack_lines

cdef enum:
    NOT_ASKED = -1
    # Of the lines that a promotion is or was about:
    SOME_DIRTY = 1
    SOME_CLEAN = 2


cdef void begin_again(const Rules* rules, Basket* basket) noexcept nogil:
    """Resets dirty lines to how they were sent. All are dirty when nothing is kept."""
    cdef int32_t index
    cdef Walk walk = walk_through(basket.kept.dirty, basket.word_count)
    basket.adjustments, basket.kept.adjustments_before = basket.kept.adjustments_before, basket.adjustments
    basket.shares, basket.kept.shares_before = basket.kept.shares_before, basket.shares
    basket.kept.asked_count = 0
    basket.kept.keeps = True
    basket.kept.subtotal = basket.merchandise
    basket.kept.whole = not basket.kept.good
    basket.kept.rechosen |= basket.kept.whole
    basket.kept.good = False
    if basket.kept.whole:
        basket.kept.ask_count = 0
        for index in range(rules.counts[<int>LAYERS]):
            basket.kept.layers[index].ask_count = 0
        mark_all(basket)
        unpack_lines(basket)
        return
    while next_member(&walk, &index):
        unpack_line(&basket.lines[index])


cdef void mark_all(Basket* basket) noexcept nogil:
    """Makes all lines dirty."""
    cdef int32_t word
    for word in range(basket.word_count):
        basket.kept.dirty[word] = all_lines(basket, word)
    basket.kept.whole = True


cdef inline uint64_t all_lines(const Basket* basket, int32_t word) noexcept nogil:
    """A word of the set of all lines."""
    cdef int32_t count = basket.line_count - WORD * word
    return below(count) if count < WORD else ~<uint64_t>0


cdef bint enter_again(const Rules* rules, Basket* basket, int32_t index, bint asks) noexcept nogil:
    """Enters a layer, in which promotions are asked or not; False when it is not kept how clean lines entered it."""
    cdef KeptLayer* kept = &basket.kept.layers[index]
    cdef int32_t place
    cdef Walk walk
    if not asks:
        kept.filled = False
        return True
    if kept.takes and not kept.filled and not basket.kept.whole:
        return False
    if basket.changed:
        enter_dirty(basket)
    if kept.takes and index:
        walk = walk_through(basket.kept.dirty, basket.word_count)
        while next_member(&walk, &place):
            keep_line(basket, &kept.lines[place], &basket.lines[place])
    kept.filled = kept.takes
    if basket.subtotal != basket.kept.subtotal:
        enter_subtotals(basket, kept.lines if kept.takes else NULL)
    if basket.shipping != basket.facts.numbers[<int>CART][<int>CART_SHIPPING].value:
        enter_rates(basket)
    if rules.counts[<int>GIFT_REWARDS]:
        enter_gifts(rules, basket)
    return True


cdef void enter_dirty(Basket* basket) noexcept nogil:
    """Clean lines are at their prices already."""
    cdef int32_t word
    basket.changed = False
    for word in range(basket.word_count):
        enter_word(basket, word, basket.kept.dirty[word])


cdef inline void keep_line(Basket* basket, KeptLine* kept, const Line* line) noexcept nogil:
    """Keeps how a line enters the layer; a line of too many runs means that this pricing is not kept."""
    cdef const Run* run = line.runs
    cdef int32_t place
    kept.subtotal = line.subtotal
    kept.run_count = line.run_count
    if line.run_count > KEPT_RUNS:
        basket.kept.keeps = False
        return
    # Most lines have one run or two; copying both always avoids a branch that is hard to predict.
    for place in range(2):
        kept.runs[place].price = run[place].price
        kept.runs[place].count = run[place].count
    for place in range(2, line.run_count):
        kept.runs[place].price = run[place].price
        kept.runs[place].count = run[place].count


cdef void restore_lines(Basket* basket, const KeptLayer* layer, int32_t word, uint64_t bits) noexcept nogil:
    """Restores the given lines of a word to how they entered the layer; their runs have stayed in place."""
    cdef Line* lines = &basket.lines[WORD * word]
    cdef const KeptLine* kept_lines = &layer.lines[WORD * word]
    cdef const KeptLine* kept
    cdef Line* line
    cdef Run* run
    cdef int64_t place, bit
    if layer == basket.kept.layers:
        while bits:
            unpack_line(&lines[lowest_bit(bits)])
            bits &= bits - 1
    while bits:
        bit = lowest_bit(bits)
        bits &= bits - 1
        line = &lines[bit]
        kept = &kept_lines[bit]
        run = line.runs
        line.subtotal = line.entered = kept.subtotal
        line.run_count = kept.run_count
        line.owes = line.touched = line.changed = False
        for place in range(2):
            put_run(&run[place], kept.runs[place].price, kept.runs[place].price, kept.runs[place].count, False)
        for place in range(2, line.run_count):
            put_run(&run[place], kept.runs[place].price, kept.runs[place].price, kept.runs[place].count, False)


cdef void make_all_dirty(Basket* basket, int32_t index) noexcept nogil:
    """Makes all lines dirty, in a layer that takes something off lines."""
    cdef int32_t word
    if basket.kept.whole or not basket.kept.layers[index].filled:
        return
    for word in range(basket.word_count):
        restore_lines(basket, &basket.kept.layers[index], word, all_lines(basket, word) & ~basket.kept.dirty[word])
    mark_all(basket)


cdef void make_its_lines_dirty(
    const Rules* rules, Basket* basket, const KeptLayer* layer, const Ask* ask
) noexcept nogil:
    """Makes the lines dirty that a promotion is about, in the layer at hand."""
    cdef const Part* part
    cdef const uint64_t* lines
    cdef int32_t word
    if ask.reward == NULL:
        return
    for part in parts_of(rules, ask)[:ask.reward.part_count]:
        lines = lines_of_segment(basket, part.segment)
        for word in range(basket.word_count):
            restore_lines(basket, layer, word, lines[word] & ~basket.kept.dirty[word])
            basket.kept.dirty[word] |= lines[word]


cdef inline unsigned char dirty_among(const Rules* rules, const Basket* basket, const Ask* ask) noexcept nogil:
    """Whether a goods reward has dirty lines, and clean ones: SOME_DIRTY and SOME_CLEAN, as bits."""
    cdef const Kept* kept = &basket.kept
    cdef const Part* part
    cdef uint64_t dirty = 0, clean = 0
    add_dirty_among(basket, ask.lines, &dirty, &clean)
    if not ask.one_part:
        for part in parts_of(rules, ask)[:ask.reward.part_count]:
            add_dirty_among(basket, lines_of_segment(basket, part.segment), &dirty, &clean)
    # A line that came to one of its segments, or left it, since the last pricing counts as dirty.
    if kept.last_moved == kept.times - 1:
        for part in parts_of(rules, ask)[:ask.reward.part_count]:
            dirty |= kept.moved[basket.facts.rows[part.segment]] == kept.last_moved
    return (SOME_DIRTY if dirty else 0) | (SOME_CLEAN if clean else 0)


cdef inline const Part* parts_of(const Rules* rules, const Ask* ask) noexcept nogil:
    return &rules.parts[ask.reward.first_part]


cdef inline void add_dirty_among(
    const Basket* basket, const uint64_t* lines, uint64_t* dirty, uint64_t* clean
) noexcept nogil:
    """Adds the dirty and the clean ones of a set of lines."""
    cdef const uint64_t* dirty_lines = basket.kept.dirty
    cdef int32_t word
    for word in range(basket.word_count):
        dirty[0] |= lines[word] & dirty_lines[word]
        clean[0] |= lines[word] & ~dirty_lines[word]


cdef Ask* ask_layer(
    const Rules* rules, Basket* basket, int32_t index, const int32_t* promotions, const int32_t* end
) noexcept nogil:
    """Asks the promotions of a layer, and finds its dirty lines; NULL when there are too many promotions to keep."""
    cdef Kept* kept = &basket.kept
    cdef KeptLayer* layer = &kept.layers[index]
    cdef Ask* first = &kept.asks[kept.asked_count]
    cdef Ask* ask
    if kept.rechosen and not update_asks(rules, basket, index, promotions, end):
        kept.keeps = False
        kept.asked_count += layer.ask_count
        make_all_dirty(basket, index)
        return NULL
    kept.asked_count += layer.ask_count
    for ask in first[:layer.ask_count]:
        # Otherwise nothing it reads has changed since candidates were chosen.
        if kept.rechosen or not (ask.same and ask.constant):
            ask_again(rules, basket, layer, ask)
    make_others_dirty(rules, basket, layer, first)
    return first


cdef bint update_asks(
    const Rules* rules, Basket* basket, int32_t index, const int32_t* promotions, const int32_t* end
) noexcept nogil:
    """Updates the asks of a layer to the promotions that may apply now: removes some, and inserts new ones; False when
    there are too many.
    """
    cdef Kept* kept = &basket.kept
    cdef KeptLayer* layer = &kept.layers[index]
    cdef int32_t place = kept.asked_count, behind = place + layer.ask_count, promotion
    for promotion in promotions[:end - promotions]:
        while place < behind and kept.asks[place].promotion < promotion:
            remove_ask(rules, basket, layer, place)
            behind -= 1
        if place == behind or kept.asks[place].promotion > promotion:
            if kept.ask_count == kept.ask_room:
                layer.ask_count = behind - kept.asked_count
                return False
            insert_ask(rules, basket, &rules.layers[index], place, promotion)
            behind += 1
        place += 1
    while place < behind:
        remove_ask(rules, basket, layer, place)
        behind -= 1
    layer.ask_count = place - kept.asked_count
    return True


cdef void remove_ask(const Rules* rules, Basket* basket, const KeptLayer* layer, int32_t place) noexcept nogil:
    """Removes the ask of a promotion; what it granted no longer holds."""
    cdef Kept* kept = &basket.kept
    if kept.asks[place].adjustment >= 0:
        make_its_lines_dirty(rules, basket, layer, &kept.asks[place])
    kept.ask_count -= 1
    memmove(&kept.asks[place], &kept.asks[place + 1], (kept.ask_count - place) * sizeof(Ask))


cdef void insert_ask(
    const Rules* rules, Basket* basket, const Layer* layer, int32_t place, int32_t index
) noexcept nogil:
    """Inserts an ask for a promotion that was not asked last time."""
    cdef Ask* ask = &basket.kept.asks[place]
    cdef const Promotion* promotion = &rules.promotions[index]
    cdef const GoodsReward* reward
    cdef const Part* parts
    cdef const Part* part
    memmove(ask + 1, ask, (basket.kept.ask_count - place) * sizeof(Ask))
    basket.kept.ask_count += 1
    ask.promotion = index
    ask.adjustment = -1
    ask.asked = NOT_ASKED
    ask.outcome = GRANTED
    ask.reward = NULL
    ask.independent = is_independent(promotion)
    ask.constant = ask.by_line = ask.comparable = ask.same = False
    if promotion.family != GOODS_REWARDS:
        return
    ask.reward = reward = &rules.goods_rewards[promotion.reward]
    ask.constant = not (
        condition_reads_sums(rules, promotion.condition) or number_reads_sums(rules, reward.number)
        or number_reads_sums(rules, reward.up_to)
    )
    ask.by_line = takes_line_by_line(rules, layer, reward)
    ask.comparable = is_fixed(rules, reward.repeat) and not reward.shipping
    parts = parts_of(rules, ask)
    ask.lines = lines_of_segment(basket, parts.segment)
    ask.one_part = True
    for part in parts[:reward.part_count]:
        ask.comparable &= is_fixed(rules, part.quantity)
        ask.one_part &= part.segment == parts.segment


cdef void ask_again(const Rules* rules, Basket* basket, const KeptLayer* layer, Ask* ask) noexcept nogil:
    """Asks a promotion. Unless it is asked the same as last time, all its lines are dirty."""
    cdef int before = ask.asked
    cdef int64_t number = ask.number, cap = ask.cap
    fill_ask(rules, basket, ask)
    ask.same = ask.comparable and ask.asked == before and ask.number == number and ask.cap == cap
    if not ask.same and (ask.asked == GRANTED or ask.adjustment >= 0):
        make_its_lines_dirty(rules, basket, layer, ask)


cdef inline void fill_ask(const Rules* rules, const Basket* basket, Ask* ask) noexcept nogil:
    cdef const Promotion* promotion = &rules.promotions[ask.promotion]
    ask.number = 0
    ask.cap = INT64_MAX
    ask.asked = GRANTED
    # Conditions of shipping rewards are asked for each shipment, later.
    if promotion.family != SHIPPING_REWARDS:
        ask.asked = asked(rules, &basket.facts, promotion.condition)
    if ask.reward == NULL or ask.asked != GRANTED:
        return
    if not read_number(rules, &basket.facts, ask.reward.number, &ask.number):
        ask.asked = NO_VALUE
    elif not read_if_any(rules, &basket.facts, ask.reward.up_to, &ask.cap):
        ask.asked = NO_VALUE
    elif promotion.limits >= 0:
        ask.cap = minimum(ask.cap, basket.budgets[ask.promotion])


cdef inline bint is_fixed(const Rules* rules, int32_t number) noexcept nogil:
    return number < 0 or rules.numbers[number].kind == NumberKind.FIXED


cdef void make_others_dirty(
    const Rules* rules, Basket* basket, const KeptLayer* layer, Ask* first
) noexcept nogil:
    """Makes all lines of a promotion dirty that has a dirty line and does not take of each line by itself, and notes
    with each promotion that is asked the same which of its lines are dirty. Goes round until every promotion was looked
    at since the last line became dirty.
    """
    cdef Ask* ask = first
    cdef Ask* behind = first + layer.ask_count
    cdef int32_t left = layer.ask_count
    while left:
        left -= 1
        if ask.same and ask.asked == GRANTED:
            ask.dirty = dirty_among(rules, basket, ask)
            if ask.dirty == SOME_DIRTY | SOME_CLEAN and not can_patch(basket, ask):
                make_its_lines_dirty(rules, basket, layer, ask)
                ask.dirty = SOME_DIRTY
                left = layer.ask_count - 1
        ask += 1
        if ask == behind:
            ask = first


cdef inline bint can_patch(const Basket* basket, const Ask* ask) noexcept nogil:
    """Whether it takes of each line by itself, and last time got from each all that it wanted."""
    return (
        ask.by_line and ask.cap == INT64_MAX and ask.adjustment >= 0
        and basket.kept.adjustments_before[ask.adjustment].ungranted == 0
    )


cdef bint grant_asked_layer(
    const Rules* rules, Basket* basket, const Layer* layer, Ask* first, int32_t count
) noexcept nogil:
    """Grants the asked promotions of a layer in order; False when the basket lacks room, or what was kept does not
    hold.
    """
    cdef const Promotion* promotion
    cdef Ask* ask
    cdef Outcome outcome
    cdef bint closed = False, displaced
    for ask in first[:count]:
        displaced = closed or not (
            ask.independent or goes_with_applied(rules, basket, &rules.promotions[ask.promotion])
        )
        if displaced != (ask.outcome == DISPLACED) and not clean_lines_stay(ask):
            return False
        outcome = DISPLACED if displaced else grant_again(rules, basket, layer, ask)
        if outcome == OUT_OF_ROOM:
            return False
        basket.outcomes[ask.promotion] = outcome
        ask.outcome = outcome
        ask.adjustment = -1
        if outcome == GRANTED:
            ask.adjustment = basket.adjustment_count - 1
            closed = layer.combine == Combine.FIRST
            if not ask.independent:
                promotion = &rules.promotions[ask.promotion]
                mark_labels(rules, basket, promotion)
                closed |= promotion.exclusive >= 0
    return True


cdef inline bint clean_lines_stay(const Ask* ask) noexcept nogil:
    """Whether clean lines stay valid though this promotion is displaced now and was not, or the other way round."""
    return not ask.same or ask.asked != GRANTED or not ask.dirty & SOME_CLEAN


cdef inline Outcome grant_again(const Rules* rules, Basket* basket, const Layer* layer, const Ask* ask) noexcept nogil:
    """As ``grant``, except that clean lines keep what they gave."""
    cdef bint anew
    if ask.asked != GRANTED:
        return <Outcome>ask.asked
    anew = not ask.same or not ask.dirty & SOME_CLEAN
    if anew and (ask.reward == NULL or rules.promotions[ask.promotion].limits >= 0):
        return grant_met(rules, basket, layer, ask.promotion)
    if not has_room(basket, basket.line_count + basket.shipment_count):
        return OUT_OF_ROOM
    if anew:
        return grant_asked(rules, basket, layer, ask)
    if ask.adjustment < 0:
        return <Outcome>ask.outcome
    if ask.dirty & SOME_DIRTY:
        return grant_goods_again(rules, basket, layer, ask)
    keep_adjustment(basket, ask.adjustment)
    return GRANTED


cdef inline void keep_adjustment(Basket* basket, int32_t place) noexcept nogil:
    """Copies an adjustment of the last pricing."""
    cdef const Adjustment* before = &basket.kept.adjustments_before[place]
    cdef Adjustment* adjustment = &basket.adjustments[basket.adjustment_count]
    adjustment[0] = before[0]
    adjustment.before = place
    adjustment.first_share = basket.share_count
    memcpy(
        &basket.shares[basket.share_count], &basket.kept.shares_before[before.first_share],
        before.share_count * sizeof(Share),
    )
    basket.share_count += before.share_count
    basket.adjustment_count += 1


cdef void end_again(Basket* basket) noexcept nogil:
    """All layers are run: running prices are final, and this pricing is kept."""
    cdef int32_t word
    if basket.changed:
        enter_dirty(basket)
    basket.kept.good = basket.kept.keeps
    basket.kept.rechosen = False
    for word in range(basket.word_count):
        basket.kept.priced[word] = basket.kept.dirty[word]
        basket.kept.dirty[word] = 0
