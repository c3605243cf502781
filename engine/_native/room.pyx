"""Room for the arrays that are written while a cart is priced, kept for the next pricing, and used by a search."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from engine._native.artifact cimport GROUP_SLOTS, LAYERS, SHIPMENT_NUMBERS, Combine, Layer, LayerKind
from engine._native.basket cimport (
    Adjustment, Ask, Basket, Kept, KeptLayer, KeptLine, LineBest, Number, Piece, Run, SavedLine, Share,
    WonShare,
)
from engine._native.bits cimport words_for
from engine._native.memory cimport Arena
from engine._native.money cimport maximum, minimum
from engine._native.program cimport Rules
from engine._native.search.candidates cimport (
    MOST_CAPS, MOST_CLAIMERS, MOST_COVERED, MOST_FAMILIES, MOST_REMEMBERED, MOST_SEARCHED, Candidate, Cap, Claim,
    Family, Frame, Search, Stock, Taken,
)
from engine._native.spreading cimport Target

cdef enum:
    MORE_ASKS = 64                # spare room for promotions


cdef int take_line_room(Basket* basket, Arena memory, int64_t room) except -1:
    """For what a promotion notes of the lines that it reaches."""
    basket.line_targets = <Target*>memory.take(room + basket.shipment_count, sizeof(Target))
    basket.best_of_lines = <LineBest*>memory.take(room + basket.shipment_count, sizeof(LineBest))
    basket.first_alike = memory.indices(room)
    basket.next_alike = memory.indices(room)
    basket.keys = memory.numbers(room)
    basket.kinds = memory.numbers(room)
    basket.reached = memory.bits(basket.word_count)
    basket.journal.stale = memory.bits(basket.word_count)
    return 0


cdef int take_pricing_room(
    const Rules* rules, Basket* basket, Arena memory, bint for_search, int64_t room
) except -1:
    """For what pricing writes."""
    cdef int64_t pieces = room + rules.most_parts + basket.shipment_count
    cdef int64_t written = 4 * room if for_search else room
    basket.runs = <Run*>memory.take(room, sizeof(Run))
    basket.pieces = <Piece*>memory.take(room, sizeof(Piece))
    basket.selected = <Piece*>memory.take(pieces, sizeof(Piece))
    basket.piece_targets = <Target*>memory.take(pieces, sizeof(Target))
    basket.shares = <Share*>memory.take(room, sizeof(Share))
    basket.won = <WonShare*>memory.take(room, sizeof(WonShare))
    basket.adjustments = <Adjustment*>memory.take(room, sizeof(Adjustment))
    basket.kept.shares_before = <Share*>memory.take(room, sizeof(Share))
    basket.kept.adjustments_before = <Adjustment*>memory.take(room, sizeof(Adjustment))
    # The journal saves lines and runs before grants change them: in a search again for each promotion granted.
    basket.journal.lines = <SavedLine*>memory.take(written, sizeof(SavedLine))
    basket.journal.runs = <Run*>memory.take(written, sizeof(Run))
    # Set last: if memory runs out, no array is taken to be larger than it is.
    basket.room = <int32_t>room
    basket.journal.room = <int32_t>written
    return 0


cdef int take_kept_room(const Rules* rules, Basket* basket, Arena memory, int64_t line_room) except -1:
    """For what is kept of a pricing, with some spare room for promotions and lines to come."""
    cdef Kept* kept = &basket.kept
    cdef KeptLayer* layer
    cdef int64_t room = basket.candidate_count + MORE_ASKS
    cdef int32_t index
    for index in range(rules.counts[<int>LAYERS]):
        layer = &kept.layers[index]
        layer.takes = has_goods_from(rules, index)
        if layer.takes:
            layer.lines = <KeptLine*>memory.take(line_room, sizeof(KeptLine))
        layer.filled = False
        layer.ask_count = 0
    kept.dirty = <uint64_t*>memory.filled(basket.word_count, sizeof(uint64_t), 0)
    kept.priced = memory.bits(basket.word_count)
    kept.asks = <Ask*>memory.take(room, sizeof(Ask))
    kept.ask_count = 0
    kept.ask_room = <int32_t>room
    kept.moved = <int64_t*>memory.filled(basket.row_count, sizeof(int64_t), 0xFF)
    kept.last_moved = -1
    return 0


cdef int take_search_room(const Rules* rules, Basket* basket, Arena memory) except -1:
    """For a search: its arrays depend on how many promotions may apply, and on the size of the cart."""
    cdef Search* search = &basket.search
    cdef int64_t promotions = maximum(basket.candidate_count, 1), room = minimum(promotions, MOST_SEARCHED)
    cdef int64_t columns = basket.line_count + basket.shipment_count
    cdef int64_t levels = 1 + (rules.counts[<int>LAYERS] if rules.rule_set.selects_globally else 0)
    search.room = <int32_t>room
    search.caps_each = columns * levels
    search.cap_room = <int32_t>minimum(room * search.caps_each, MOST_CAPS)
    search.facts_size = (
        (basket.row_count * GROUP_SLOTS + 1 + basket.shipment_count * SHIPMENT_NUMBERS) * sizeof(Number)
        + basket.shipment_count * sizeof(int64_t)
    )
    search.saved_facts = <char*>memory.take(levels, search.facts_size)
    search.layered = memory.indices(promotions)
    search.granted = memory.indices(promotions)
    search.reach = memory.bits(room * basket.word_count)
    take_candidate_room(search, memory, levels)
    take_tree_room(search, memory, levels)
    take_column_room(search, memory, columns)
    return take_family_room(search, memory, basket.line_count)


cdef int take_candidate_room(Search* search, Arena memory, int64_t levels) except -1:
    """Candidates, with their caps and claims, and the cliques and orders that they are in."""
    cdef int64_t room = search.room, words = words_for(room)
    search.appraised = <Candidate*>memory.take(room * levels, sizeof(Candidate))
    search.caps = <Cap*>memory.take(search.cap_room, sizeof(Cap))
    search.cap_columns = memory.indices(search.cap_room)
    search.amounts = memory.numbers(search.cap_room)
    search.sure = memory.numbers(search.cap_room)
    search.claims = <Claim*>memory.take(search.cap_room, sizeof(Claim))
    search.conflicts = memory.bits(room * words)
    search.cliques = memory.bits(room * words)
    search.cover_conflicts = memory.bits(minimum(room, MOST_COVERED) * words)
    search.cover_order = memory.indices(room)
    search.order = memory.indices(room)
    search.by_saving = memory.indices(room)
    search.saved = memory.numbers(room)
    search.losses = memory.numbers(room)
    search.cap_totals = memory.numbers(room)
    search.tops = memory.numbers(room)
    search.other_reduced = memory.numbers(room)
    return 0


cdef int take_tree_room(Search* search, Arena memory, int64_t levels) except -1:
    """The frames of the tree, the sets at hand, and the bounds of every depth."""
    cdef int64_t room = search.room, words = words_for(room), frames = room + levels
    cdef int64_t remembered = minimum(room, MOST_REMEMBERED)
    remembered = maximum(room, remembered * (remembered + levels + 1))
    search.frames = <Frame*>memory.take(frames + 1, sizeof(Frame))
    search.open = memory.bits((frames + 1) * words)
    search.chosen = memory.bits(words)
    search.best = memory.bits(words)
    search.wanted = memory.bits(words)
    search.attempted = memory.bits(words)
    search.has_multipliers = <bint*>memory.take(levels + 1, sizeof(bint))
    search.all_weights = memory.numbers(remembered)
    search.all_reduced = memory.numbers(remembered)
    search.constants = memory.numbers(frames + 1)
    return 0


cdef int take_column_room(Search* search, Arena memory, int64_t columns) except -1:
    """What is known of lines and shipments at a node, and scratch for each."""
    search.multipliers = memory.numbers(columns)
    search.best_multipliers = memory.numbers(columns)
    search.demand = memory.numbers(columns)
    search.sums = memory.numbers(columns)
    search.counts = memory.numbers(columns)
    search.taken_earlier = memory.numbers(columns)
    search.rooms = memory.numbers(columns)
    search.unclaimed = memory.numbers(columns)
    search.least_rooms = memory.numbers(columns)
    search.most_rooms = memory.numbers(columns)
    search.takeable = memory.numbers(columns)
    search.columns = memory.indices(columns + search.room + 2)
    search.stocks_before = <Stock*>memory.take(columns, sizeof(Stock))
    search.most_in_turn = memory.numbers(columns)
    search.least_in_turn = memory.numbers(columns)
    search.in_turn = memory.numbers(columns)
    search.sure_in_turn = memory.numbers(columns)
    search.by_nonclaimers = <Taken*>memory.take(columns, sizeof(Taken))
    search.unclaimed_at_turn = memory.numbers(columns)
    search.set_bases = memory.numbers(columns)
    search.set_shares = memory.numbers(columns)
    return 0


cdef int take_family_room(Search* search, Arena memory, int64_t lines) except -1:
    """Families, and rehearsals of their claims."""
    cdef int64_t words = words_for(search.room)
    search.families = <Family*>memory.take(MOST_FAMILIES, sizeof(Family))
    search.family_order = memory.indices(MOST_FAMILIES)
    search.claimers = memory.indices(MOST_CLAIMERS)
    search.claim_orders = memory.indices(2 * MOST_CLAIMERS * lines)
    search.dependents = <uint32_t*>memory.take(MOST_CLAIMERS, sizeof(uint32_t))
    search.taken_before = <Taken*>memory.take(MOST_CLAIMERS * lines, sizeof(Taken))
    search.stocks = <Stock*>memory.take((MOST_CLAIMERS + 1) * lines, sizeof(Stock))
    search.rehearsed = memory.bits(words)
    search.forced = memory.bits(words)
    return 0


cdef bint searches(const Rules* rules) noexcept:
    """Whether any layer, or all of them together, grant the best set of their promotions."""
    cdef int32_t index
    if rules.rule_set.selects_globally:
        return True
    for index in range(rules.counts[<int>LAYERS]):
        if rules.layers[index].combine == Combine.BEST:
            return True
    return False


cdef bint has_goods_from(const Rules* rules, int32_t index) noexcept:
    """Whether a layer or a later one takes something off lines."""
    cdef const Layer* layer
    for layer in rules.layers[index:rules.counts[<int>LAYERS]]:
        if layer.kind == LayerKind.GOODS:
            return True
    return False
