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
from engine.rules import CheckedRules, compile
from engine.service.filling import Filling
from engine.service.messages import cart_from_message, parse_cart, quote_bytes
from engine.service.requests import CartHead
from engine.service.spare import Spare, taken

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
        self._free: dict[str, list[Spare]] = {name: [] for name in self.programs}
        self.catalogue = None if catalogue is None else self._catalogue_file(catalogue)
        self._filling: Filling | None = None

    def price(self, cart: Cart, program: Program | None = None) -> Priced:
        """Price a cart under a program, or under the rule set it names. Raises InvalidCart and RuleSetNotFound."""
        if program is None:
            program = self.program(cart.rule_set)
        with self.session(program) as session:
            started = time.perf_counter_ns()
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
        filling = self.filling
        native = None if head.advised else self._natively(program, data, filling, now)
        if native is not None:
            return native
        cart = cart_from_message(parse_cart(data), now, unpriced=filling is not None)
        priced = self.price(cart if filling is None else filling.cart(cart), program)
        return PricedBytes(quote_bytes(priced.quote), priced.engine_ns)

    def _natively(self, program: Program, data: bytes, filling: Filling | None, now: int) -> PricedBytes | None:
        """From bytes to bytes; None where a session cannot, or does not say why the cart is refused."""
        with self.session(program) as session:
            started = time.perf_counter_ns()
            filled = data if filling is None else filling.cart_bytes(data)
            if filled is None or not session.load_bytes(filled, now):
                return None
            session.evaluate()
            ended = time.perf_counter_ns()
            return PricedBytes(session.quote_bytes(), ended - started)

    def session(self, program: Program) -> Spare:
        """A session for a while."""
        return taken(program, self._free[program.name])

    @property
    def filling(self) -> Filling | None:
        """The catalogue as it is now; who needs it twice keeps it."""
        if self.catalogue is None:
            return None
        catalogue, filling = self.catalogue.catalogue, self._filling
        if filling is None or filling.catalogue is not catalogue:
            filling = self._filling = Filling(catalogue)
        return filling

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
