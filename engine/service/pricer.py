"""Pricing with the rule sets of this process, whoever asks: the gRPC service or the command line."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine import rules
from engine._native.program import Program
from engine._native.session import Session
from engine.errors import DuplicateRuleSet, InvalidCart, RuleSetNotFound, Violation
from engine.pricing.cart import Cart
from engine.pricing.quote import Quote


@dataclass(frozen=True, slots=True)
class Priced:
    """A quote and the nanoseconds the engine took: reading the cart and evaluating it, without any protobuf."""

    quote: Quote
    engine_ns: int


def load_program(path: Path, limits: rules.Limits) -> Program:
    """Compile the rule set in a file or folder. Raises InvalidRules."""
    return Program.load(rules.compile(rules.load([path], limits)))


class Pricer:
    """Prices carts under the rule sets given, by name; any thread may call it."""

    def __init__(self, programs: Iterable[Program]) -> None:
        self.programs: dict[str, Program] = {}
        for program in programs:
            if program.name in self.programs:
                raise DuplicateRuleSet(f"two rule sets are named {program.name}")
            self.programs[program.name] = program
        self._sessions = _Sessions()

    def price(self, cart: Cart) -> Priced:
        """Raises InvalidCart and RuleSetNotFound."""
        session = self._sessions.of(self._program(cart.rule_set))
        started = time.perf_counter_ns()
        session.load(cart)
        session.evaluate()
        ended = time.perf_counter_ns()
        return Priced(session.quote(), ended - started)

    def _program(self, name: str) -> Program:
        if name in self.programs:
            return self.programs[name]
        known = ", ".join(self.programs)
        if name:
            raise RuleSetNotFound(f"no rule set {name[:100]!r} is loaded; there is {known}")
        if len(self.programs) != 1:
            raise InvalidCart([Violation("rule_set", f"must name one of {known}")])
        return next(iter(self.programs.values()))


class _Sessions(threading.local):
    """A session has one owner: each thread keeps its own, one per program."""

    def __init__(self) -> None:
        self._by_name: dict[str, Session] = {}

    def of(self, program: Program) -> Session:
        session = self._by_name.get(program.name)
        if session is None:
            session = self._by_name[program.name] = Session(program)
        return session
