"""The carts held between mutations: the least recently used go when their bytes come to more than they may."""

from __future__ import annotations

import sys
from collections import OrderedDict
from threading import Lock
from typing import NamedTuple, TypeAlias

from engine.errors import CartUnknown, RevisionMismatch
from engine.service.brought import NOTHING_BROUGHT, Brought

Key: TypeAlias = tuple[str, str, int]
"""Name of the rule set, the cart's id, and the number of the catalogue it was filled in from."""

_OVERHEAD = 400
"""Bytes around a held cart's own: its object, key and place in the table (measured: 270 to 350)."""


class HeldCart(NamedTuple):
    """A cart between two calls; ``cart`` and ``quote`` are serialized, ``advised``: it asks for more than its price.

    ``version`` is that of the rule set it was quoted under, ``brought`` what of the cart the store knew.
    """

    revision: int
    cart: bytes
    quote: bytes
    advised: bool
    version: str
    brought: Brought = NOTHING_BROUGHT


class HeldCarts:
    """Carts by rule set and id, of at most ``memory`` bytes in all; any thread may call it."""

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._used = 0
        self._carts: OrderedDict[Key, HeldCart] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key, revision: int) -> HeldCart:
        """Raises CartUnknown and RevisionMismatch."""
        with self._lock:
            held = self._carts.get(key)
            if held is None:
                raise CartUnknown(f"no cart {key[1][:100]!r} is held here: send it whole")
            if held.revision != revision:
                message = f"cart {key[1][:100]!r} is held at revision {held.revision}, not {revision}: send it whole"
                raise RevisionMismatch(message)
            self._carts.move_to_end(key)
            return held

    def put(self, key: Key, held: HeldCart) -> None:
        """Hold a cart, in place of the one that is there."""
        with self._lock:
            self._put(key, held)

    def replace(self, key: Key, before: HeldCart, after: HeldCart) -> None:
        """Hold what became of a cart. Raises CartUnknown or RevisionMismatch when it is not there any more.

        So of two calls that change one cart at the same time, the one that ends later fails.
        """
        with self._lock:
            held = self._carts.get(key)
            if held is None:
                raise CartUnknown(f"cart {key[1][:100]!r} is no longer held here: send it whole")
            if held is not before:
                raise RevisionMismatch(f"cart {key[1][:100]!r} was changed by another call meanwhile: send it whole")
            self._put(key, after)

    def _put(self, key: Key, held: HeldCart) -> None:
        """One that is too large by itself is not held, and no other goes for it."""
        before = self._carts.pop(key, None)
        if before is not None:
            self._used -= _size(key, before)
        if _size(key, held) > self._memory:
            return
        self._carts[key] = held
        self._used += _size(key, held)
        while self._used > self._memory:
            oldest, gone = self._carts.popitem(last=False)
            self._used -= _size(oldest, gone)


def _size(key: Key, held: HeldCart) -> int:
    return sys.getsizeof(key[1]) + sys.getsizeof(held.cart) + sys.getsizeof(held.quote) + _OVERHEAD
