"""Pricing with the rule sets of this process, whoever asks: the gRPC service or the command line."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.errors import DuplicateRuleSet, InvalidCart, InvalidCatalogue, RuleSetNotFound, Violation
from engine.pricing.cart import Cart
from engine.pricing.quote import Priced
from engine.rules import CheckedRules
from engine.service.filling import Filling
from engine.service.messages import cart_from_message, parse_cart, quote_bytes
from engine.service.requests import CartHead
from engine.service.rule_set import ServedRuleSet

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
        self._rule_sets: dict[str, ServedRuleSet] = {}
        for rules in rule_sets:
            if rules.name in self._rule_sets:
                raise DuplicateRuleSet(f"two rule sets are named {rules.name}")
            self._rule_sets[rules.name] = ServedRuleSet.of(rules)
        self.catalogue = None if catalogue is None else self._catalogue_file(catalogue)
        self._filling: Filling | None = None

    def price(self, cart: Cart, rule_set: ServedRuleSet | None = None) -> Priced:
        """Price a cart under a rule set, or under the one it names. Raises InvalidCart and RuleSetNotFound."""
        if rule_set is None:
            rule_set = self.rule_set(cart.rule_set)
        with rule_set.session() as live:
            session = live.session
            started = time.perf_counter_ns()
            if cart.explain or cart.compare_rates:
                quote = rule_set.adviser.quote(cart, session)
                return Priced(quote, time.perf_counter_ns() - started)
            session.load(cart)
            session.evaluate()
            ended = time.perf_counter_ns()
            return Priced(session.quote(), ended - started)

    def price_bytes(self, data: bytes, head: CartHead, now: int) -> PricedBytes:
        """Price a serialized ``engine.v1.Cart``, at ``now`` unless it sends ``at``. Raises as `price` does."""
        rule_set = self.rule_set(head.rule_set)
        filling = self.filling
        native = None if head.advised else self._natively(rule_set, data, filling, now)
        if native is not None:
            return native
        cart = cart_from_message(parse_cart(data), now, unpriced=filling is not None)
        priced = self.price(cart if filling is None else filling.cart(cart), rule_set)
        return PricedBytes(quote_bytes(priced.quote), priced.engine_ns)

    def _natively(self, rule_set: ServedRuleSet, data: bytes, filling: Filling | None, now: int) -> PricedBytes | None:
        """From bytes to bytes; None where a session cannot, or does not say why the cart is refused."""
        with rule_set.session() as live:
            session = live.session
            started = time.perf_counter_ns()
            filled = data if filling is None else filling.cart_bytes(data)
            if filled is None or not session.load_bytes(filled, now):
                return None
            session.evaluate()
            ended = time.perf_counter_ns()
            return PricedBytes(session.quote_bytes(), ended - started)

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

        declarations = [each.program.declaration for each in self.rule_sets]
        attributes: dict[str, type] = {}
        for declaration in declarations:
            for (subject, name), type in declaration.attributes.items():
                if subject == "item" and attributes.setdefault(name, type) is not type:
                    raise InvalidCatalogue(f"attribute.{name} cannot be read: the rule sets declare it in two types")
        currencies = frozenset(each for declaration in declarations for each in declaration.currencies)
        return CatalogueFile(path, Expected(currencies, attributes))

    @property
    def rule_sets(self) -> tuple[ServedRuleSet, ...]:
        """Those served now."""
        return tuple(self._rule_sets.values())

    def rule_set(self, name: str) -> ServedRuleSet:
        """The rule set of a name; an empty name is that of the only one. Raises InvalidCart and RuleSetNotFound."""
        rule_sets = self._rule_sets  # replaced as a whole
        if name in rule_sets:
            return rule_sets[name]
        known = ", ".join(rule_sets) or "none"
        if name:
            raise RuleSetNotFound(f"no rule set {name[:100]!r} is loaded; there is {known}")
        if len(rule_sets) != 1:
            raise InvalidCart([Violation("rule_set", f"must name one of {known}")])
        return next(iter(rule_sets.values()))

    def serve(self, rule_set: ServedRuleSet) -> None:
        """From now on price under it; calls under way end on the one they began with. For one thread at a time."""
        self._rule_sets = {**self._rule_sets, rule_set.name: rule_set}
