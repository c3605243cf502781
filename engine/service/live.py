"""Carts that stay as a session has them between calls: read, checked, and their lines put into segments."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

from engine._native.program import Program
from engine._native.session import Session
from engine.service.held import HeldCart


class Spare:
    """A session in which no cart is kept, and its workspace; for a ``with``, which gives it back."""

    __slots__ = ("_home", "session")

    def __init__(self, program: Program, home: list[Spare]) -> None:
        self.session = Session(program)
        self._home = home

    def __enter__(self) -> Session:
        return self.session

    def __exit__(self, *_: object) -> None:
        self._home.append(self)


class SpareSessions:
    """Those of one program, as many as were ever in use at once; any thread may take one."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._free: list[Spare] = []

    def take(self) -> Spare:
        """One that nobody has until it is given back."""
        try:
            return self._free.pop()
        except IndexError:
            return Spare(self._program, self._free)


class _Live(NamedTuple):
    """The session of a held cart, and the bytes it takes."""

    held: HeldCart
    session: Session
    size: int


class LiveSessions:
    """Sessions of held carts, of at most ``memory`` bytes in all; any thread may call it."""

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._used = 0
        self._live: OrderedDict[int, _Live] = OrderedDict()  # by the identity of the held cart, the oldest first
        self._lock = Lock()

    def take(self, held: HeldCart) -> Session | None:
        """The session of this very cart, if there is one; who takes it owns it."""
        with self._lock:
            live = self._live.pop(id(held), None)
            if live is None:
                return None
            self._used -= live.size
            return live.session

    def give(self, held: HeldCart, session: Session) -> None:
        """Keep the session of a cart; those longest unused go when all take more memory than they may."""
        live = _Live(held, session, session.trim())
        with self._lock:
            # Of two calls that failed on one cart each has a session of it.
            before = self._live.pop(id(held), None)
            self._used += live.size - (0 if before is None else before.size)
            self._live[id(held)] = live
            while self._used > self._memory:
                _, gone = self._live.popitem(last=False)
                self._used -= gone.size
