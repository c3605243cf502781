"""A rule set that is served."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from engine._native.program import Program
from engine._native.session import Session
from engine.rules import CheckedRules, Source, compile
from engine.service.messages import revision_field
from engine.store.counting import Counting

if TYPE_CHECKING:
    from engine.advice import Adviser


class ServedRuleSet:
    """A program, and the sessions that price under it. It never changes: a newer revision is another object.

    A call keeps the one it began with, so no call mixes two revisions.
    """

    def __init__(
        self,
        program: Program,
        rules: Callable[[], CheckedRules],
        revision: int = 0,
        sources: Sequence[Source] = (),
    ) -> None:
        """``rules`` is called when a quote is first explained; ``revision`` is 0 if it is not from a store.

        ``sources`` are the files that the store does not have.
        """
        self.program = program
        self.name = program.name
        self.revision = revision
        self.sources = sources
        self.revision_field = revision_field(revision)
        """The last field of every serialized quote under this rule set."""
        self._rules = rules
        self._adviser: Adviser | None = None
        self._free: list[Spare] = []

    @classmethod
    def of(cls, rules: CheckedRules, sources: Sequence[Source] = ()) -> ServedRuleSet:
        """Compiles checked rules; ``sources`` are their files, which sales need that are kept in a store."""
        return cls(Program.load(compile(rules)), lambda: rules, sources=sources)

    @property
    def advises(self) -> bool:
        """Whether a quote was ever explained."""
        return self._adviser is not None

    def adviser(self) -> Adviser:
        """Made on first use."""
        if self._adviser is None:
            from engine.advice import Adviser  # needed only to explain quotes

            self._adviser = Adviser(self._rules())
            # A large rule set has a million objects without a cycle; searching them for garbage takes a second.
            gc.freeze()
        return self._adviser

    @cached_property
    def counting(self) -> Counting:
        return Counting(self.program)

    def session(self) -> Spare:
        """A session for a ``with``, at whose end it is free again. Any thread may call it.

        There are as many as were ever in use at once; they keep nothing between calls.
        """
        try:
            return self._free.pop()
        except IndexError:
            return Spare(Session(self.program), self._free)


class Spare:
    """A session that is added to the free ones at the end of a ``with``."""

    __slots__ = ("_free", "session")

    def __init__(self, session: Session, free: list[Spare]) -> None:
        self.session = session
        self._free = free

    def __enter__(self) -> Session:
        return self.session

    def __exit__(self, *_: object) -> None:
        self._free.append(self)
