"""Records of an artifact as C structs: the same table as engine/rules/artifact.py, which explains it.

Little-endian, without padding other than the reserved fields. ``Program.load`` checks every index: -1 means none where
the comment says so, everything else is in range. Money is in minor units, percentages in ppm.
"""

from libc.stdint cimport int32_t, int64_t, uint16_t, uint32_t, uint64_t

cdef struct Header:
    uint64_t magic
    uint32_t format
    uint32_t checksum             # CRC-32 of everything behind the header
    uint64_t length               # bytes of the whole artifact

cdef struct SectionEntry:
    uint64_t offset               # from the start of the artifact, a multiple of 8
    uint64_t count                # records

cdef enum:
    SECTION_COUNT = 28
    SUBJECT_COUNT = 5

cdef enum:
    # The first segments of every rule set: of every line, and of every one that promotions may touch.
    CART_SEGMENT, DISCOUNTABLE_SEGMENT, BUILT_IN_SEGMENTS

cpdef enum Section:
    RULE_SETS, TEXT_BYTES, TEXTS, CURRENCIES, FIGURES, ATTRIBUTES, NODES, OPERANDS, SEGMENTS, LAYERS, PROMOTIONS,
    GOODS_REWARDS, SHIPPING_REWARDS, GIFT_REWARDS, POINTS_REWARDS, CREDIT_REWARDS, EFFECT_REWARDS, LIMITS,
    NUMBERS, ENTRIES, TEXT_LISTS, PARTS, LABELS, STRICT, CURRENCY_SETS, SCHEDULES, WINDOWS, TRANSITIONS

cpdef enum Op:
    CONSTANT, FACT, HAS_NUMBER, HAS_TEXT, NOT, AND, OR, CHOOSE,
    EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL,
    ADD, SUBTRACT, MULTIPLY, NEGATE, IN_NUMBERS,
    TEXT_EQUAL, TEXT_NOT_EQUAL, TEXT_LESS, TEXT_LESS_OR_EQUAL, TEXT_GREATER, TEXT_GREATER_OR_EQUAL,
    STARTS_WITH, ENDS_WITH, CONTAINS, IN_TEXTS, IN_LIST, TEXT_SIZE, LIST_SIZE,
    TEXT_CONSTANT, TEXT_FACT, TEXT_CHOOSE

cpdef enum NumberKind:
    FIXED, STEPS, CASES_BY_NUMBER, CASES_BY_TEXT, FOR_EVERY

cpdef enum Selection:
    UNITS, BUY_GET, BUNDLE, BUY_GET_SET

cpdef enum Same:
    SAME_NOTHING, SAME_SKU, SAME_LINE, SAME_BRAND, SAME_CATEGORY,
    SAME_ATTRIBUTE                # the first one declared; the others follow

# Codes of the enums in engine/rules/{checked,expressions}.py, engine/pricing/redemption.py and engine/money.py, in the
# order of their definition.
cpdef enum Subject:
    ITEM, CUSTOMER, CART, SHIPMENT, SEGMENT

cpdef enum Type:
    BOOL, INT, STRING, MONEY, STRINGS

cpdef enum Rounding:
    HALF_UP, HALF_EVEN, DOWN, HALF_DOWN

cpdef enum LayerKind:
    GOODS, SHIPPING, POINTS

cpdef enum Combine:
    ALL, FIRST, BEST, BEST_PER_LINE

cpdef enum Leftover:
    LARGEST_REMAINDER, FIRST_LINES, LAST_LINE, CARRIED, ROUNDED

cpdef enum Percentages:
    ADDITIVE, COMPOUNDING

cpdef enum RewardKind:
    PERCENT_OFF, AMOUNT_OFF, FIXED_PRICE

cpdef enum PointsKind:
    POINTS_FIXED, POINTS_PER_UNIT_SPENT, POINTS_MULTIPLIER

cpdef enum Per:
    UNIT, LINE, ORDER

cpdef enum Pick:
    CHEAPEST, DEAREST, LINE_ORDER

cpdef enum Exclusive:
    EXCLUSIVE_LAYER, EXCLUSIVE_CART, EXCLUSIVE_STRICT

