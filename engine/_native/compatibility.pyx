"""Which promotions are compatible with each other (docs/pricing.md §6).

Promotions carry labels and exclude labels (engine/rules/labels.py). A byte per label says whether promotions that
applied carry or exclude it, so a promotion only asks about its own labels, however many others there are.
"""

from libc.stdint cimport int32_t
from libc.string cimport memset

from engine._native.artifact cimport EXCLUSIVE_CART, EXCLUSIVE_LAYER, EXCLUSIVE_STRICT, Combine, Layer, Promotion
from engine._native.basket cimport Adjustment, Basket
from engine._native.program cimport Rules

cdef enum:
    CARRIED = 1                   # by a promotion that applied
    EXCLUDED = 2


cdef void clear_applied(const Rules* rules, Basket* basket) noexcept nogil:
    """No promotion applied so far."""
    # A memset of 0 bytes costs as much as three hundred instructions when the memory was never written: glibc does a
    # masked store with an empty mask, and the processor checks it for faults.
    if rules.label_count:
        memset(basket.labels, 0, rules.label_count)


cdef bint goes_with_applied(const Rules* rules, const Basket* basket, const Promotion* promotion) noexcept nogil:
    """Whether a promotion is compatible with all that applied already."""
    cdef int32_t label
    if promotion.exclusive == EXCLUSIVE_LAYER and basket.adjustment_count > basket.first_of_layer:
        return False
    if promotion.exclusive == EXCLUSIVE_CART and basket.adjustment_count > 0:
        return False
    for label in rules.labels[promotion.first_label:promotion.first_label + promotion.label_count]:
        if basket.labels[label] & EXCLUDED:
            return False
    for label in rules.labels[promotion.first_exclusion:promotion.first_exclusion + promotion.exclusion_count]:
        if basket.labels[label] & CARRIED:
            return False
    return True


cdef void mark_labels(const Rules* rules, Basket* basket, const Promotion* promotion) noexcept nogil:
    """Marks the labels that an applied promotion carries and excludes."""
    cdef int32_t label
    for label in rules.labels[promotion.first_label:promotion.first_label + promotion.label_count]:
        basket.labels[label] |= CARRIED
    for label in rules.labels[promotion.first_exclusion:promotion.first_exclusion + promotion.exclusion_count]:
        basket.labels[label] |= EXCLUDED


cdef int32_t displacing(const Rules* rules, const Basket* basket, int32_t index) noexcept nogil:
    """The first applied promotion that this one is not compatible with; -1: there is none."""
    cdef const Adjustment* adjustment
    for adjustment in basket.adjustments[:basket.adjustment_count]:
        if not are_compatible(rules, index, adjustment.promotion):
            return adjustment.promotion
    return -1


cdef bint are_compatible(const Rules* rules, int32_t index, int32_t applied) noexcept nogil:
    """Whether a promotion can apply beside one that does."""
    cdef const Promotion* promotion = &rules.promotions[index]
    cdef const Promotion* other = &rules.promotions[applied]
    cdef const Layer* layer = rules.layers
    if other.exclusive == EXCLUSIVE_STRICT or other.exclusive == EXCLUSIVE_CART:
        return False
    if promotion.exclusive == EXCLUSIVE_CART:
        return False
    while layer.first_promotion + layer.promotion_count <= index:
        layer += 1
    if layer.first_promotion <= applied < layer.first_promotion + layer.promotion_count:
        if promotion.exclusive == EXCLUSIVE_LAYER or other.exclusive == EXCLUSIVE_LAYER:
            return False
        if layer.combine == Combine.FIRST:
            return False
    return not (excludes(rules, promotion, other) or excludes(rules, other, promotion))


cdef bint excludes(const Rules* rules, const Promotion* promotion, const Promotion* other) noexcept nogil:
    """Whether a promotion excludes a label that the other one carries."""
    cdef int32_t excluded, carried
    for carried in rules.labels[other.first_label:other.first_label + other.label_count]:
        for excluded in rules.labels[promotion.first_exclusion:promotion.first_exclusion + promotion.exclusion_count]:
            if carried == excluded:
                return True
    return False
