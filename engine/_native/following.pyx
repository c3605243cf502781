# Everything here is C: see following.pxd.
"""Pricing a basket again of which little changed (docs/architecture.md, Mutations).

A line is *dirty* when it may be priced otherwise than the last time: at first those that changed. In each layer the
promotions are asked first: their conditions and numbers read nothing that the layer itself grants. A promotion that is
asked otherwise than the last time makes all its lines dirty. So does one that is asked the same and has a dirty line,
unless it looks at each line by itself; until that adds no line any more. Lines that became dirty are set to how they
entered the layer. Then promotions are granted in their order: those without a dirty line keep what they granted, those
that look at each line by itself are granted for their dirty lines, all others anew. Where every line is dirty, that is
pricing as if nothing were known.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from engine._native.artifact cimport (
    GOODS_REWARDS, GROUP_SLOTS, LAYERS, LINES, MERCHANDISE, SEGMENT, SHIPMENT_NUMBERS, SUBTOTAL, GoodsReward, Layer,
    LayerKind, NumberKind, Part, Promotion,
)
from engine._native.basket cimport (
    KEPT_RUNS, Adjustment, Ask, Basket, KeptLayer, KeptLine, Line, Number, Run, Share, lines_of_segment,
    lines_of_shipment, lowest_bit,
)
from engine._native.candidates cimport has_common
from engine._native.conditions cimport asked, read_if_any, read_number
from engine._native.entry cimport enter_others
from engine._native.goods cimport grant_goods_again, looks_at_lines
from engine._native.granting cimport grant
from engine._native.money cimport minimum
from engine._native.program cimport Rules
from engine._native.rewards cimport DISPLACED, GRANTED, NO_VALUE, OUT_OF_ROOM, Outcome, has_room
from engine._native.runs cimport enter_word, put_run, unpack_line, unpack_lines


cdef void begin_again(const Rules* rules, Basket* basket) noexcept nogil:
    """Dirty lines are as they were sent; all are dirty where nothing is kept."""
    cdef int32_t index, word
    cdef uint64_t bits
    cdef Number* numbers
    basket.adjustments, basket.kept.adjustments_before = basket.kept.adjustments_before, basket.adjustments
    basket.shares, basket.kept.shares_before = basket.kept.shares_before, basket.shares
    basket.kept.asks, basket.kept.asks_before = basket.kept.asks_before, basket.kept.asks
    basket.kept.rows, basket.kept.rows_before = basket.kept.rows_before, basket.kept.rows
    basket.kept.ask_count = 0
    basket.kept.keeps = True
    basket.kept.whole = not basket.kept.good
    basket.kept.good = False
    for index in range(basket.shipment_count):
        numbers = &basket.shipment_numbers[index * SHIPMENT_NUMBERS]
        numbers[<int>SUBTOTAL].value = numbers[<int>MERCHANDISE].value
    if basket.kept.whole:
        for index in range(rules.counts[<int>LAYERS]):
            basket.kept.layers[index].ask_count = 0
        mark_all(basket)
        unpack_lines(rules, basket)
        return
    for word in range(basket.word_count):
        bits = basket.kept.dirty[word]
        while bits:
            unpack_line(basket, &basket.lines[word * 64 + lowest_bit(bits)])
            bits &= bits - 1
    basket.changed = False
    for index in range(1, basket.row_count):
        if rules.segments[basket.row_segments[index]].read:
            numbers = &basket.facts.numbers[<int>SEGMENT][index * GROUP_SLOTS]
            numbers[<int>SUBTOTAL] = numbers[<int>MERCHANDISE]


cdef void mark_all(Basket* basket) noexcept nogil:
    """All lines are dirty."""
    cdef int32_t word
    for word in range(basket.word_count):
        basket.kept.dirty[word] = all_lines(basket, word)
    basket.kept.whole = True


cdef inline uint64_t all_lines(const Basket* basket, int32_t word) noexcept nogil:
    """A word of the set of all lines."""
    cdef int32_t count = basket.line_count - 64 * word
    return ~<uint64_t>0 if count >= 64 else (<uint64_t>1 << count) - 1


cdef bint enter_again(const Rules* rules, Basket* basket, int32_t index, bint asks) noexcept nogil:
    """Enters a layer, in which promotions are asked or not; False when it is not known how lines entered it that are
    not dirty.
    """
    cdef KeptLayer* kept = &basket.kept.layers[index]
    cdef int32_t word, place
    cdef uint64_t bits
    if not asks:
        kept.filled = False
        kept.ask_count = 0
        return True
    if kept.takes and not kept.filled and not basket.kept.whole:
        return False
    enter_dirty(basket)
    if kept.takes and index:
        for word in range(basket.word_count):
            bits = basket.kept.dirty[word]
            while bits:
                place = word * 64 + lowest_bit(bits)
                bits &= bits - 1
                keep_line(basket, &kept.lines[place], &basket.lines[place])
    kept.filled = kept.takes
    if index:
        enter_subtotals(rules, basket, index)
    enter_others(rules, basket, &rules.layers[index])
    return True


cdef void enter_dirty(Basket* basket) noexcept nogil:
    """Units of lines that are not dirty are at their price already."""
    cdef int32_t word
    if not basket.changed:
        return
    basket.changed = False
    for word in range(basket.word_count):
        enter_word(basket, word, basket.kept.dirty[word])


cdef inline void keep_line(Basket* basket, KeptLine* kept, const Line* line) noexcept nogil:
    """How it enters the layer; with too many runs nothing is kept the next time."""
    cdef const Run* run = &basket.runs[line.first_run]
    cdef int32_t place
    kept.subtotal = line.subtotal
    kept.run_count = line.run_count
    if line.run_count > KEPT_RUNS:
        basket.kept.keeps = False
        return
    # Most have one or two: which, cannot be foreseen, so both are copied.
    for place in range(2):
        kept.runs[place].price = run[place].price
        kept.runs[place].count = run[place].count
    for place in range(2, line.run_count):
        kept.runs[place].price = run[place].price
        kept.runs[place].count = run[place].count


cdef void restore_lines(Basket* basket, const KeptLayer* layer, int32_t word, uint64_t bits) noexcept nogil:
    """Of 64 lines; their runs stay where there is room for the most they had."""
    cdef Line* lines = &basket.lines[64 * word]
    cdef Run* runs = basket.runs
    cdef const KeptLine* kept
    cdef Line* line
    cdef Run* run
    cdef int32_t place, bit
    while bits:
        bit = lowest_bit(bits)
        bits &= bits - 1
        line = &lines[bit]
        if layer == basket.kept.layers:
            unpack_line(basket, line)
            continue
        kept = &layer.lines[64 * word + bit]
        run = &runs[line.first_run]
        line.subtotal = line.entered = kept.subtotal
        line.run_count = <int32_t>kept.run_count
        line.owes = line.touched = line.changed = False
        line.reduced = kept.subtotal < line.merchandise
        for place in range(2):
            put_run(&run[place], kept.runs[place].price, kept.runs[place].price, kept.runs[place].count, False)
        for place in range(2, line.run_count):
            put_run(&run[place], kept.runs[place].price, kept.runs[place].price, kept.runs[place].count, False)


cdef void enter_subtotals(const Rules* rules, Basket* basket, int32_t index) noexcept nogil:
    """What segments and shipments come to."""
    cdef const KeptLayer* kept = &basket.kept.layers[index]
    cdef const KeptLine* lines = kept.lines if kept.takes else NULL
    cdef int32_t place
    cdef Number* numbers
    for place in range(1, basket.row_count):
        if rules.segments[basket.row_segments[place]].read:
            numbers = &basket.facts.numbers[<int>SEGMENT][place * GROUP_SLOTS]
            numbers[<int>SUBTOTAL].value = entered(
                basket, lines, numbers, &basket.segment_lines[<int64_t>place * basket.word_count]
            )
    if rules.layers[index].kind == LayerKind.SHIPPING:
        for place in range(basket.shipment_count):
            numbers = &basket.shipment_numbers[place * SHIPMENT_NUMBERS]
            numbers[<int>SUBTOTAL].value = entered(basket, lines, numbers, lines_of_shipment(basket, place))


cdef int64_t entered(
    const Basket* basket, const KeptLine* lines, const Number* numbers, const uint64_t* members
) noexcept nogil:
    """What the lines of a group come to; of all lines it is known."""
    cdef int64_t subtotal = 0
    cdef int32_t word, place
    cdef uint64_t bits
    if numbers[<int>LINES].value == basket.line_count:
        return basket.subtotal
    for word in range(basket.word_count):
        bits = members[word]
        while bits:
            place = word * 64 + lowest_bit(bits)
            subtotal += basket.lines[place].subtotal if lines == NULL else lines[place].subtotal
            bits &= bits - 1
    return subtotal


cdef void make_all_dirty(Basket* basket, int32_t index) noexcept nogil:
    """All lines, in a layer that takes something off them."""
    cdef int32_t word
    if basket.kept.whole or not basket.kept.layers[index].filled:
        return
    for word in range(basket.word_count):
        restore_lines(basket, &basket.kept.layers[index], word, all_lines(basket, word) & ~basket.kept.dirty[word])
    mark_all(basket)


cdef void make_dirty(Basket* basket, const KeptLayer* kept, const uint64_t* lines) noexcept nogil:
    """These lines, in the layer at hand."""
    cdef int32_t word
    for word in range(basket.word_count):
        restore_lines(basket, kept, word, lines[word] & ~basket.kept.dirty[word])
        basket.kept.dirty[word] |= lines[word]


cdef Ask* ask_layer(
    const Rules* rules, Basket* basket, int32_t index, const int32_t* promotions, const int32_t* end
) noexcept nogil:
    """Asks the promotions of a layer, and finds out which lines are dirty; NULL when there are too many to keep."""
    cdef KeptLayer* kept = &basket.kept.layers[index]
    cdef const Layer* layer = &rules.layers[index]
    cdef int32_t before = kept.first_ask, behind = kept.first_ask + kept.ask_count, first = basket.kept.ask_count
    cdef int32_t promotion
    cdef Ask* found
    cdef const Ask* earlier
    kept.first_ask = first
    kept.ask_count = 0
    if end - promotions > basket.kept.ask_room - first:
        basket.kept.keeps = False
        make_all_dirty(basket, index)
        return NULL
    for promotion in promotions[:end - promotions]:
        found = &basket.kept.asks[basket.kept.ask_count]
        put_ask(rules, basket, promotion, found, row_of(basket, basket.kept.rows, basket.kept.ask_count))
        basket.kept.ask_count += 1
        kept.ask_count += 1
        if basket.kept.whole:
            continue
        while before < behind and basket.kept.asks_before[before].promotion < promotion:
            forget(basket, kept, before)
            before += 1
        earlier = &basket.kept.asks_before[before]
        if before < behind and earlier.promotion == promotion:
            if is_same(rules, earlier, found):
                found.before = earlier
            else:
                forget(basket, kept, before)
            before += 1
        if found.before == NULL and found.asked == GRANTED:
            make_dirty(basket, kept, row_of(basket, basket.kept.rows, first + kept.ask_count - 1))
    if not basket.kept.whole:
        while before < behind:
            forget(basket, kept, before)
            before += 1
        make_others_dirty(rules, basket, layer, kept)
    return &basket.kept.asks[first]


cdef inline uint64_t* row_of(const Basket* basket, uint64_t* rows, int64_t index) noexcept nogil:
    return &rows[index * basket.word_count]


cdef inline void put_ask(const Rules* rules, Basket* basket, int32_t index, Ask* found, uint64_t* row) noexcept nogil:
    """Those without a goods reward are about no line."""
    cdef const Promotion* promotion = &rules.promotions[index]
    cdef const GoodsReward* reward
    cdef int32_t word
    found.promotion = index
    found.adjustment = -1
    found.before = NULL
    found.number = 0
    found.cap = INT64_MAX
    found.asked = found.outcome = GRANTED
    if promotion.family != GOODS_REWARDS:
        for word in range(basket.word_count):
            row[word] = 0
        return
    reward = &rules.goods_rewards[promotion.reward]
    put_lines(rules, basket, reward, row)
    if promotion.condition >= 0:
        found.asked = asked(rules, &basket.facts, promotion.condition)
    if found.asked != GRANTED:
        return
    # A candidate has every fixed number.
    if not is_fixed(rules, reward.number) and not read_number(rules, &basket.facts, reward.number, &found.number):
        found.asked = NO_VALUE
    elif not read_if_any(rules, &basket.facts, reward.up_to, &found.cap):
        found.asked = NO_VALUE
    elif promotion.limits >= 0:
        found.cap = minimum(found.cap, basket.budgets[index])


cdef inline void put_lines(
    const Rules* rules, const Basket* basket, const GoodsReward* reward, uint64_t* row
) noexcept nogil:
    cdef const uint64_t* members = lines_of_segment(basket, rules.parts[reward.first_part].segment)
    cdef const Part* part
    cdef int32_t word
    for word in range(basket.word_count):
        row[word] = members[word]
    for part in rules.parts[reward.first_part + 1:reward.first_part + reward.part_count]:
        members = lines_of_segment(basket, part.segment)
        for word in range(basket.word_count):
            row[word] |= members[word]


cdef inline bint is_same(const Rules* rules, const Ask* left, const Ask* right) noexcept nogil:
    """Whether a promotion is asked the same; where a quantity hangs on facts, or it reaches shipping rates, too, that
    is not known.
    """
    cdef const Promotion* promotion = &rules.promotions[left.promotion]
    cdef const GoodsReward* reward
    cdef const Part* part
    if left.asked != right.asked or left.number != right.number or left.cap != right.cap:
        return False
    if promotion.family != GOODS_REWARDS:
        return True
    reward = &rules.goods_rewards[promotion.reward]
    if reward.shipping:
        return False
    for part in rules.parts[reward.first_part:reward.first_part + reward.part_count]:
        if not is_fixed(rules, part.quantity):
            return False
    return is_fixed(rules, reward.repeat)


cdef inline bint is_fixed(const Rules* rules, int32_t number) noexcept nogil:
    return number < 0 or rules.numbers[number].kind == NumberKind.FIXED


cdef void forget(Basket* basket, const KeptLayer* kept, int32_t before) noexcept nogil:
    """What a promotion granted does not hold any more."""
    if basket.kept.asks_before[before].adjustment >= 0:
        make_dirty(basket, kept, row_of(basket, basket.kept.rows_before, before))


cdef void make_others_dirty(
    const Rules* rules, Basket* basket, const Layer* layer, const KeptLayer* kept
) noexcept nogil:
    """Lines of promotions that do not look at each by itself are dirty when one of them is."""
    cdef const Ask* ask
    cdef bint more = True
    while more:
        more = False
        for ask in basket.kept.asks[kept.first_ask:kept.first_ask + kept.ask_count]:
            if ask.before == NULL or ask.asked != GRANTED or is_untouched(basket, ask) or is_covered(basket, ask):
                continue
            if not can_patch(rules, basket, layer, ask):
                make_dirty(basket, kept, row_of(basket, basket.kept.rows, ask - basket.kept.asks))
                make_dirty(basket, kept, row_of(basket, basket.kept.rows_before, ask.before - basket.kept.asks_before))
                more = True


cdef inline bint is_untouched(const Basket* basket, const Ask* ask) noexcept nogil:
    """Whether no line is dirty that it is, or was, about."""
    return not (
        has_common(
            row_of(basket, basket.kept.rows, ask - basket.kept.asks), basket.kept.dirty, basket.word_count
        ) or has_common(
            row_of(basket, basket.kept.rows_before, ask.before - basket.kept.asks_before), basket.kept.dirty,
            basket.word_count,
        )
    )


cdef bint is_covered(const Basket* basket, const Ask* ask) noexcept nogil:
    """Whether all lines are dirty that it is, or was, about."""
    cdef const uint64_t* row = row_of(basket, basket.kept.rows, ask - basket.kept.asks)
    cdef const uint64_t* before = row_of(basket, basket.kept.rows_before, ask.before - basket.kept.asks_before)
    cdef int32_t word
    for word in range(basket.word_count):
        if (row[word] | before[word]) & ~basket.kept.dirty[word]:
            return False
    return True


cdef bint can_patch(const Rules* rules, const Basket* basket, const Layer* layer, const Ask* ask) noexcept nogil:
    """Whether it looks at each line by itself, and each has given what it wanted."""
    return (
        ask.before.adjustment >= 0 and ask.cap == INT64_MAX
        and basket.kept.adjustments_before[ask.before.adjustment].ungranted == 0
        and looks_at_lines(rules, layer, &rules.goods_rewards[rules.promotions[ask.promotion].reward])
    )


cdef bint stays(const Basket* basket, const Ask* ask, bint displaced) noexcept nogil:
    """Whether what is not dirty can stay, now that it is known whether another promotion displaces this one."""
    return (
        ask.before == NULL or ask.asked != GRANTED or displaced == (ask.before.outcome == DISPLACED)
        or is_covered(basket, ask)
    )


cdef Outcome grant_again(const Rules* rules, Basket* basket, const Layer* layer, Ask* ask) noexcept nogil:
    """As ``grant``, but that lines which are not dirty keep what they gave."""
    cdef int32_t first = basket.adjustment_count
    cdef Outcome outcome
    if ask.asked != GRANTED:
        return <Outcome>ask.asked
    if ask.before == NULL or is_covered(basket, ask):
        outcome = grant(rules, basket, layer, ask.promotion)
    elif ask.before.adjustment < 0:
        return <Outcome>ask.before.outcome
    else:
        outcome = regrant(rules, basket, ask, &basket.kept.adjustments_before[ask.before.adjustment])
    if outcome == GRANTED:
        ask.adjustment = first
    return outcome


cdef Outcome regrant(const Rules* rules, Basket* basket, const Ask* ask, const Adjustment* before) noexcept nogil:
    """Grants what a promotion granted before, some of whose lines are not dirty."""
    if not has_room(basket, basket.line_count):
        return OUT_OF_ROOM
    if is_untouched(basket, ask):
        keep_adjustment(basket, before)
        return GRANTED
    return grant_goods_again(rules, basket, ask.promotion, before, basket.kept.dirty)


cdef inline void keep_adjustment(Basket* basket, const Adjustment* before) noexcept nogil:
    cdef Adjustment* adjustment = &basket.adjustments[basket.adjustment_count]
    adjustment[0] = before[0]
    adjustment.before = <int32_t>(before - basket.kept.adjustments_before)
    adjustment.first_share = basket.share_count
    memcpy(
        &basket.shares[basket.share_count], &basket.kept.shares_before[before.first_share],
        before.share_count * sizeof(Share),
    )
    basket.share_count += before.share_count
    basket.adjustment_count += 1


cdef void end_again(Basket* basket) noexcept nogil:
    """All layers are run: the runs of a line are its buckets, and what was granted is kept."""
    enter_dirty(basket)
    basket.kept.good = basket.kept.keeps
    memcpy(basket.kept.priced, basket.kept.dirty, basket.word_count * sizeof(uint64_t))
    memset(basket.kept.dirty, 0, basket.word_count * sizeof(uint64_t))
