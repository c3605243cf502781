"""A cart while it is being priced: arrays of C structs, filled by ``load``, then read and written without Python.

Money is in minor units of the cart's currency. Lines and shipments stand by id (bytewise): ties go to the smaller
index.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy

from engine._native.artifact cimport GROUP_SLOTS, SEGMENT, SHIPMENT_NUMBERS, SUBJECT_COUNT, GoodsReward
from engine._native.bits cimport Walk, next_member, ones, walk_through
from engine._native.candidates cimport Search
from engine._native.spreading cimport Target

cdef extern from *:
    uint32_t reversed_word "__builtin_bswap32" (uint32_t word) noexcept nogil

cdef struct Number:
    int64_t value                 # truth values are 0 and 1
    int64_t present               # 0: CEL's error value, and value is 0

cdef struct Text:
    const char* start             # UTF-8; kept alive by the artifact or loaded cart; NULL: CEL's error value
    int64_t length                # bytes

cdef struct TextList:
    const Text* texts
    int64_t count

cdef struct Facts:
    # What expressions read, by subject and slot (engine/rules/artifact.py SLOTS). A node's slot s of SEGMENT is slot
    # s % GROUP_SLOTS of segment s / GROUP_SLOTS, whose facts stand in its row; ITEM is the line being put into
    # segments, SHIPMENT the shipment asked about.
    Number* numbers[SUBJECT_COUNT]
    Text* texts[SUBJECT_COUNT]
    TextList* lists[SUBJECT_COUNT]
    int32_t* rows                 # of each segment: that of its facts and lines; 0: it has no line in this cart
    int32_t currency              # index among those of the rule set

cdef struct Run:
    # Units of one line that are alike. Of 32 bytes.
    int64_t base                  # what percentages, fixed prices and weights read; never below price
    int64_t price                 # running price
    int64_t owed                  # units that are to pay one yet, fewer than there are, or a share: see runs.pyx
    int32_t count                 # at least 1
    bint claimed                  # by a reward of the layer

cdef struct Line:
    # Of 128 bytes: where one stands among others takes a shift.
    int64_t price                 # of a unit, as sent
    int64_t list_price            # of a unit, at most what makes MAX_AMOUNT of all of them; -1: absent
    int64_t floor                 # of a unit: 0 <= floor <= price
    int64_t quantity
    int64_t weight                # grams of a unit; -1: absent
    int64_t merchandise           # price * quantity
    int64_t subtotal              # sum of the running prices of its units, but for what is granted
    int64_t entered               # what of it entered the layer
    int64_t granted               # off its units, by the promotion at hand
    int64_t least                 # floor * quantity
    const int32_t* segments       # those it is in
    Run* runs                     # by base, then running price, dearest first, claimed first; all different
    int64_t run_count
    int64_t run_room              # runs it may have before it has to move
    int32_t segment_count
    int32_t sku                   # equal for lines of one SKU; less than the number of lines
    unsigned char owes            # 0, or how: see runs.pyx; it has room for twice as many runs then
    # Truth values.
    unsigned char touched         # the promotion at hand took off its units or claimed some
    unsigned char changed         # an earlier one of the layer did

cdef struct LineBest:
    # What the promotion that takes most of a line takes.
    int64_t amount
    int32_t promotion             # -1: none takes anything

cdef struct Piece:
    # So many units of one run.
    int64_t base
    int64_t price
    int64_t count
    int32_t line                  # or, behind them all, a shipment, whose rate is one unit
    int32_t place                 # of the run among those of the line
    int32_t source                # of a selected piece: index of the one it is part of

cdef struct Shipment:
    int64_t price                 # of the chosen rate as sent; 0 when none is chosen
    int64_t entered               # what of it entered the layer
    int64_t charge                # what is left of it
    int64_t granted               # by the promotion at hand, of a goods layer
    bint chosen

cdef struct Share:
    int64_t amount                # above 0
    int32_t target                # line; behind them all, shipment; rising

cdef struct Adjustment:
    # Of money, points, credit and gifts a promotion grants one; an effect is none of them.
    int64_t amount                # the sum of its shares
    int64_t ungranted             # at most MAX_AMOUNT
    int64_t points
    int64_t credit
    int64_t gifts                 # units
    int32_t promotion
    int32_t before                # that of the last time which it is, share by share; -1: none
    int32_t first_share
    int32_t share_count

cdef struct LayerResult:
    int64_t subtotal              # goods as the layer left them
    int64_t shipping              # shipping as the layer left it
    int32_t first_adjustment
    int32_t adjustment_count

cdef struct Totals:
    # Of the cart as it was priced, beside what its goods come to.
    int64_t shipping_price        # of the chosen rates as sent
    int64_t shipping              # what is left of that
    int64_t points
    int64_t credit

cdef struct SavedLine:
    # A line before a grant changed it; its runs follow in the journal's.
    Line line
    int32_t index

cdef struct Journal:
    # What is needed to take grants back.
    SavedLine* lines
    Run* runs
    uint64_t* stale               # set of the lines written down or put back since a search last measured them
    int32_t line_count
    int32_t run_count
    int32_t room                  # of lines and runs each
    bint kept                     # what is granted may be taken back

cdef struct Ask:
    # What a promotion was asked when its layer was entered the last time, and what became of it.
    int64_t number                # of a goods reward
    int64_t cap                   # on what it grants, that of its budget among them
    const GoodsReward* reward     # NULL: it is about no line
    const uint64_t* lines         # set of those of its first part
    int32_t promotion
    int32_t adjustment            # -1: none
    int asked                     # Outcome of its condition and numbers; GRANTED: it may take its reward
    int outcome                   # Outcome in the end
    # Truth values: of the promotion itself, but for the last two.
    unsigned char constant        # neither condition nor number nor cap hangs on what lines and rates come to
    unsigned char alone           # it says nothing of other promotions
    unsigned char one_part        # it is about the lines of its first part alone
    unsigned char by_line         # without a cap it takes of each line what it would if that were the only one
    unsigned char comparable      # its number and cap are all that it is asked
    unsigned char same            # it is asked the same as the time before
    unsigned char dirty           # of the lines it is about: following.pyx; known where it is asked the same

cdef enum:
    KEPT_RUNS = 3
    RUNS_OF_LINE = 4              # take as long as a line

cdef struct KeptRun:
    int64_t price
    int64_t count

cdef struct KeptLine:
    # How a line entered a layer; of one cache line.
    int64_t subtotal
    int64_t run_count
    KeptRun[KEPT_RUNS] runs

cdef struct KeptLayer:
    KeptLine* lines               # how they entered it; the first one as they were sent
    int32_t ask_count
    bint takes                    # it, or a layer behind it, takes something off lines
    bint filled                   # it is known how lines entered it

cdef struct Kept:
    # What of the last time a cart was priced holds until its lines change: see following.pyx.
    KeptLayer* layers
    uint64_t* dirty               # set of the lines that may be priced otherwise than the last time
    uint64_t* priced              # set of those that were, this time
    int64_t times                 # that a cart was priced
    int64_t last_moved            # the times that a cart was priced when a line last came to a segment or left one
    int64_t* moved                # of each row: the same of its segment
    Ask* asks                     # of all layers, one behind the other
    # Those of the last time change places with those of this one.
    Adjustment* adjustments_before
    Share* shares_before
    int64_t subtotal              # of all lines, as it is known what those of segments and shipments come to
    int32_t asked_count           # in the layers so far
    int32_t ask_count
    int32_t ask_room
    bint wanted                   # the cart was mutated, and may be again
    bint good                     # something is kept
    bint whole                    # all lines are dirty
    bint rechosen                 # candidates may be others than the last time
    bint keeps                    # what is being priced can be kept

cdef struct Basket:
    Facts facts
    Line* lines
    Shipment* shipments
    # Sets of lines as bits, word_count words each: those of a row's segment, those in a shipment.
    uint64_t* segment_lines
    uint64_t* shipment_lines
    int32_t* row_segments         # segment of each row
    int32_t* read_rows            # rows whose facts expressions read, but for row 0
    Number* shipment_numbers      # SHIPMENT_NUMBERS for each shipment
    Text* shipment_texts          # SHIPMENT_TEXTS for each shipment
    int32_t* candidates           # promotions that may apply to the cart, rising; none of them strict
    int32_t* strict               # strict promotions that may apply to the cart, in the order in which they are tried
    const uint64_t* reachable     # set of the promotions that the index does not rule out; searches look at no other
    int64_t* budgets              # of each promotion: what is left for it; INT64_MAX where it has none
    int64_t merchandise           # of all lines
    int64_t weight                # grams of all lines; that of the gifts comes on top; -1: absent
    int32_t line_count
    int32_t shipment_count
    int32_t word_count
    int32_t row_count             # row 0, that of all segments without a line, is one of them
    int32_t read_row_count
    int32_t candidate_count
    int32_t strict_count
    # Written by ``price_basket``: scratch and result, each with its room. What lacks room is priced again with more.
    Run* runs
    unsigned char* outcomes       # of each promotion, why it is not applied; of those not tried as loaded
    unsigned char* labels         # of each label, what promotions that applied make of it: see compatibility.pyx
    uint64_t* reached             # set of the lines that the promotion at hand reaches
    int32_t* cursors              # of the parts of the promotion at hand
    # For each of what rewards ask to be the same (Rules.alike) 64 * word_count numbers: of every line that of the first
    # one with its value; -1: it has none.
    int32_t* alike
    # Of the lines that it reaches, the first one by such a number and the next one of that number by line; -1: there is
    # none.
    int32_t* first_alike
    int32_t* next_alike
    int64_t* kinds                # units of each kind, by such a number or one of SKU or line: see different.pyx
    int64_t* quantities           # of the parts of the promotion at hand
    Piece* pieces                 # those the promotion at hand may take; room for every run
    Piece* selected               # those it takes; room for every run and shipment, and one more for each part
    LineBest* best_of_lines
    Target* line_targets          # room for every line and shipment
    int64_t* keys                 # of shares, or where these stand; room for every line
    Target* piece_targets         # as many as of selected
    Share* shares
    Adjustment* adjustments
    LayerResult* layers           # room for every layer
    int32_t first_of_layer        # adjustment
    bint changed                  # some line may have been, in this layer
    bint explains                 # outcomes are asked for: they are found out where they do not fall out by themselves
    int32_t run_count
    int32_t share_count
    int32_t adjustment_count
    int32_t room                  # of runs, shares and adjustments each
    int64_t subtotal              # of all lines, as they entered the layer at hand, or left the last one
    int64_t shipping              # of all chosen rates, in the same way
    Totals totals                 # written by ``add_up``
    Journal journal
    Kept kept
    Search search


cdef inline bint same(Text left, Text right) noexcept nogil:
    # A text that is absent starts nowhere, where C's functions may not be sent.
    return left.length == right.length and (not left.length or memcmp(left.start, right.start, left.length) == 0)


cdef inline uint64_t whole_of(Text text) noexcept nogil:
    """A text of four to eight bytes as a number: of texts of one length the one that comes first has the lower one."""
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
    """What is left of it above its floor."""
    return line.subtotal - line.least


cdef inline uint64_t* lines_of_row(const Basket* basket, int32_t row) noexcept nogil:
    return &basket.segment_lines[<int64_t>row * basket.word_count]


cdef inline uint64_t* lines_of_segment(const Basket* basket, int32_t segment) noexcept nogil:
    return lines_of_row(basket, basket.facts.rows[segment])


cdef inline Number* facts_of_row(const Facts* facts, int32_t row) noexcept nogil:
    """By slot; good where the segment is read."""
    return &facts.numbers[<int>SEGMENT][row * GROUP_SLOTS]


cdef inline Number* facts_of_segment(const Facts* facts, int32_t segment) noexcept nogil:
    return facts_of_row(facts, facts.rows[segment])


cdef inline Number* facts_of_shipment(const Basket* basket, int32_t shipment) noexcept nogil:
    """By slot."""
    return &basket.shipment_numbers[shipment * SHIPMENT_NUMBERS]


cdef inline int64_t lines_reached(const Basket* basket) noexcept nogil:
    """How many lines the promotion at hand reaches; where they have very many runs, a line for so many of these."""
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


cdef inline void note_move(Kept* kept, int32_t row) noexcept nogil:
    """A line comes to the segment of a row, or leaves it."""
    kept.moved[row] = kept.last_moved = kept.times
