"""A loaded artifact: typed views of its sections."""

from libc.stdint cimport int32_t

from engine._native.artifact cimport (
    SECTION_COUNT, SUBJECT_COUNT, Attribute, CreditReward, Currency, EffectReward, Entry, Figure, GiftReward,
    GoodsReward, Layer, Limits, Node, NumberTable, Part, PointsReward, Promotion, RuleSet, Schedule, SectionEntry,
    Segment, ShippingReward, TextEntry, Transition, Window,
)
from engine._native.basket cimport Text
from engine._native.calendar cimport Calendar
from engine._native.index cimport Index
from engine._native.memory cimport Arena

cdef struct Rules:
    # Views into the artifact's bytes, which the program keeps alive; immutable and shared by all sessions. First a
    # pointer to the records of each section, in the order of ``Section``.
    const RuleSet* rule_set
    const char* text_bytes
    const TextEntry* texts
    const Currency* currencies
    const Figure* figures         # rows of currency_count
    const Attribute* attributes
    const Node* nodes
    const int32_t* operands
    const Segment* segments
    const Layer* layers
    const Promotion* promotions
    const GoodsReward* goods_rewards
    const ShippingReward* shipping_rewards
    const GiftReward* gift_rewards
    const PointsReward* points_rewards
    const CreditReward* credit_rewards
    const EffectReward* effect_rewards
    const Limits* limits
    const NumberTable* numbers
    const Entry* entries
    const int32_t* text_lists     # texts: methods, codes, SKUs
    const Part* parts
    const int32_t* labels
    const int32_t* strict         # promotions, in the order in which they are tried
    const unsigned char* currency_sets  # rows of currency_count
    const Schedule* schedules
    const Window* windows
    const Transition* transitions
    int32_t currency_count
    int32_t counts[SECTION_COUNT]
    int32_t* alike                # by Same, SKU and line aside: its number among those that rewards use; -1: unused
    int32_t alike_count
    int32_t label_count           # labels are below this
    int32_t most_parts            # the most parts of a reward
    # Slots of each subject, including its declared attributes.
    int32_t number_slots[SUBJECT_COUNT]
    int32_t text_slots[SUBJECT_COUNT]
    int32_t list_slots[SUBJECT_COUNT]


cdef inline Text constant_text(const Rules* rules, int32_t index) noexcept nogil:
    cdef const TextEntry* entry = &rules.texts[index]
    cdef Text text
    text.start = rules.text_bytes + entry.offset
    text.length = entry.length
    return text


cdef inline bint needs_coupon(const Promotion* promotion) noexcept nogil:
    return promotion.code_count > 0 or promotion.pool >= 0


cdef class Program:
    cdef Rules rules
    cdef Index index
    cdef Calendar calendar
    cdef Arena index_memory
    cdef readonly bytes artifact
    cdef readonly tuple texts     # str of each text of the artifact
    cdef readonly str name
    cdef readonly str version
    cdef readonly tuple currencies
    cdef readonly object declaration
    cdef readonly dict promotion_indices  # by id
    cdef tuple found_redeemables  # None until asked for

    cdef int open(self) except -1
    cdef int describe(self) except -1
    cdef str text(self, int32_t index)
