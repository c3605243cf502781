"""Pricing with the rule sets of this process, whoever asks: the gRPC service or the command line."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine._native.program import Program
from engine.advice import Adviser
from engine.errors import DuplicateRuleSet, InvalidCart, InvalidCatalogue, RuleSetNotFound, Violation
from engine.pricing.cart import Cart
from engine.pricing.quote import Priced
from engine.pricing.validation import validate
from engine.rules import CheckedRules, compile
from engine.service.held import HeldCart
from engine.service.live import Live, LiveSessions
from engine.service.messages import cart_from_message, parse_cart, quote_bytes
from engine.service.requests import CartHead

if TYPE_CHECKING:
    from engine.store.catalogue_file import CatalogueFile  # needs polars, which takes its time to import


class PricedBytes(NamedTuple):
    """A serialized ``engine.v1.Quote``, and the nanoseconds the engine took."""

    quote: bytes
    engine_ns: int


class Pricer:
    """Prices carts under the rule sets given, by name; any thread may call it."""

    def __init__(self, rule_sets: Iterable[CheckedRules], catalogue: Path | None = None) -> None:
        """With a catalogue, lines may leave facts to it. Raises DuplicateRuleSet, InvalidCatalogue and OSError."""
        self.programs: dict[str, Program] = {}
        self._advisers: dict[str, Adviser] = {}
        for rules in rule_sets:
            if rules.name in self.programs:
                raise DuplicateRuleSet(f"two rule sets are named {rules.name}")
            self.programs[rules.name] = Program.load(compile(rules))
            self._advisers[rules.name] = Adviser(rules)
        self._sessions = {name: LiveSessions(program) for name, program in self.programs.items()}
        self.catalogue = None if catalogue is None else self._catalogue_file(catalogue)

    def price(self, cart: Cart, program: Program | None = None) -> Priced:
        """Price a cart under a program, or under the rule set it names. Raises InvalidCart and RuleSetNotFound."""
        if program is None:
            program = self.program(cart.rule_set)
        with self.session(program) as live:
            session = live.session
            started = time.perf_counter_ns()
            cart = self._filled(cart)
            if cart.explain or cart.compare_rates:
                quote = self._advisers[program.name].quote(cart, session)
                return Priced(quote, time.perf_counter_ns() - started)
            session.load(cart)
            session.evaluate()
            ended = time.perf_counter_ns()
            return Priced(session.quote(), ended - started)

    def price_bytes(self, data: bytes, head: CartHead, now: int) -> PricedBytes:
        """Price a serialized ``engine.v1.Cart``, at ``now`` unless it sends ``at``. Raises as `price` does."""
        program = self.program(head.rule_set)
        if self.takes_bytes(head.advised):
            with self.session(program) as live:
                session = live.session
                started = time.perf_counter_ns()
                if session.load_bytes(data, now):
                    session.evaluate()
                    ended = time.perf_counter_ns()
                    return PricedBytes(session.quote_bytes(), ended - started)
        priced = self.price(cart_from_message(parse_cart(data), now, unpriced=self.catalogue is not None), program)
        return PricedBytes(quote_bytes(priced.quote), priced.engine_ns)

    def takes_bytes(self, advised: bool) -> bool:
        """Whether a session prices a cart from its bytes alone: without advice, and without a catalogue."""
        return not advised and self.catalogue is None

    def session(self, program: Program, held: HeldCart | None = None) -> Live:
        """A session for a while; the one in which this held cart lies, if one is free."""
        return self._sessions[program.name].take(held)

    def check(self, cart: Cart, program: Program) -> None:
        """Whether a cart can be priced. Raises InvalidCart."""
        validate(self._filled(cart), program.declaration)

    def _filled(self, cart: Cart) -> Cart:
        return cart if self.catalogue is None else self.catalogue.catalogue.filled(cart)

    def _catalogue_file(self, path: Path) -> CatalogueFile:
        from engine.store.catalogue_file import CatalogueFile
        from engine.store.catalogue_table import Expected

        declarations = [program.declaration for program in self.programs.values()]
        attributes: dict[str, type] = {}
        for declaration in declarations:
            for (subject, name), type in declaration.attributes.items():
                if subject == "item" and attributes.setdefault(name, type) is not type:
                    raise InvalidCatalogue(f"attribute.{name} cannot be read: the rule sets declare it in two types")
        currencies = frozenset(each for declaration in declarations for each in declaration.currencies)
        return CatalogueFile(path, Expected(currencies, attributes))

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
