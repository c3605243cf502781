"""Pricing with the rule sets of this process, for the gRPC service and the command line."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from engine.errors import DuplicateRuleSet, InvalidCart, InvalidCatalogue, InvalidRequest, RuleSetNotFound, Violation
from engine.pricing.cart import Cart
from engine.pricing.quote import Priced
from engine.service.brought import Client
from engine.service.filling import Filling, filled
from engine.service.messages import cart_from_message, parse_cart, quote_bytes
from engine.service.rule_set import ServedRuleSet

if TYPE_CHECKING:
    # These need grpc, polars and redis, which are slow to import.
    from engine.service.requests import CartHead
    from engine.service.store_facts import StoreFacts
    from engine.store.catalogue_file import CatalogueFile
    from engine.store.catalogue_table import Expected

_log = logging.getLogger(__name__)


class PricedBytes(NamedTuple):
    """A serialized ``engine.v1.Quote``, and the nanoseconds the engine took."""

    quote: bytes
    engine_ns: int


class _Served(NamedTuple):
    """What calls are priced by, replaced as a whole: rule sets by name, and the catalogue that matches them."""

    rule_sets: Mapping[str, ServedRuleSet]
    catalogue: CatalogueFile | None


class Pricer:
    """Prices carts under the rule sets given, by name; any thread may call it."""

    def __init__(
        self,
        rule_sets: Iterable[ServedRuleSet],
        catalogue: Path | None = None,
        facts: StoreFacts | None = None,
        advising: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """``catalogue`` fills in lines; ``facts`` adds what the store knows to carts.

        Explanations and compared rates are computed in a turn of ``advising``. Raises DuplicateRuleSet,
        InvalidCatalogue and OSError.
        """
        self.facts = facts
        self._advising = advising
        given: dict[str, ServedRuleSet] = {}
        for each in rule_sets:
            if each.name in given:
                raise DuplicateRuleSet(f"two rule sets have the name {each.name}")
            given[each.name] = each
        file = None if catalogue is None else _catalogue_file(catalogue, given.values())
        self._served = _Served(given, file)
        self._filling: Filling | None = None
        self._started = False
        self._lock = Lock()
        self.unproven: Counter[str] = Counter()
        """By rule set, quotes whose promotions are not proven best."""

    def start(self) -> None:
        """Begin to watch the catalogue for changes."""
        self._started = True
        if self._served.catalogue is not None:
            self._served.catalogue.start()

    def stop(self) -> None:
        if self._served.catalogue is not None:
            self._served.catalogue.stop()

    def price(self, cart: Cart, rule_set: ServedRuleSet | None = None) -> Priced:
        """Price a cart under a rule set, or under the one it names. Raises InvalidCart and RuleSetNotFound."""
        if rule_set is None:
            rule_set = self.rule_set(cart.rule_set)
        with rule_set.session() as session:
            started = time.perf_counter_ns()
            if cart.explain or cart.compare_rates:
                quote = rule_set.adviser().quote(cart, session)
                ended = time.perf_counter_ns()
            else:
                session.load(cart)
                session.evaluate()
                ended = time.perf_counter_ns()
                quote = session.quote()
            if quote.search is not None and not quote.search.optimal:
                self.note_unproven(rule_set)
            return Priced(quote._replace(rule_set_revision=rule_set.revision), ended - started)

    def price_bytes(self, data: bytes, head: CartHead, now: int, client: Client = str) -> PricedBytes:
        """Price a serialized ``engine.v1.Cart``, at ``now`` unless it sends ``at``. Raises as `price` does."""
        rule_set, filling = self.serving(head.rule_set)
        native = None if head.advised else self._natively(rule_set, data, filling, now, client)
        if native is not None:
            return native
        cart = filled(cart_from_message(parse_cart(data), now, unpriced=filling is not None), filling)
        if self.facts is not None:
            cart, _ = self.facts.brought(cart, rule_set, client)
        return self.price_to_bytes(cart, rule_set)

    def price_to_bytes(self, cart: Cart, rule_set: ServedRuleSet) -> PricedBytes:
        """Price a cart under a rule set. Raises InvalidCart."""
        with self._advising() if cart.explain or cart.compare_rates else nullcontext():
            return _serialized(self.price(cart, rule_set))  # the quote is freed within the turn

    def prepare_advice(self, rule_set: ServedRuleSet) -> None:
        """Make the adviser now, so that the first call that needs it does not wait. A failure is logged."""
        try:
            with self._advising():
                rule_set.adviser()
        except Exception:
            _log.exception("%s: quotes cannot be explained", rule_set.name)

    def _natively(
        self, rule_set: ServedRuleSet, data: bytes, filling: Filling | None, now: int, client: Client
    ) -> PricedBytes | None:
        """From bytes to bytes; None if the session cannot read the cart or refuses it: Python gives the reasons."""
        with rule_set.session() as session:
            started = time.perf_counter_ns()
            whole = data if filling is None else filling.cart_bytes(data)
            if whole is None or not session.load_bytes(whole, now):
                return None
            if self.facts is not None and self.facts.bring(session, rule_set, now, client) is None:
                return None
            proven = session.evaluate()
            ended = time.perf_counter_ns()
            if not proven:
                self.note_unproven(rule_set)
            return PricedBytes(session.quote_bytes() + rule_set.revision_field, ended - started)

    def note_unproven(self, rule_set: ServedRuleSet) -> None:
        """Count a quote whose promotions are not proven best."""
        with self._lock:
            self.unproven[rule_set.name] += 1

    @property
    def rule_sets(self) -> tuple[ServedRuleSet, ...]:
        """The rule sets that are served now."""
        return tuple(self._served.rule_sets.values())

    def rule_set(self, name: str, refusal: type[InvalidRequest] = InvalidCart) -> ServedRuleSet:
        """The rule set with this name; empty means the only one. Raises RuleSetNotFound, and ``refusal`` if several."""
        return _named(self._served.rule_sets, name, refusal)

    def serves(self, rule_set: ServedRuleSet) -> bool:
        """Whether no other revision has replaced it."""
        return self._served.rule_sets.get(rule_set.name) is rule_set

    def serving(self, name: str, refusal: type[InvalidRequest] = InvalidCart) -> tuple[ServedRuleSet, Filling | None]:
        """As `rule_set`, with the catalogue that matches it."""
        served = self._served
        rule_set = _named(served.rule_sets, name, refusal)
        return rule_set, None if served.catalogue is None else self._filling_of(served.catalogue)

    def _filling_of(self, file: CatalogueFile) -> Filling:
        catalogue, filling = file.catalogue, self._filling
        if filling is None or filling.catalogue is not catalogue:
            filling = self._filling = Filling(catalogue)
        return filling

    def serve(self, rule_set: ServedRuleSet) -> ServedRuleSet | None:
        """Price under it from now on; calls in progress finish on the one they began with. For one thread at a time.

        Returns the one that it replaces, if any. If it expects other columns of the catalogue, the catalogue is read
        again first; if that fails, nothing changes and InvalidCatalogue or OSError is raised.
        """
        replaced = self._served.rule_sets.get(rule_set.name)
        rule_sets = {**self._served.rule_sets, rule_set.name: rule_set}
        before = after = self._served.catalogue
        if before is not None and before.expected != _expected(rule_sets.values()):
            after = _catalogue_file(before.path, rule_sets.values())
            if self._started:
                after.start()
        self._served = _Served(rule_sets, after)
        if before is not None and before is not after:
            before.stop()
        return replaced


def _serialized(priced: Priced) -> PricedBytes:
    return PricedBytes(quote_bytes(priced.quote), priced.engine_ns)


def _named(rule_sets: Mapping[str, ServedRuleSet], name: str, refusal: type[InvalidRequest]) -> ServedRuleSet:
    if name in rule_sets:
        return rule_sets[name]
    known = ", ".join(rule_sets) or "none"
    if name or not rule_sets:
        wanted = f"no rule set {name[:100]!r}" if name else "no rule set"
        raise RuleSetNotFound(f"{wanted} is served here; available: {known}")
    if len(rule_sets) != 1:
        raise refusal([Violation("rule_set", f"is required, because several rule sets are served: use one of {known}")])
    return next(iter(rule_sets.values()))


def _catalogue_file(path: Path, rule_sets: Iterable[ServedRuleSet]) -> CatalogueFile:
    from engine.store.catalogue_file import CatalogueFile

    return CatalogueFile(path, _expected(rule_sets))


def _expected(rule_sets: Iterable[ServedRuleSet]) -> Expected:
    """What the rule sets declare. Raises InvalidCatalogue if two of them disagree."""
    from engine.store.catalogue_table import Expected

    declarations = [each.program.declaration for each in rule_sets]
    attributes: dict[str, type] = {}
    for declaration in declarations:
        for (subject, name), type in declaration.attributes.items():
            if subject == "item" and attributes.setdefault(name, type) is not type:
                raise InvalidCatalogue(
                    f"attribute.{name} cannot be read: the rule sets declare it with different types"
                )
    currencies = frozenset(each for declaration in declarations for each in declaration.currencies)
    return Expected(currencies, attributes)
