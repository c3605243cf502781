"""A rule set as a process serves it."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import cached_property

from engine._native.program import Program
from engine.advice import Adviser
from engine.rules import CheckedRules, compile
from engine.service.messages import revision_field
from engine.service.spare import Spare, taken
from engine.store.counting import Counting


class ServedRuleSet:
    """A program, and the sessions that price under it; never changes. A newer revision is another one.

    Whoever prices keeps the one it began with, so no call mixes two.
    """

    def __init__(self, program: Program, rules: Callable[[], CheckedRules], revision: int = 0) -> None:
        """``rules`` are asked for when a quote is first to be explained; ``revision`` is 0 for one not from a store."""
        self.program = program
        self.name = program.name
        self.revision = revision
        self.revision_field = revision_field(revision)
        """What a serialized quote of this rule set ends with."""
        self._rules = rules
        self._adviser: Adviser | None = None
        self._free: list[Spare] = []

    @classmethod
    def of(cls, rules: CheckedRules) -> ServedRuleSet:
        """Of checked rules, compiled."""
        return cls(Program.load(compile(rules)), lambda: rules)

    @property
    def advises(self) -> bool:
        """Whether a quote was explained."""
        return self._adviser is not None

    def adviser(self) -> Adviser:
        """Made when it is first asked for."""
        if self._adviser is None:
            self._adviser = Adviser(self._rules())
            # A million objects of a large rule set, and no cycle among them: to look for one takes a second.
            gc.freeze()
        return self._adviser

    @cached_property
    def counting(self) -> Counting:
        return Counting(self.program)

    def session(self) -> Spare:
        """A session for a while."""
        return taken(self.program, self._free)
