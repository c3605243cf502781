"""A cart while it is being priced: arrays of C structs, filled by ``load``, then read and written without Python.

Money is in minor units of the cart's currency. Lines and shipments stand by id (bytewise): ties go to the smaller
index.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t

from engine._native.artifact cimport SUBJECT_COUNT
from engine._native.spreading cimport Target

cdef extern from *:
    int lowest_bit "__builtin_ctzll" (unsigned long long bits) noexcept nogil

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
    # What expressions read, by subject and slot (engine/rules/artifact.py SLOTS). The slots of segment s start at
    # s * GROUP_SLOTS; ITEM is the line being put into segments, SHIPMENT the shipment asked about.
    Number* numbers[SUBJECT_COUNT]
    Text* texts[SUBJECT_COUNT]
    TextList* lists[SUBJECT_COUNT]
    int32_t currency              # index among those of the rule set

cdef struct Run:
    # Units of one line that are alike.
    int64_t base                  # what percentages, fixed prices and weights read; never below price
    int64_t price                 # running price
    int64_t count                 # at least 1

cdef struct Line:
    int64_t price                 # of a unit, as sent
    int64_t floor                 # of a unit: 0 <= floor <= price
    int64_t quantity
    int64_t weight                # grams of a unit; -1: absent
    int64_t merchandise           # price * quantity
    int64_t base                  # sum of the bases of its units
    int64_t subtotal              # sum of the running prices of its units
    int32_t sku                   # equal for lines of one SKU; less than the number of lines
    int32_t first_run             # its runs: by base, then running price, dearest first, all different
    int32_t run_count
    int32_t run_room              # runs it may have before it has to move

cdef struct Shipment:
    int64_t price                 # of the chosen rate as sent; 0 when none is chosen
    int64_t entered               # what of it entered the layer
    int64_t charge                # what is left of it
    bint chosen

cdef struct Share:
    int64_t amount                # above 0
    int32_t target                # line in a goods layer, shipment in a shipping layer; rising

cdef struct Adjustment:
    int64_t amount                # above 0; the sum of its shares
    int64_t ungranted             # at most MAX_AMOUNT
    int32_t promotion
    int32_t first_share
    int32_t share_count

cdef struct LayerResult:
    int64_t subtotal              # goods as the layer left them
    int64_t shipping              # shipping as the layer left it
    int32_t first_adjustment
    int32_t adjustment_count

cdef struct Basket:
    Facts facts
    Line* lines
    Shipment* shipments
    # Sets of lines as bits, word_count words each: those a segment counts, those in a shipment.
    uint64_t* segment_lines
    uint64_t* shipment_lines
    Number* shipment_numbers      # SHIPMENT_NUMBERS for each shipment
    Text* shipment_texts          # SHIPMENT_TEXTS for each shipment
    int32_t* candidates           # promotions that may apply to the cart, rising
    int32_t line_count
    int32_t shipment_count
    int32_t word_count
    int32_t candidate_count
    # Written by ``price_basket``: scratch and result, each with its room. What lacks room is priced again with more.
    Run* runs
    Target* line_targets          # room for every line
    Target* run_targets           # room for every run
    Share* shares
    Adjustment* adjustments
    LayerResult* layers           # room for every layer
    int32_t run_count
    int32_t share_count
    int32_t adjustment_count
    int32_t room                  # of runs, run_targets, shares and adjustments each


cdef inline uint64_t* lines_of_segment(const Basket* basket, int32_t segment) noexcept nogil:
    return &basket.segment_lines[<int64_t>segment * basket.word_count]


cdef inline uint64_t* lines_of_shipment(const Basket* basket, int32_t shipment) noexcept nogil:
    return &basket.shipment_lines[<int64_t>shipment * basket.word_count]
