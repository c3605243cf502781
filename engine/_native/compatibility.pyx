"""Which promotions go together on a cart (docs/pricing.md §6).

Promotions carry labels and exclude labels (engine/rules/labels.py); a byte per label says what those that applied make
of it. So a promotion asks about its own labels and exclusions, however many others there are.
"""

from libc.stdint cimport int32_t
from libc.string cimport memset

from engine._native.artifact cimport EXCLUSIVE_CART, EXCLUSIVE_LAYER, Promotion
from engine._native.basket cimport Basket, LayerResult
from engine._native.program cimport Rules

cdef enum:
    CARRIED = 1                   # by a promotion that applied
    EXCLUDED = 2


cdef void forget_applied(const Rules* rules, Basket* basket) noexcept nogil:
    """So far no promotion applied."""
    memset(basket.labels, 0, rules.label_count)


cdef bint is_compatible(
    const Rules* rules, const Basket* basket, const LayerResult* layer, const Promotion* promotion
) noexcept nogil:
    """Whether a promotion goes together with all that applied already; they end the layer or cart if exclusive."""
    cdef int32_t label
    if promotion.exclusive == EXCLUSIVE_LAYER and basket.adjustment_count > layer.first_adjustment:
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


cdef void note_applied(const Rules* rules, Basket* basket, const Promotion* promotion) noexcept nogil:
    """The promotion applied."""
    cdef int32_t label
    for label in rules.labels[promotion.first_label:promotion.first_label + promotion.label_count]:
        basket.labels[label] |= CARRIED
    for label in rules.labels[promotion.first_exclusion:promotion.first_exclusion + promotion.exclusion_count]:
        basket.labels[label] |= EXCLUDED
