"""The gRPC server: rule sets loaded, port bound, health reported, stopped with grace."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from engine.rules import Limits, load_sources, load_with_sources, stored_names
from engine.service import REDEMPTION_SERVICE, RULE_SET_SERVICE, SERVICE
from engine.service.advising import Advising
from engine.service.code_faults import CodeFaults
from engine.service.meters import Metered, Meters, unmetered
from engine.service.pricer import Pricer
from engine.service.pricing_service import PricingService
from engine.service.redemption_service import RedemptionService
from engine.service.reflecting import reflecting
from engine.service.rule_set import ServedRuleSet
from engine.service.rule_set_service import RuleSetService, without_store
from engine.service.settings import Address, Settings
from engine.service.store_facts import StoreFacts
from engine.service.workers import Workers
from engine.store.code_key import find_key
from engine.store.connection import Connection
from engine.store.following import Follower, Following
from engine.store.kept import KeptRevisions
from engine.store.loaded import LoadedRevision
from engine.store.opening import opened
from engine.store.receipt_trimming import ReceiptTrimming
from engine.store.retention import DAY
from engine.store.rule_sets import RuleSetStore, sources_of

if TYPE_CHECKING:
    from engine.service.scraping import Scraping

_KEEPALIVE = 60_000
"""Milliseconds of silence after which a caller is pinged; the streams of one that does not answer end."""
_PINGS = 1_000
"""Milliseconds that a caller leaves between its own pings; one that pings more often is disconnected."""
_READERS = 4
"""Calls under way at once that read rule sets; few, because each may be sent many bytes."""
_TOOLS = 10
"""Tools that may be connected to server reflection at once."""


class Server:
    """The service of one process; ``address`` has the port in use."""

    def __init__(self, settings: Settings) -> None:
        """Loads the rule sets and the catalogue and binds the port. If the store is unavailable, it starts without it.

        Raises InvalidRules, DuplicateRuleSet, InvalidCatalogue, UnsuitableRedis, InvalidCodeKey,
        StoreUnavailable and OSError.
        """
        self._resources = ExitStack()
        with self._resources:
            self._build(settings)
            self._resources = self._resources.pop_all()  # kept open, since everything succeeded

    def _build(self, settings: Settings) -> None:
        if settings.code_key is not None:
            find_key(settings.code_key, settings.data)  # fails now if the key is not valid
        self._store = self._resources.enter_context(opened(settings.redis, settings.data))
        self._facts = (
            None
            if self._store is None
            else StoreFacts(self._store, partial(find_key, settings.code_key, settings.data))
        )
        self._code_faults = None if self._facts is None else CodeFaults(self._facts.pools)
        rule_sets = (_from_file(path, settings.limits) for path in settings.rules)
        self._workers = Workers(settings.workers, "pricing")
        self._advising = Advising(self._workers)
        self._pricer = Pricer(rule_sets, settings.catalogue, self._facts, self._advising.turn)
        if self._store is not None and self._facts is not None and settings.keep_receipts is not None:
            kept = settings.keep_receipts * DAY
            self._facts.add(ReceiptTrimming(self._store, kept, lambda: [each.name for each in self.rule_sets]))
        self._grace = settings.grace
        self._health = health.HealthServicer()
        self._server = grpc.server(
            self._workers,
            # Without so_reuseport 0, a second service on the same port would start and silently share the calls.
            options=[
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", _message_bytes(settings)),
                ("grpc.keepalive_time_ms", _KEEPALIVE),
                # gRPC's own limit, 5 minutes, would disconnect checkouts that keep a silent stream or channel alive.
                ("grpc.http2.min_ping_interval_without_data_ms", _PINGS),
                ("grpc.keepalive_permit_without_calls", 1),
            ],
        )
        self._meters = Meters()
        metered = unmetered if settings.metrics is None else self._meters.metered
        self._service = PricingService(
            self._pricer, settings.allow_at, settings.session_memory, settings.streams, metered
        )
        self._redemption_workers = Workers(settings.workers, "redemptions")
        self._rule_set_workers = Workers(settings.workers, "rule sets")
        self._readers = Workers(1, "reading", aside=_READERS - 1)
        self._reflecting = Workers(_TOOLS, "reflecting", aside=0)
        redemptions = RedemptionService(self._pricer, settings.allow_at, self._redemption_workers, metered)
        handlers = [self._service.handler(), redemptions.handler(), reflecting(self._reflecting)]
        self._server.add_generic_rpc_handlers(handlers)
        self._follower: Follower | None = None
        if self._store is None:
            self._server.add_generic_rpc_handlers([without_store(metered)])
        else:
            self._follower = self._follow(self._store, settings, metered)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self._scraping = None if settings.metrics is None else self._scraped(settings.metrics)
        self.address = _bind(self._server, settings.address)

    def _follow(self, connection: Connection, settings: Settings, metered: Metered) -> Follower:
        """Serves what is active in the store, and adds the service that publishes to it."""
        store = RuleSetStore(connection)
        follower = Follower(
            store,
            self._serve,
            fixed=[each.name for each in self._pricer.rule_sets],
            kept=None if settings.data is None else KeptRevisions(settings.data / "rule_sets"),
            tell=self._tell,
        )
        follower.catch_up()
        service = RuleSetService(
            store,
            lambda: self._told(follower.following),
            settings.limits,
            settings.allow_publish,
            self._rule_set_workers,
            self._readers,
            metered,
        )
        self._server.add_generic_rpc_handlers([service.handler()])
        return follower

    def _scraped(self, address: Address) -> Scraping:
        """Binds the port of the metrics, until everything else has ended. Raises OSError."""
        # These need prometheus_client and an HTTP server, which are slow to import.
        from engine.service.metrics import Watched, registry_of
        from engine.service.scraping import Scraping

        workers = {
            "pricing": self._workers,
            "redemptions": self._redemption_workers,
            "rule_sets": self._rule_set_workers,
            "reading": self._readers,
        }
        registry = registry_of(
            Watched(
                self._meters,
                self._service,
                self._pricer,
                self._advising,
                workers,
                lambda: None if self._follower is None else self._told(self._follower.following),
            )
        )
        with _listening_on(address):
            scraping = Scraping(address, registry)
        self._resources.callback(scraping.stop)
        return scraping

    def _serve(self, revision: LoadedRevision) -> None:
        stored, program = revision
        rules = partial(load_sources, sources_of(stored.source), Limits(size=len(stored.source)))
        rule_set = ServedRuleSet(program, rules, stored.number)
        replaced = self._pricer.serve(rule_set)
        if replaced is not None:
            self._service.let_go(replaced)
            if replaced.advises:
                self._readers.submit(self._pricer.prepare_advice, rule_set)

    def _tell(self, following: Following) -> None:
        if self._code_faults is not None and following.available:
            self._code_faults.look(self._pricer.rule_sets)
        state = health_pb2.HealthCheckResponse
        services = {RULE_SET_SERVICE: self._told(following).in_step, REDEMPTION_SERVICE: following.available}
        for service, serves in services.items():
            self._health.set(service, state.SERVING if serves else state.NOT_SERVING)

    def _told(self, following: Following) -> Following:
        return following if self._code_faults is None else self._code_faults.added_to(following)

    @property
    def rule_sets(self) -> tuple[ServedRuleSet, ...]:
        """The rule sets that are served now."""
        return self._pricer.rule_sets

    @property
    def metrics_address(self) -> Address | None:
        """Where metrics are served, with the port in use; None if they are not."""
        return None if self._scraping is None else self._scraping.address

    def start(self) -> None:
        """Take calls, and answer scrapes."""
        if self._scraping is not None:
            self._scraping.start()
        self._pricer.start()
        if self._follower is not None:
            self._follower.start()
        if self._facts is not None:
            self._facts.start(self.rule_sets)
        self._server.start()
        self._health.set(SERVICE, health_pb2.HealthCheckResponse.SERVING)

    def stop(self) -> None:
        """Refuse new calls, let those in progress finish, then return. Metrics are served until then."""
        self._health.enter_graceful_shutdown()
        self._server.stop(self._grace).wait()
        if self._follower is not None:
            self._follower.stop()
        if self._facts is not None:
            self._facts.stop()
        self._pricer.stop()
        calls = self._workers, self._redemption_workers, self._rule_set_workers
        for threads in (*calls, self._readers, self._reflecting):
            threads.shutdown(wait=False)
        self._resources.close()


def stop_signals() -> SimpleQueue[int]:
    """Put SIGTERM and SIGINT into this queue from now on. For the main thread, before it starts the server."""
    asked: SimpleQueue[int] = SimpleQueue()  # unlike Event.set, put may interrupt get
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: asked.put(number))
    return asked


def _from_file(path: Path, limits: Limits) -> ServedRuleSet:
    """The rule set in a file or folder. Raises InvalidRules."""
    rules, sources = load_with_sources([path], limits)
    return ServedRuleSet.of(rules, stored_names(path, sources))


def _message_bytes(settings: Settings) -> int:
    """The largest request: a rule set takes slightly more than its text, for names and lengths of its files."""
    published = settings.limits.size + 2**20 if settings.allow_publish else 0
    return max(settings.message_bytes, published)


def _bind(server: grpc.Server, address: Address) -> Address:
    with _listening_on(address):
        _probe(address)
        return Address(address.host, server.add_insecure_port(str(address)))


@contextmanager
def _listening_on(address: Address) -> Iterator[None]:
    """Makes of what may be raised an OSError that names the address."""
    try:
        yield
    except (OSError, RuntimeError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OSError(f"cannot listen on {address}: {reason}") from None


def _probe(address: Address) -> None:
    """Bind the port for a moment, because the operating system says why it cannot be bound and gRPC does not."""
    family, _, _, _, where = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(where)
        probe.listen()
