"""Room for what is written while a cart is priced, kept of it, and searched."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memset

from engine._native.artifact cimport GROUP_SLOTS, LAYERS, SHIPMENT_NUMBERS, Combine, Layer, LayerKind
from engine._native.basket cimport (
    Adjustment, Ask, Basket, Kept, KeptLayer, KeptLine, Number, Piece, Run, SavedLine, Share,
)
from engine._native.bits cimport words_for
from engine._native.candidates cimport (
    MOST_CAPS, MOST_CLAIMERS, MOST_COVERED, MOST_FAMILIES, MOST_REMEMBERED, MOST_SEARCHED, Candidate, Cap, Claim,
    Family, Frame, Search, Stock, Taken,
)
from engine._native.memory cimport Arena
from engine._native.money cimport maximum, minimum
from engine._native.program cimport Rules
from engine._native.spreading cimport Target

cdef enum:
    MORE_ASKS = 64


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
    basket.adjustments = <Adjustment*>memory.take(room, sizeof(Adjustment))
    basket.kept.shares_before = <Share*>memory.take(room, sizeof(Share))
    basket.kept.adjustments_before = <Adjustment*>memory.take(room, sizeof(Adjustment))
    # Lines and runs written down before grants change them: in a search some for each of the promotions granted.
    basket.journal.lines = <SavedLine*>memory.take(written, sizeof(SavedLine))
    basket.journal.runs = <Run*>memory.take(written, sizeof(Run))
    # Said last: should memory run out, nothing is thought to be larger than it is.
    basket.room = <int32_t>room
    basket.journal.room = <int32_t>written
    return 0


cdef int take_kept_room(const Rules* rules, Basket* basket, Arena memory, int64_t line_room) except -1:
    """For what is kept of pricing the cart; for some more promotions than may apply now, and lines that may come."""
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
    kept.dirty = <uint64_t*>memory.take(basket.word_count, sizeof(uint64_t))
    memset(kept.dirty, 0, basket.word_count * sizeof(uint64_t))
    kept.priced = <uint64_t*>memory.take(basket.word_count, sizeof(uint64_t))
    kept.asks = <Ask*>memory.take(room, sizeof(Ask))
    kept.ask_count = 0
    kept.ask_room = <int32_t>room
    kept.moved = <int64_t*>memory.take(basket.row_count, sizeof(int64_t))
    memset(kept.moved, 0xFF, basket.row_count * sizeof(int64_t))
    kept.last_moved = -1
    return 0


cdef int take_search_room(const Rules* rules, Basket* basket, Arena memory) except -1:
    """For a search: what it writes hangs on how many promotions may apply and on the size of the cart."""
    cdef Search* search = &basket.search
    cdef int64_t promotions = maximum(basket.candidate_count, 1)
    cdef int64_t room = minimum(promotions, MOST_SEARCHED), words = words_for(room)
    cdef int64_t columns = basket.line_count + basket.shipment_count
    cdef int64_t levels = 1 + (rules.counts[<int>LAYERS] if rules.rule_set.selects_globally else 0)
    cdef int64_t frames = room + levels, remembered
    search.room = <int32_t>room
    search.caps_each = columns * levels
    search.cap_room = <int32_t>minimum(room * search.caps_each, MOST_CAPS)
    search.facts_size = (
        (basket.row_count * GROUP_SLOTS + 1 + basket.shipment_count * SHIPMENT_NUMBERS) * sizeof(Number)
        + basket.shipment_count * sizeof(int64_t)
    )
    search.appraised = <Candidate*>memory.take(room * levels, sizeof(Candidate))
    search.saved_facts = <char*>memory.take(levels, search.facts_size)
    search.caps = <Cap*>memory.take(search.cap_room, sizeof(Cap))
    search.cap_columns = <int32_t*>memory.take(search.cap_room, sizeof(int32_t))
    search.amounts = <int64_t*>memory.take(search.cap_room, sizeof(int64_t))
    search.sure = <int64_t*>memory.take(search.cap_room, sizeof(int64_t))
    search.claims = <Claim*>memory.take(search.cap_room, sizeof(Claim))
    search.frames = <Frame*>memory.take(frames + 1, sizeof(Frame))
    search.conflicts = <uint64_t*>memory.take(room * words, sizeof(uint64_t))
    search.open = <uint64_t*>memory.take((frames + 1) * words, sizeof(uint64_t))
    search.cliques = <uint64_t*>memory.take(room * words, sizeof(uint64_t))
    search.chosen = <uint64_t*>memory.take(words, sizeof(uint64_t))
    search.best = <uint64_t*>memory.take(words, sizeof(uint64_t))
    search.wanted = <uint64_t*>memory.take(words, sizeof(uint64_t))
    search.attempted = <uint64_t*>memory.take(words, sizeof(uint64_t))
    search.cap_totals = <int64_t*>memory.take(room, sizeof(int64_t))
    search.multipliers = <int64_t*>memory.take(columns, sizeof(int64_t))
    search.best_multipliers = <int64_t*>memory.take(columns, sizeof(int64_t))
    search.demand = <int64_t*>memory.take(columns, sizeof(int64_t))
    search.has_multipliers = <bint*>memory.take(levels + 1, sizeof(bint))
    search.reach = <uint64_t*>memory.take(room * basket.word_count, sizeof(uint64_t))
    search.saved = <int64_t*>memory.take(room, sizeof(int64_t))
    search.by_saving = <int32_t*>memory.take(room, sizeof(int32_t))
    search.order = <int32_t*>memory.take(room, sizeof(int32_t))
    search.cover_order = <int32_t*>memory.take(room, sizeof(int32_t))
    search.cover_conflicts = <uint64_t*>memory.take(minimum(room, MOST_COVERED) * words, sizeof(uint64_t))
    search.layered = <int32_t*>memory.take(promotions, sizeof(int32_t))
    search.granted = <int32_t*>memory.take(promotions, sizeof(int32_t))
    remembered = minimum(room, MOST_REMEMBERED)
    remembered = maximum(room, remembered * (remembered + levels + 1))
    search.all_weights = <int64_t*>memory.take(remembered, sizeof(int64_t))
    search.all_reduced = <int64_t*>memory.take(remembered, sizeof(int64_t))
    search.constants = <int64_t*>memory.take(frames + 1, sizeof(int64_t))
    search.weights = search.all_weights
    search.tops = <int64_t*>memory.take(room, sizeof(int64_t))
    search.losses = <int64_t*>memory.take(room, sizeof(int64_t))
    search.other_reduced = <int64_t*>memory.take(room, sizeof(int64_t))
    search.sums = <int64_t*>memory.take(columns, sizeof(int64_t))
    search.counts = <int64_t*>memory.take(columns, sizeof(int64_t))
    search.taken_earlier = <int64_t*>memory.take(columns, sizeof(int64_t))
    search.rooms = <int64_t*>memory.take(columns, sizeof(int64_t))
    search.unclaimed = <int64_t*>memory.take(columns, sizeof(int64_t))
    search.least_rooms = <int64_t*>memory.take(columns, sizeof(int64_t))
    search.most_rooms = <int64_t*>memory.take(columns, sizeof(int64_t))
    search.takeable = <int64_t*>memory.take(columns, sizeof(int64_t))
    search.columns = <int32_t*>memory.take(columns + room + 2, sizeof(int32_t))
    search.stocks_before = <Stock*>memory.take(columns, sizeof(Stock))
    search.most_in_turn = <int64_t*>memory.take(columns, sizeof(int64_t))
    search.least_in_turn = <int64_t*>memory.take(columns, sizeof(int64_t))
    search.in_turn = <int64_t*>memory.take(columns, sizeof(int64_t))
    search.sure_in_turn = <int64_t*>memory.take(columns, sizeof(int64_t))
    search.by_nonclaimers = <Taken*>memory.take(columns, sizeof(Taken))
    search.unclaimed_at_turn = <int64_t*>memory.take(columns, sizeof(int64_t))
    search.set_bases = <int64_t*>memory.take(columns, sizeof(int64_t))
    search.set_shares = <int64_t*>memory.take(columns, sizeof(int64_t))
    search.dependents = <uint32_t*>memory.take(MOST_CLAIMERS, sizeof(uint32_t))
    search.rehearsed = <uint64_t*>memory.take(words, sizeof(uint64_t))
    search.forced = <uint64_t*>memory.take(words, sizeof(uint64_t))
    search.families = <Family*>memory.take(MOST_FAMILIES, sizeof(Family))
    search.family_order = <int32_t*>memory.take(MOST_FAMILIES, sizeof(int32_t))
    search.claimers = <int32_t*>memory.take(MOST_CLAIMERS, sizeof(int32_t))
    search.taken_before = <Taken*>memory.take(<int64_t>MOST_CLAIMERS * basket.line_count, sizeof(Taken))
    search.claim_orders = <int32_t*>memory.take(2 * MOST_CLAIMERS * basket.line_count, sizeof(int32_t))
    search.stocks = <Stock*>memory.take((MOST_CLAIMERS + 1) * basket.line_count, sizeof(Stock))
    return 0


cdef bint searches(const Rules* rules) noexcept:
    """Whether any layer grants the best set of its promotions, or all of them together do."""
    cdef int32_t index
    if rules.rule_set.selects_globally:
        return True
    for index in range(rules.counts[<int>LAYERS]):
        if rules.layers[index].combine == Combine.BEST:
            return True
    return False


cdef bint has_goods_from(const Rules* rules, int32_t index) noexcept:
    """Whether a layer or one behind it takes something off lines."""
    cdef const Layer* layer
    for layer in rules.layers[index:rules.counts[<int>LAYERS]]:
        if layer.kind == LayerKind.GOODS:
            return True
    return False
