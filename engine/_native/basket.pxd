"""A cart while it is being priced: arrays of C structs, filled as it is laid out, then read and written without Python.

Money is in minor units of the cart's currency. Lines and shipments are ordered by id (bytewise); ties go to the smaller
index. A *row* holds the lines and facts of a segment that has a line in this cart; row 0 is shared by all other
segments.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy

from engine._native.artifact cimport GROUP_SLOTS, SEGMENT, SHIPMENT_NUMBERS, SUBJECT_COUNT, GoodsReward
from engine._native.bits cimport Walk, next_member, ones, walk_through
from engine._native.search.candidates cimport Search
from engine._native.spreading cimport Target

cdef extern from *:
    uint32_t reversed_word "__builtin_bswap32" (uint32_t word) noexcept nogil

cdef struct Number:
    int64_t value                 # truth values are 0 and 1
    int64_t present               # 0: CEL's error value, and value is 0

cdef struct Text:
    const char* start             # UTF-8; kept alive by the artifact or sent cart; NULL: CEL's error value
    int64_t length                # bytes

cdef struct TextList:
    const Text* texts
    int64_t count

cdef struct Facts:
    # What expressions read, by subject and slot (engine/rules/artifact.py SLOTS). For SEGMENT, slot s of a node is slot
    # s % GROUP_SLOTS of segment s / GROUP_SLOTS, whose facts are in its row; ITEM is the line being put into segments,
    # SHIPMENT the shipment asked about.
    Number* numbers[SUBJECT_COUNT]
    Text* texts[SUBJECT_COUNT]
    TextList* lists[SUBJECT_COUNT]
    int32_t* rows                 # of each segment; 0: it has no line in this cart
    int32_t currency              # index among the currencies of the rule set

cdef struct Run:
    # Units of one line that are alike. 32 bytes.
    int64_t base                  # price that rewards of the layer read; at least ``price``
    int64_t price                 # running price
    int64_t owed                  # the last so many units owe one minor unit each, or a share: see runs.pyx
    int32_t count                 # at least 1
    bint claimed                  # by a reward of the layer

cdef struct Line:
    # 128 bytes, so an index becomes an address by a shift.
    int64_t price                 # of a unit, as sent
    int64_t list_price            # of a unit, limited so that all units sum to at most MAX_AMOUNT; -1: absent
    int64_t floor                 # of a unit: 0 <= floor <= price
    int64_t quantity
    int64_t weight                # grams of a unit; -1: absent
    int64_t merchandise           # price * quantity
    int64_t subtotal              # what is left to pay for its units, before ``granted``
    int64_t entered               # the subtotal as the layer began
    int64_t granted               # by the promotion at hand, taken off units but not yet off the subtotal
    int64_t least                 # floor * quantity
    const int32_t* segments       # those it is in
    Run* runs                     # by base, running price and claim, dearest first, claimed first; no two alike
    int64_t run_count
    int64_t run_room              # runs that fit before they move to a larger place
    int32_t segment_count
    int32_t sku                   # equal for lines of one SKU; less than the number of lines
    unsigned char owes            # 0, AS_WHOLE or BY_RUN: see runs.pyx; then run_room >= 2 * run_count
    # Truth values.
    unsigned char touched         # the promotion at hand took something off its units, or claimed some
    unsigned char changed         # an earlier promotion of the layer did

cdef struct LineBest:
    # The largest amount that a promotion, or several together, take of a line or shipment.
    int64_t amount
    int64_t tried                 # what those at hand take of it
    int32_t first                 # the promotion, or the first of those together; -1: none takes anything

cdef struct WonShare:
    # What a promotion takes of a line or shipment for which it is the best, by itself or together with others.
    int64_t amount
    int32_t target
    int32_t promotion

cdef struct Piece:
    # So many units of one run.
    int64_t base
    int64_t price
    int64_t count
    int32_t line                  # or, from line_count on, a shipment, whose rate is one unit
    int32_t place                 # of the run in its line
    int32_t source                # of a selected piece: index of the piece it is part of

cdef struct Shipment:
    int64_t price                 # of the chosen rate as sent; 0 when none is chosen
    int64_t entered               # what was left of it as the layer began
    int64_t charge                # what is left of it now
    int64_t granted               # by the promotion at hand, of a goods layer
    bint chosen

cdef struct Share:
    int64_t amount                # above 0
    int32_t target                # line; from line_count on, shipment; rising

cdef struct Adjustment:
    # What a promotion grants: one of money, points, credit and gifts, or an effect, which is none of these.
    int64_t amount                # the sum of its shares
    int64_t ungranted             # what was wanted and not granted; at most MAX_AMOUNT
    int64_t points
    int64_t credit
    int64_t gifts                 # units
    int32_t promotion
    int32_t before                # index of the same adjustment of the last pricing, share by share; -1: none
    int32_t first_share
    int32_t share_count

cdef struct LayerResult:
    int64_t subtotal              # goods as the layer left them
    int64_t shipping              # shipping as the layer left it
    int32_t first_adjustment
    int32_t adjustment_count

cdef struct Totals:
    # Of the cart as it was priced; goods aside.
    int64_t shipping_price        # of the chosen rates as sent
    int64_t shipping              # what is left of that
    int64_t points
    int64_t credit

cdef struct SavedLine:
    # A line before a grant changed it; its runs are in the journal's, in the same order.
    Line line
    int32_t index

cdef struct Journal:
    # The undo log: what it takes to roll grants back.
    SavedLine* lines
    Run* runs
    uint64_t* stale               # set of the lines saved or restored since a search last measured them
    int32_t line_count
    int32_t run_count
    int32_t room                  # of lines and runs each
    bint kept                     # what is granted may be taken back

cdef struct Ask:
    # What a promotion was asked when its layer was last entered, and the outcome.
    int64_t number                # of a goods reward
    int64_t cap                   # on what it grants, its budget included
    const GoodsReward* reward     # NULL: it is about no line
    const uint64_t* lines         # set of the lines of its first part
    int32_t promotion
    int32_t adjustment            # -1: none
    int asked                     # Outcome of its condition and numbers; GRANTED: it may grant its reward
    int outcome                   # final Outcome
    # Truth values: properties of the promotion, except for the last two.
    unsigned char constant        # condition, number and cap do not depend on sums of lines or on rates
    unsigned char independent     # it neither excludes other promotions nor has labels that they exclude
    unsigned char one_part        # all its parts have the same lines
    unsigned char by_line         # without a cap, it takes of each line what it would take if that were the only one
    unsigned char comparable      # number and cap are all that it is asked
    unsigned char same            # asked the same as the time before
    unsigned char dirty           # SOME_DIRTY, SOME_CLEAN of its lines (following.pyx); set where it is asked the same

cdef enum:
    KEPT_RUNS = 3
    RUNS_OF_LINE = 4              # runs that cost as much work as a line

cdef struct KeptRun:
    int64_t price
    int64_t count

cdef struct KeptLine:
    # How a line entered a layer. One cache line.
    int64_t subtotal
    int64_t run_count
    KeptRun[KEPT_RUNS] runs

cdef struct KeptLayer:
    KeptLine* lines               # how lines entered the layer; unused in the first, which they enter as sent
    int32_t ask_count
    bint takes                    # this layer or a later one takes something off lines
    bint filled                   # ``lines`` is filled in

cdef struct Kept:
    # What is kept of the last pricing of a cart, for the next one after mutations: see following.pyx.
    KeptLayer* layers
    uint64_t* dirty               # set of the lines whose prices may differ from the last pricing
    uint64_t* priced              # set of the lines priced anew by this one
    int64_t times                 # pricings so far
    int64_t last_moved            # pricings there were when a line last came to a segment or left one
    int64_t* moved                # of each row: the same for its segment
    Ask* asks                     # of all layers, one layer after the other
    # Of the last pricing; swapped with those of the basket as the next begins.
    Adjustment* adjustments_before
    Share* shares_before
    int64_t subtotal              # of all lines, at which the sums of segments and shipments were last read
    int32_t asked_count           # asks of the layers so far
    int32_t ask_count
    int32_t ask_room
    bint wanted                   # the cart was mutated, and may be again
    bint good                     # the last pricing is kept
    bint whole                    # all lines are dirty
    bint rechosen                 # candidates may differ from the last pricing
    bint keeps                    # this pricing can be kept

cdef struct Basket:
    Facts facts
    Line* lines
    Shipment* shipments
    # Sets of lines as bits, word_count words each: the lines of each row, and of each shipment.
    uint64_t* segment_lines
    uint64_t* shipment_lines
    int32_t* row_segments         # segment of each row
    int32_t* read_rows            # rows whose facts expressions read, without row 0
    Number* shipment_numbers      # SHIPMENT_NUMBERS for each shipment
    Text* shipment_texts          # SHIPMENT_TEXTS for each shipment
    int32_t* candidates           # promotions that may apply to the cart, rising; none of them strict
    int32_t* strict               # strict promotions that may apply to the cart, in the order in which they are tried
    const uint64_t* reachable     # set of the promotions that the index does not rule out; searches take no others
    int64_t* budgets              # of each promotion: what is left of it; INT64_MAX: it has none
    int64_t merchandise           # of all lines
    int64_t weight                # grams of all lines, without gifts; -1: absent
    int32_t line_count
    int32_t shipment_count
    int32_t word_count
    int32_t row_count             # row 0 included
    int32_t read_row_count
    int32_t candidate_count
    int32_t strict_count
    # Written by ``price_basket``: scratch and result. When one is too small, the cart is priced again with more room.
    Run* runs
    unsigned char* outcomes       # Outcome of each promotion; as loaded for those not tried
    unsigned char* labels         # of each label: whether applied promotions have or exclude it (compatibility.pyx)
    uint64_t* reached             # set of the lines that the promotion at hand reaches
    int32_t* cursors              # of the parts of the promotion at hand
    # For each property by which rewards group lines (Rules.alike), 64 * word_count numbers: of every line, the first
    # line with the same value; -1: it has none.
    int32_t* alike
    # Of the lines that the promotion reaches: the first one by such a number, and by line the next one with the same
    # number; -1: there is none.
    int32_t* first_alike
    int32_t* next_alike
    int64_t* kinds                # units of each kind, by such a number or by SKU or line: see different.pyx
    int64_t* quantities           # of the parts of the promotion at hand
    Piece* pieces                 # that the promotion at hand may take; room for every run
    Piece* selected               # that it takes; room for every run and shipment, and one more for each part
    LineBest* best_of_lines
    WonShare* won                 # room for as many as ``shares``
    Target* line_targets          # room for every line and shipment
    int64_t* keys                 # sort keys of shares, or pointers to these; room for every line
    Target* piece_targets         # room for as many as ``selected``
    Share* shares
    Adjustment* adjustments
    LayerResult* layers           # room for every layer
    int32_t won_count
    int32_t first_of_layer        # index of the first adjustment of the layer
    bint changed                  # some line may have changed in this layer
    bint explains                 # every outcome is asked for, also where finding it out takes extra work
    int32_t run_count
    int32_t share_count
    int32_t adjustment_count
    int32_t room                  # of runs, shares and adjustments each
    int64_t subtotal              # of all lines, as the layer at hand began, or the last one ended
    int64_t shipping              # of all chosen rates, in the same way
    Totals totals                 # written by ``add_up``
    Journal journal
    Kept kept
    Search search


cdef inline bint same(Text left, Text right) noexcept nogil:
    # A text that is absent starts nowhere, where C's functions may not be sent.
    return left.length == right.length and (not left.length or memcmp(left.start, right.start, left.length) == 0)


cdef inline bint includes(const TextList* texts, Text text) noexcept nogil:
    cdef int64_t place
    for place in range(texts.count):
        if same(texts.texts[place], text):
            return True
    return False


cdef inline uint64_t whole_of(Text text) noexcept nogil:
    """A text of four to eight bytes as a number: texts of one length compare like their numbers."""
    cdef uint32_t first, last
    memcpy(&first, text.start, sizeof(first))
    memcpy(&last, text.start + text.length - sizeof(last), sizeof(last))
    return <uint64_t>reversed_word(first) << 32 | reversed_word(last)


cdef inline int compared(Text left, Text right) noexcept nogil:
    """By bytes: below 0 when the left one comes first."""
    cdef int order
    cdef int64_t shorter
    cdef uint64_t of_left, of_right
    if left.length == right.length and 4 <= left.length <= 8:
        # Most ids.
        of_left = whole_of(left)
        of_right = whole_of(right)
        return (of_left > of_right) - (of_left < of_right)
    shorter = left.length if left.length < right.length else right.length
    order = memcmp(left.start, right.start, shorter) if shorter else 0
    return order if order else (left.length > right.length) - (left.length < right.length)


cdef inline int64_t room_of(const Line* line) noexcept nogil:
    """What a line has left above its floor."""
    return line.subtotal - line.least


cdef inline uint64_t* lines_of_row(const Basket* basket, int32_t row) noexcept nogil:
    return &basket.segment_lines[<int64_t>row * basket.word_count]


cdef inline uint64_t* lines_of_segment(const Basket* basket, int32_t segment) noexcept nogil:
    return lines_of_row(basket, basket.facts.rows[segment])


cdef inline Number* facts_of_row(const Facts* facts, int32_t row) noexcept nogil:
    """By slot; filled in when expressions read the segment."""
    return &facts.numbers[<int>SEGMENT][row * GROUP_SLOTS]


cdef inline Number* facts_of_segment(const Facts* facts, int32_t segment) noexcept nogil:
    return facts_of_row(facts, facts.rows[segment])


cdef inline Number* facts_of_shipment(const Basket* basket, int32_t shipment) noexcept nogil:
    """By slot."""
    return &basket.shipment_numbers[shipment * SHIPMENT_NUMBERS]


cdef inline int64_t lines_reached(const Basket* basket) noexcept nogil:
    """How many lines the promotion at hand reaches; where lines have very many runs, RUNS_OF_LINE of these count as a
    line.
    """
    cdef int64_t lines = 0, runs = 0
    cdef int32_t word, index
    cdef Walk walk = walk_through(basket.reached, basket.word_count)
    for word in range(basket.word_count):
        lines += ones(basket.reached[word])
    if basket.run_count <= RUNS_OF_LINE * basket.line_count:
        return lines
    while next_member(&walk, &index):
        runs += basket.lines[index].run_count
    return lines if lines > runs // RUNS_OF_LINE else runs // RUNS_OF_LINE


cdef inline uint64_t* lines_of_shipment(const Basket* basket, int32_t shipment) noexcept nogil:
    return &basket.shipment_lines[<int64_t>shipment * basket.word_count]
