"""The carts held between mutations, in a bounded number of bytes: the least recently used are dropped first."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple, TypeAlias

from engine._native.program import Program
from engine._native.session import Session
from engine.errors import CartUnknown, RevisionMismatch
from engine.service.brought import NOTHING_BROUGHT, Brought

Key: TypeAlias = tuple[str, str, int]
"""Name of the rule set, id of the cart, and number of the catalogue that filled in its lines."""

_OVERHEAD = 700
"""Bytes of a held cart beyond its own data: its objects, key and table entries."""


@dataclass(eq=False, slots=True)
class HeldCart:
    """A cart between two calls, in a session of its own or serialized, and its quote, serialized.

    ``advised``: it asks for more than its price. ``version`` is that of the rule set it was quoted under, ``brought``
    what the store added. While a call has taken its session, it has neither a session nor a serialized cart.
    """

    revision: int
    quote: bytes
    advised: bool
    version: str = ""
    brought: Brought = NOTHING_BROUGHT
    cart: bytes = b""
    session: Session | None = None
    size: int = 0

    def serialize(self) -> None:
        """Replace the session by the serialized cart."""
        if self.session is not None:
            self.cart, self.session = self.session.cart_bytes(), None


class Held(NamedTuple):
    """Carts held now, the bytes that they take and may take, and carts that were forgotten for lack of memory."""

    carts: int
    bytes: int
    limit: int
    forgotten: int


class HeldCarts:
    """Carts by rule set and id, of at most ``memory`` bytes, half of them for sessions; any thread may call it."""

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._used = 0
        self._used_live = 0
        self._forgotten = 0
        self._carts: OrderedDict[Key, HeldCart] = OrderedDict()
        self._live: OrderedDict[Key, HeldCart] = OrderedDict()  # those in sessions
        self._lock = Lock()

    @property
    def held(self) -> Held:
        with self._lock:
            return Held(len(self._carts), self._used, self._memory, self._forgotten)

    def take(self, key: Key, revision: int) -> tuple[HeldCart, Session | None]:
        """A cart and its session, if it has one; the caller gives that back or replaces the cart.

        Raises CartUnknown, and RevisionMismatch, also if another call has taken the session.
        """
        with self._lock:
            held = self._carts.get(key)
            if held is None:
                raise CartUnknown(f"no cart {key[1][:100]!r} is held here: send the whole cart")
            if held.revision != revision:
                message = (
                    f"cart {key[1][:100]!r} is held at revision {held.revision}, not {revision}: send the whole cart"
                )
                raise RevisionMismatch(message)
            session, held.session = held.session, None
            if session is None and not held.cart:
                raise RevisionMismatch(f"cart {key[1][:100]!r} is being changed by another call: send the whole cart")
            self._carts.move_to_end(key)
            return held, session

    def put(self, key: Key, held: HeldCart) -> None:
        """Hold a cart, instead of the one with its key."""
        size = size_of(key, held)
        with self._lock:
            self._put(key, held, size)

    def replace(self, key: Key, before: HeldCart, after: HeldCart) -> None:
        """Hold a changed cart. Raises CartUnknown or RevisionMismatch if the cart before it is no longer held.

        So of two concurrent calls that change one cart, the one that ends later fails.
        """
        size = size_of(key, after)
        with self._lock:
            held = self._carts.get(key)
            if held is None:
                raise CartUnknown(f"cart {key[1][:100]!r} is no longer held here: send the whole cart")
            if held is not before:
                raise RevisionMismatch(
                    f"cart {key[1][:100]!r} was changed by another call in the meantime: send the whole cart"
                )
            if key in self._live and after.session is not None and size <= self._memory // 2:
                self._stay(key, before, after, size)
            else:
                self._put(key, after, size)

    def give_back(self, key: Key, held: HeldCart, session: Session) -> None:
        """Give back the session of a cart that did not change."""
        with self._lock:
            if self._carts.get(key) is held:
                held.session = session
                if key not in self._live:
                    held.serialize()
                    self._size(key, held)

    def let_go(self, program: Program) -> None:
        """Serialize every cart whose session uses this program, so that no cart keeps it in memory.

        A session that a call has taken is serialized when it is given back.
        """
        with self._lock:
            keys = list(self._live)
        for key in keys:
            with self._lock:
                held = self._live.get(key)
                if held is not None and (held.session is None or held.session.workspace.program is program):
                    self._serialize(key)

    def _stay(self, key: Key, before: HeldCart, after: HeldCart, size: int) -> None:
        """The common case: the cart stays in its session, and becomes the one used last."""
        after.size = size
        self._carts[key] = self._live[key] = after
        self._live.move_to_end(key)
        self._used += size - before.size
        self._used_live += size - before.size
        self._make_room()

    def _put(self, key: Key, held: HeldCart, size: int) -> None:
        """A cart larger than the whole memory is not held, and no other cart is dropped for it."""
        self._drop(key)
        if held.session is not None and size > self._memory // 2:
            held.serialize()
            size = size_of(key, held)
        if size > self._memory:
            self._forgotten += 1
            return
        held.size = size
        self._carts[key] = held
        self._used += size
        if held.session is not None:
            self._live[key] = held
            self._used_live += size
        self._make_room()

    def _make_room(self) -> None:
        """Drop the least recently used."""
        while self._used_live > self._memory // 2:
            self._serialize(next(iter(self._live)))
        while self._used > self._memory:
            self._drop(next(iter(self._carts)))
            self._forgotten += 1

    def _drop(self, key: Key) -> None:
        """Hold no cart under this key."""
        held = self._carts.pop(key, None)
        if held is not None:
            self._used -= held.size
            if self._live.pop(key, None) is not None:
                self._used_live -= held.size

    def _serialize(self, key: Key) -> None:
        """End its session. If a call has taken the session, the cart is with that call."""
        held = self._live.pop(key)
        self._used_live -= held.size
        if held.session is not None:
            held.serialize()
            self._size(key, held)

    def _size(self, key: Key, held: HeldCart) -> None:
        """Count the bytes of a cart that was serialized."""
        self._used -= held.size
        held.size = size_of(key, held)
        self._used += held.size


def size_of(key: Key, held: HeldCart) -> int:
    """Bytes that a held cart counts for."""
    cart = len(held.cart) if held.session is None else held.session.trim()
    return len(key[1]) + cart + len(held.quote) + _OVERHEAD
