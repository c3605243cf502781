"""Layers in which each line, or each shipment, gets the best of their promotions (docs/pricing.md §6)."""

from libc.stdint cimport int32_t

from engine._native.artifact cimport Layer
from engine._native.basket cimport Basket
from engine._native.program cimport Rules

cdef bint grant_best_per_line(
    const Rules* rules, Basket* basket, const Layer* layer, const int32_t* promotions, int32_t count
) noexcept nogil