cpdef enum Period:
    DAY, WEEK, MONTH, YEAR

cpdef enum Returns:
    KEEP, CLAW_BACK, REPRICE

# Slots of the facts that the engine computes or fills by itself; declared attributes follow the last of each kind.
cpdef enum GroupSlot:
    SUBTOTAL, MERCHANDISE, QUANTITY, LINES, SKUS, WEIGHT, GROUP_SLOTS

cpdef enum ItemNumber:
    ITEM_QUANTITY, ITEM_WEIGHT, ITEM_PRICE, ITEM_LIST_PRICE, ITEM_COST, ITEM_MINIMUM_PRICE, ITEM_NUMBERS

cpdef enum ItemText:
    ITEM_SKU, ITEM_CATEGORY, ITEM_BRAND, ITEM_TEXTS

cpdef enum ItemList:
    ITEM_TAGS, ITEM_LISTS

cpdef enum CustomerNumber:
    CUSTOMER_ORDERS, CUSTOMER_POINTS, CUSTOMER_LIFETIME_SPEND, CUSTOMER_NUMBERS

cpdef enum CustomerText:
    CUSTOMER_ID, CUSTOMER_TIER, CUSTOMER_TEXTS

cpdef enum CustomerList:
    CUSTOMER_SEGMENTS, CUSTOMER_LISTS

cpdef enum CartNumber:
    CART_SHIPPING, CART_NUMBERS

cpdef enum CartText:
    CART_CHANNEL, CART_CURRENCY, CART_PAYMENT_METHOD, CART_TEXTS

cpdef enum CartList:
    CART_COUPONS, CART_SHIPPING_METHODS, CART_SHIPPING_COUNTRIES, CART_LISTS

cpdef enum ShipmentNumber:        # behind those of a group
    SHIPMENT_PRICE = 6, SHIPMENT_PICKUP, SHIPMENT_NUMBERS

cpdef enum ShipmentText:
    SHIPMENT_ID, SHIPMENT_METHOD, SHIPMENT_CARRIER, SHIPMENT_SPEED, SHIPMENT_COUNTRY, SHIPMENT_REGION,
    SHIPMENT_POSTAL_CODE, SHIPMENT_STORE, SHIPMENT_TEXTS

cdef struct RuleSet:
    int32_t name                  # text
    int32_t rounding
    int32_t leftover
    int32_t selects_globally      # 1: the best set is sought over all layers together
    int32_t case_sensitive        # 0: codes of coupons are folded
    int32_t one_coupon            # 1: only the last code sent counts
    int32_t returns
    int32_t reserved
    int64_t search_nodes          # from 1 to 10,000,000
    int64_t markup                # ppm over cost; -1: cost sets no floor

cdef struct TextEntry:
    uint32_t offset               # into the text bytes, UTF-8
    uint32_t length

cdef struct Currency:
    int32_t code                  # text
    int32_t unit                  # minor units of a currency unit, at least 1

cdef struct Figure:               # a row has one per currency
    int64_t amount
    int64_t present               # 0 or 1

cdef struct Attribute:
    int32_t subject
    int32_t name                  # text
    int32_t type
    int32_t slot                  # among the subject's texts (STRING) or numbers (INT, BOOL)

cdef struct Node:                 # operands of each op: engine/rules/artifact.py
    uint16_t op
    uint16_t subject
    int32_t a                     # operand nodes come before their node
    int32_t b
    int32_t c

cdef struct Segment:
    int32_t name                  # text
    int32_t filter                # node; -1: of those that are built in
    int32_t read                  # 1 when an expression reads a fact of it

cdef struct Layer:
    int32_t name                  # text
    int32_t kind
    int32_t combine
    int32_t percentages
    int32_t first_promotion       # the promotions of all layers, in order, are the whole section
    int32_t promotion_count

