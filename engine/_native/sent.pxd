"""A cart as it was sent, over the wire or from Python: checked but not priced.

Texts point into bytes that the session keeps alive. Absent and empty texts have a NULL start, except in lists, where an
empty text counts as a text. Money is in minor units of the cart's currency.
"""

from libc.stdint cimport int32_t, int64_t

from engine._native.artifact cimport Type
from engine._native.basket cimport Number, Text

cdef enum:
    ABSENT = -1                   # of amounts and weights, which are never below 0
    SECOND = 1_000_000_000        # nanoseconds

cdef struct Slice:
    # A part of an array of the cart.
    int32_t first
    int32_t count

cdef struct SentAttribute:
    Text name
    Text text                     # STRING
    int64_t number                # INT, BOOL
    Type type

cdef struct SentLine:
    Text id
    Text sku
    Text category
    Text brand
    Text shipment_id
    Text gift_of
    int64_t quantity
    int64_t price                 # of a unit, like all amounts here
    int64_t list_price            # or ABSENT
    int64_t cost                  # or ABSENT
    int64_t minimum_price         # or ABSENT
    int64_t weight                # grams, or ABSENT
    Slice tags                    # texts
    Slice attributes
    Slice segments
    bint discountable
    bint matched                  # its segments are known, and valid until the line changes

cdef struct SentRate:
    Text method
    Text carrier
    Text speed
    int64_t price

cdef struct SentShipment:
    Text id
    Text country
    Text region
    Text postal_code
    Text store
    Text method                   # the chosen one
    bint pickup
    Slice rates

cdef struct SentCustomer:
    Text id
    Text tier
    Number orders
    Number lifetime_spend
    Number points
    Slice segments                # texts
    Slice attributes
    bint present                  # otherwise all of it is absent

cdef struct SentUses:
    Text code
    int64_t count

cdef struct SentUsage:
    Text promotion_id
    int64_t total
    int64_t customer
    int64_t spent
    Slice codes                   # uses

cdef enum FactState:
    # The numbers of engine.v1.CouponFact.State.
    UNSAID, AVAILABLE, SPENT, UNVERIFIED_CODE

cdef struct SentCouponFact:
    Text code
    Text pool
    FactState state

cdef struct SentCart:
    Text id
    Text rule_set
    Text currency
    Text channel
    Text payment_method
    int64_t second                # since 1970 UTC, of the moment of pricing, rounded down
    int32_t nanosecond            # of that second
    SentCustomer customer
    int32_t line_count
    int32_t shipment_count
    int32_t rate_count
    int32_t usage_count
    int32_t use_count
    int32_t coupon_fact_count
    int32_t attribute_count
    int32_t text_count
    int32_t segment_count         # of all lines, and slices no longer used
    Slice coupons                 # texts
    Slice declined                # texts
    Slice own_attributes
    bint moment_sent              # otherwise the moment is the service's clock
    bint explain
    bint compare_rates
    # The arrays come last. Lines (with gifts sent back) and shipments are ordered by id (bytewise), all else as sent.
    SentLine* lines
    SentShipment* shipments
    SentRate* rates
    SentUsage* usage
    SentUses* uses
    SentCouponFact* coupon_facts
    SentAttribute* attributes
    Text* texts                   # tags, customer's segments, coupons, declined promotions
    int32_t* segments             # of lines, by index in the rule set
