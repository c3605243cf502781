"""Pricing with the rule sets of this process, whoever asks: the gRPC service or the command line."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from engine._native.program import Program
from engine._native.session import Session
from engine.advice import Adviser
from engine.errors import DuplicateRuleSet, InvalidCart, RuleSetNotFound, Violation
from engine.pricing.cart import Cart
from engine.pricing.quote import Priced
from engine.rules import CheckedRules, compile


class Pricer:
    """Prices carts under the rule sets given, by name; any thread may call it."""

    def __init__(self, rule_sets: Iterable[CheckedRules]) -> None:
        self.programs: dict[str, Program] = {}
        self._advisers: dict[str, Adviser] = {}
        for rules in rule_sets:
            if rules.name in self.programs:
                raise DuplicateRuleSet(f"two rule sets are named {rules.name}")
            self.programs[rules.name] = Program.load(compile(rules))
            self._advisers[rules.name] = Adviser(rules)
        self._sessions = _Sessions()

    def price(self, cart: Cart, program: Program | None = None) -> Priced:
        """Price a cart under a program, or under the rule set it names. Raises InvalidCart and RuleSetNotFound."""
        if program is None:
            program = self.program(cart.rule_set)
        session = self._sessions.of(program)
        started = time.perf_counter_ns()
        if cart.explain or cart.compare_rates:
            quote = self._advisers[program.name].quote(cart, session)
            return Priced(quote, time.perf_counter_ns() - started)
        session.load(cart)
        session.evaluate()
        ended = time.perf_counter_ns()
        return Priced(session.quote(), ended - started)

    def program(self, name: str) -> Program:
        """The program of a rule set; an empty name is that of the only one. Raises InvalidCart and RuleSetNotFound."""
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
