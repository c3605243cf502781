"""Carts that are not but might be, priced: so many at most for one answer, none twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar

from engine.errors import InvalidCart
from engine.pricing.cart import Cart
from engine.pricing.quote import Answer, Quote, Sketch

MOST_ADDED = 12
"""Carts with units added that are priced for one answer."""
MOST_DECLINED = 4
"""Carts with a promotion declined that are priced for one answer."""

Priced = TypeVar("Priced", Quote, Sketch)


class Engine(Protocol):
    """What prices carts under the rule set: a session of the native core, or the reference. Raises InvalidCart."""

    def price(self, cart: Cart) -> Quote: ...

    def answer(self, cart: Cart) -> Answer: ...

    def sketch(self, cart: Cart) -> Sketch: ...


class WhatIf:
    """Prices variants of one cart."""

    def __init__(self, cart: Cart, engine: Engine) -> None:
        self._cart = cart
        self._engine = engine
        self._declined: dict[str, Sketch | None] = {}
        self._added: dict[tuple[str, int], Sketch | None] = {}
        self._quotes: dict[tuple[str, int], Quote | None] = {}

    def declined(self, promotion_id: str) -> Sketch | None:
        """What comes of declining a promotion; None when no more carts may be priced."""
        if promotion_id not in self._declined and len(self._declined) < MOST_DECLINED:
            declined = (*self._cart.declined_promotions, promotion_id)
            cart = replace(self._cart, declined_promotions=declined)
            self._declined[promotion_id] = _priced(cart, self._engine.sketch)
        return self._declined.get(promotion_id)

    def with_added(self, line_id: str, units: int) -> Cart:
        """The cart with so many units more of a line."""
        lines = [
            replace(line, quantity=line.quantity + units) if line.id == line_id else line for line in self._cart.lines
        ]
        return replace(self._cart, lines=tuple(lines))

    def added(self, line_id: str, units: int) -> Sketch | None:
        """What comes of more units of a line; None when no more carts may be priced, or no cart may have so many."""
        key = line_id, units
        if key not in self._added and self._may_add:
            self._added[key] = _priced(self.with_added(line_id, units), self._engine.sketch)
        return self._added.get(key)

    def quote_added(self, line_id: str, units: int) -> Quote | None:
        """As `added`, the whole quote."""
        key = line_id, units
        if key not in self._quotes and self._may_add:
            self._quotes[key] = _priced(self.with_added(line_id, units), self._engine.price)
        return self._quotes.get(key)

    @property
    def _may_add(self) -> bool:
        return len(self._added) + len(self._quotes) < MOST_ADDED


def _priced(cart: Cart, price: Callable[[Cart], Priced]) -> Priced | None:
    try:
        return price(cart)
    except InvalidCart:  # more units, more money or more declined promotions than a cart may hold
        return None
