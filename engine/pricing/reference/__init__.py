"""The reference: prices a cart straight from the checked rules. Obviously right, never fast, never a fallback.

It shares no code with the native core but ``engine.money``, the validation of carts and the statuses of coupon codes, and
holds a line as a list of single units; tests compare the two byte for byte.
"""

from __future__ import annotations

from engine.pricing.reference.pricer import Reference

__all__ = ["Reference"]
