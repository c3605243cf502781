"""Granting one promotion, whatever its reward (docs/pricing.md §5)."""

from libc.stdint cimport int32_t

from engine._native.artifact cimport Layer
from engine._native.basket cimport Basket
from engine._native.program cimport Rules
from engine._native.rewards cimport Outcome

cdef Outcome grant(const Rules* rules, Basket* basket, const Layer* layer, int32_t index) noexcept nogil
cdef Outcome grant_met(const Rules* rules, Basket* basket, const Layer* layer, int32_t index) noexcept nogil
cdef Outcome grant_alone(const Rules* rules, Basket* basket, const Layer* layer, int32_t index) noexcept nogil