cdef struct Promotion:
    int32_t id                    # text
    int32_t name                  # text
    int32_t condition             # node; -1: always
    int32_t schedule              # -1: always
    int32_t currency_set          # row, one byte per currency: 1 where every amount has a figure
    int32_t exclusive             # Exclusive; -1: may apply beside others
    int32_t first_label           # labels that it carries
    int32_t label_count
    int32_t first_exclusion       # labels that it excludes
    int32_t exclusion_count
    int32_t family                # section of its reward, GOODS_REWARDS to EFFECT_REWARDS
    int32_t reward                # place in that section
    int32_t value                 # row of figures: a unit of the gift, 100 points, credit, effect; -1: counts nothing
    int32_t first_code            # text lists
    int32_t code_count            # 0: no shared codes
    int32_t pool                  # text; -1: no unique codes. Without codes and pool it needs no coupon
    int32_t limits                # -1: none
    int32_t together              # neighbours with the same number are granted together on a line; -1: alone

cdef struct GoodsReward:
    int32_t kind                  # RewardKind
    int32_t number
    int32_t per
    int32_t up_to                 # number; -1: no cap
    int32_t selection
    int32_t first_part
    int32_t part_count
    int32_t pick
    int32_t repeat                # number of sets, from 1; -1: without limit
    # UNITS only.
    int32_t skip_reduced          # 1: without the lines that an earlier layer reduced
    int32_t at_least              # units; with fewer there is no effect
    int32_t set_size              # 0: every unit counts
    int32_t set_position          # 1 to set_size
    int32_t set_rows              # 1: rows as long as there are sets
    int32_t incomplete            # 1: the last set of a BUY_GET, or BUY_GET_SET, may lack some of the units got
    int32_t shipping              # UNITS only; 1: every chosen rate counts as one more line
    int32_t of_list_price         # UNITS and percentages only; 1: of the list price of lines that have one
    int32_t full_price_parts      # so many of the last parts of a BUNDLE, not all, are claimed at full price
    int32_t same                  # Same, or SAME_ATTRIBUTE plus the index of an attribute of items
    int32_t different             # the same; BUNDLE only, whose parts are all of one segment

cdef struct ShippingReward:
    int32_t kind                  # RewardKind
    int32_t number
    int32_t up_to                 # number; -1: no cap
    int32_t first_method          # text lists
    int32_t method_count          # 0: every method
    int32_t together              # AMOUNT_OFF only; 1: the amount once, spread over the shipments

cdef struct GiftReward:
    int32_t first_sku             # text lists
    int32_t sku_count             # at least 1
    int32_t quantity              # number, from 1
    int32_t part                  # given for every such part, of a certain size; -1: once
    int32_t weight                # grams of a unit

cdef struct PointsReward:
    int32_t kind                  # PointsKind
    int32_t number                # points, or millionths of a point or factor
    int32_t segment               # read, when POINTS_PER_UNIT_SPENT

cdef struct CreditReward:
    int32_t number

cdef struct EffectReward:
    int32_t name                  # text
    int32_t payload               # text

cdef struct Limits:               # -1: without limit
    int64_t total
    int64_t per_customer
    int64_t per_code
    int32_t total_period          # -1: ever
    int32_t customer_period
    int32_t code_period
    int32_t budget                # row of figures
    int32_t partial
    int32_t reserved

cdef struct Part:
    int32_t segment               # never 0
    int32_t quantity              # number, from 1; -1: all its units

cdef struct NumberTable:
    int32_t kind
    int32_t by                    # node; -1 when FIXED
    int32_t first                 # row of figures when FIXED, else entry
    int32_t length                # entries

cdef struct Entry:
    int32_t key                   # row of figures, or text for CASES_BY_TEXT
    int32_t value                 # row of figures

cdef struct Schedule:
    int64_t starts                # seconds UTC, inclusive
    int64_t ends                  # exclusive
    int32_t weekdays              # bit 0 is Monday
    int32_t first_window
    int32_t window_count          # 0: all day, every day
    int32_t reserved

cdef struct Window:               # minutes of the local day, end exclusive; over midnight when end <= start
    int32_t start
    int32_t end

cdef struct Transition:           # from start (seconds UTC, ascending) local time is UTC + offset (seconds)
    int64_t start
    int64_t offset

cdef size_t record_size(int section) except 0
