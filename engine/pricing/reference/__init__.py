"""The reference: prices a cart straight from the checked rules. Obviously correct, never fast, never a fallback.

It shares no code with the native core except ``engine.money``, the validation of carts and the status of coupon codes.
A line is a list of single units. Tests compare the two implementations byte for byte.

Where the sections of docs/pricing.md are:

- §3 Cart: ``basket``
- §4 Conditions: ``conditions``, ``facts``, ``schedules``
- §5 Rewards: how much, ``rewards`` and ``numbers``; off which units, ``goods``, ``buy_get`` and ``bundle`` with
  ``selection``, ``sets`` and ``different``; ``shipping``; ``without_money``; codes, limits, schedules, ``eligibility``
- §6 Layers and combination: ``layers``, ``compatibility``, ``search``; ``granting`` tries one promotion
- §7 Spreading one amount: ``sharing``
- §8 Quote: ``quoting``
"""

from __future__ import annotations

from engine.pricing.reference.pricer import Reference

__all__ = ["Reference"]
