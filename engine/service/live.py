"""Sessions between calls: the cart that lies in one is found there again, laid out and priced."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from weakref import proxy

from engine._native.program import Program
from engine._native.session import Session
from engine.service.held import HeldCart

MOST_LIVE = 64
"""Carts of a program that stay laid out, of tens of kilobytes each."""


class Live:
    """A session, and the held cart that lies in it, if one does; for a ``with``, which gives it back."""

    __slots__ = ("_home", "held", "session")

    def __init__(self, program: Program, home: LiveSessions) -> None:
        self.session = Session(program)
        self.held: HeldCart | None = None
        self._home = proxy(home)  # who takes it keeps the home; so all goes when a newer program takes over

    def __enter__(self) -> Live:
        return self

    def __exit__(self, *_: object) -> None:
        self._home.give(self)


class LiveSessions:
    """The sessions of one program. Who takes one owns it until it is given back; any thread may take one."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._lock = Lock()
        self._by_cart: OrderedDict[int, Live] = OrderedDict()  # by the identity of the held cart, the oldest first
        self._empty: list[Live] = []

    def take(self, held: HeldCart | None = None) -> Live:
        """The session in which this very cart lies, or else one in which none does."""
        with self._lock:
            found = self._by_cart.pop(id(held), None)
            if found is not None:
                return found
            if self._empty:
                return self._empty.pop()
        return Live(self._program, self)

    def give(self, live: Live) -> None:
        """Have a session back; its ``held`` says what lies in it."""
        with self._lock:
            if live.held is None:
                self._empty.append(live)
                return
            self._by_cart[id(live.held)] = live
            if len(self._by_cart) > MOST_LIVE:
                _, oldest = self._by_cart.popitem(last=False)
                oldest.held = None
                self._empty.append(oldest)
