"""Pricing what-if carts: a limited number for one answer, none of them twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from engine.advice.situation import Situation
from engine.errors import InvalidCart
from engine.pricing.cart import Cart
from engine.pricing.quote import Quote
from engine.pricing.sketch import Explained, Sketch

MOST_ADDED = 12
"""The most carts with added units that are priced for one answer."""
MOST_DECLINED = 4
"""The most carts with a declined promotion that are priced for one answer."""


class Engine(Protocol):
    """Prices carts under the rule set: a session of the native core, or the reference. Raises InvalidCart."""

    def price(self, cart: Cart) -> Quote: ...

    def explained(self, cart: Cart) -> Explained: ...

    def sketch(self, cart: Cart, variant_of: Cart | None = None) -> Sketch:
        """``variant_of`` has been priced; objects that both share are not validated again."""


class WhatIf:
    """Prices variants of the cart of a situation."""

    def __init__(self, situation: Situation, engine: Engine) -> None:
        self._situation = situation
        self._engine = engine
        self._declined: dict[str, Sketch | None] = {}
        self._added: dict[tuple[str, int], Situation | None] = {}

    def declined(self, promotion_id: str) -> Sketch | None:
        """The cart with a promotion declined; None if no more carts may be priced."""
        if promotion_id not in self._declined and len(self._declined) < MOST_DECLINED:
            cart = self._situation.cart
            self._declined[promotion_id] = self._priced(
                replace(cart, declined_promotions=(*cart.declined_promotions, promotion_id))
            )
        return self._declined.get(promotion_id)

    def added(self, line_id: str, units: int) -> Situation | None:
        """The cart with more units of a line; None if no more carts may be priced, or it has too many units."""
        key = line_id, units
        if key not in self._added and len(self._added) < MOST_ADDED:
            cart = self._with_added(line_id, units)
            sketch = self._priced(cart)
            self._added[key] = None if sketch is None else Situation(cart, self._situation.codes, sketch)
        return self._added.get(key)

    def _with_added(self, line_id: str, units: int) -> Cart:
        cart = self._situation.cart
        lines = list(cart.lines)
        index = next(index for index, line in enumerate(lines) if line.id == line_id)
        lines[index] = replace(lines[index], quantity=lines[index].quantity + units)
        return replace(cart, lines=tuple(lines))

    def _priced(self, cart: Cart) -> Sketch | None:
        try:
            return self._engine.sketch(cart, self._situation.cart)
        except InvalidCart:  # more units, more money or more declined promotions than a cart may hold
            return None
