"""The reference: prices a cart straight from the checked rules. Obviously right, never fast, never a fallback.

It shares no code with the native core but ``engine.money``, the validation of carts and what becomes of coupon codes,
and holds a line as a list of single units; tests compare the two byte for byte.

Of docs/pricing.md:

- §3 Cart: ``basket``
- §4 Conditions: ``conditions``, ``facts``, ``schedules``
- §5 Rewards: ``rewards`` and ``numbers`` say how much; ``goods``, ``buy_get``, ``bundle`` of which units, with
  ``selection``, ``sets`` and ``different``; ``shipping``; ``without_money``. ``eligibility``: codes, limits, schedules
- §6 Layers and combination: ``layers``, ``compatibility``, ``search``; ``granting`` tries one promotion
- §7 Spreading one amount: ``sharing``
- §8 Quote: ``quoting``
"""

from __future__ import annotations

from engine.pricing.reference.pricer import Reference

__all__ = ["Reference"]
