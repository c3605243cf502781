"""Pricing with the rule sets of this process, and the gRPC servicer over it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import grpc

from engine import rules
from engine._native.program import Program
from engine._native.session import Session
from engine.errors import DuplicateRuleSet, InvalidCart, NotPermitted, RuleSetNotFound, Violation
from engine.pricing.cart import Cart
from engine.pricing.quote import Quote
from engine.service.messages import cart_from_message, parse_cart, quote_bytes

SERVICE = "engine.v1.PricingService"
ENGINE_TIME = "cartwright-engine-ns"
RULE_SET_VERSION = "cartwright-rule-set-version"
"""Trailing metadata."""


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


class PricingService:
    """engine.v1.PricingService on raw bytes, so that what is no protobuf is refused like any other bad cart."""

    def __init__(self, pricer: Pricer, allow_at: bool) -> None:
        self._pricer = pricer
        self._allow_at = allow_at

    def handler(self) -> grpc.GenericRpcHandler[bytes, bytes]:
        """What a gRPC server is given."""
        return grpc.method_handlers_generic_handler(
            SERVICE, {"PriceCart": grpc.unary_unary_rpc_method_handler(self.price_cart)}
        )

    def price_cart(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        """``engine.v1.Cart`` in, ``engine.v1.Quote`` out. Raises InvalidCart, RuleSetNotFound and NotPermitted."""
        message = parse_cart(request)
        if message.HasField("at") and not self._allow_at:
            raise NotPermitted("this service takes no `at`: it prices at its own clock")
        priced = self._pricer.price(cart_from_message(message, now=time.time_ns()))
        context.set_trailing_metadata(
            ((ENGINE_TIME, str(priced.engine_ns)), (RULE_SET_VERSION, priced.quote.rule_set_version))
        )
        return quote_bytes(priced.quote)
