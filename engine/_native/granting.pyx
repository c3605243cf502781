# Everything here is C: see granting.pxd.
"""Granting one promotion."""

from libc.stdint cimport int32_t

from engine._native.artifact cimport Layer, LayerKind
from engine._native.basket cimport Basket
from engine._native.goods cimport grant_goods
from engine._native.program cimport Rules
from engine._native.rewards cimport Outcome
from engine._native.shipping cimport grant_shipping


cdef Outcome grant(const Rules* rules, Basket* basket, const Layer* layer, int32_t index) noexcept nogil:
    if layer.kind == LayerKind.GOODS:
        return grant_goods(rules, basket, layer, index)
    return grant_shipping(rules, basket, layer, index)
