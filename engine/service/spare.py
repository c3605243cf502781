"""Sessions that are reused from call to call; they keep nothing between calls."""

from __future__ import annotations

from engine._native.program import Program
from engine._native.session import Session


class Spare:
    """A session and its workspace; the end of a ``with`` adds it to the free ones."""

    __slots__ = ("_free", "session")

    def __init__(self, session: Session, free: list[Spare]) -> None:
        self.session = session
        self._free = free

    def __enter__(self) -> Session:
        return self.session

    def __exit__(self, *_: object) -> None:
        self._free.append(self)


def taken(program: Program, free: list[Spare]) -> Spare:
    """A free one, else a new one: there are as many as were ever in use at once. Any thread may call it."""
    try:
        return free.pop()
    except IndexError:
        return Spare(Session(program), free)
