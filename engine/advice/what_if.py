"""Carts that are not but might be, priced: so many at most for one answer, none twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from engine.errors import InvalidCart
from engine.pricing.cart import Cart
from engine.pricing.quote import Quote

MOST_ADDED = 24
"""Carts with units added that are priced for one answer."""
MOST_DECLINED = 8
"""Carts with a promotion declined that are priced for one answer."""

PriceCart: TypeAlias = Callable[[Cart], Quote]


class WhatIf:
    """Prices variants of one cart, so many at most."""

    def __init__(self, cart: Cart, price: PriceCart) -> None:
        self._cart = cart
        self._price = price
        self._declined: dict[str, Quote | None] = {}
        self._added: dict[tuple[str, int], tuple[Cart, Quote] | None] = {}

    def declined(self, promotion_id: str) -> Quote | None:
        """The quote if a promotion were declined; None when no more carts may be priced."""
        if promotion_id not in self._declined and len(self._declined) < MOST_DECLINED:
            declined = (*self._cart.declined_promotions, promotion_id)
            self._declined[promotion_id] = self._priced(replace(self._cart, declined_promotions=declined))
        return self._declined.get(promotion_id)

    def added(self, line_id: str, units: int) -> tuple[Cart, Quote] | None:
        """The cart with so many units more of a line, and its quote; None too when no cart may have so many."""
        key = line_id, units
        if key not in self._added and len(self._added) < MOST_ADDED:
            lines = tuple(
                replace(line, quantity=line.quantity + units) if line.id == line_id else line
                for line in self._cart.lines
            )
            cart = replace(self._cart, lines=lines)
            quote = self._priced(cart)
            self._added[key] = None if quote is None else (cart, quote)
        return self._added.get(key)

    def _priced(self, cart: Cart) -> Quote | None:
        try:
            return self._price(cart)
        except InvalidCart:  # more units, more money or more declined promotions than a cart may hold
            return None
