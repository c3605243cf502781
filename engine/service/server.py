"""The gRPC server: rule sets loaded, port bound, health reported, stopped with grace."""

from __future__ import annotations

import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from engine.rules import load
from engine.service import SERVICE
from engine.service.pricer import Pricer
from engine.service.pricing import PricingService
from engine.service.settings import Address, Settings
from engine.store.opening import opened

_KEEPALIVE = 60_000
"""Milliseconds of silence after which a caller is asked whether it is still there; a stream of one that is not ends."""


class Server:
    """One process's service. ``address`` has the port in use, ``rule_sets`` what it serves."""

    def __init__(self, settings: Settings) -> None:
        """Loads the rule sets and the catalogue and binds the port.

        Raises InvalidRules, DuplicateRuleSet, InvalidCatalogue, UnsuitableRedis, StoreUnavailable and OSError.
        """
        self._resources = ExitStack()
        with self._resources:
            self._build(settings)
            self._resources = self._resources.pop_all()  # kept open, all having gone well

    def _build(self, settings: Settings) -> None:
        self._store = self._resources.enter_context(opened(settings.redis, settings.data))
        pricer = Pricer((load([path], settings.limits) for path in settings.rules), settings.catalogue)
        self._catalogue = pricer.catalogue
        self.rule_sets = pricer.rule_sets
        self._grace = settings.grace
        self._health = health.HealthServicer()
        self._server = grpc.server(
            ThreadPoolExecutor(settings.workers, thread_name_prefix="pricing"),
            # Without so_reuseport 0 a second service on the same port would start and share its calls unnoticed.
            options=[
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", settings.message_bytes),
                ("grpc.keepalive_time_ms", _KEEPALIVE),
            ],
        )
        service = PricingService(pricer, settings.allow_at, settings.session_memory, settings.streams)
        self._server.add_generic_rpc_handlers([service.handler()])
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self.address = _bind(self._server, settings.address)

    def start(self) -> None:
        """Take calls."""
        if self._catalogue is not None:
            self._catalogue.start()
        self._server.start()
        self._health.set(SERVICE, health_pb2.HealthCheckResponse.SERVING)

    def stop(self) -> None:
        """Refuse new calls, let those under way end, then return."""
        self._health.enter_graceful_shutdown()
        self._server.stop(self._grace).wait()
        if self._catalogue is not None:
            self._catalogue.stop()
        self._resources.close()


def stop_signals() -> SimpleQueue[int]:
    """From now on SIGTERM and SIGINT land in this queue; for the main thread, before it starts the server."""
    asked: SimpleQueue[int] = SimpleQueue()  # its put, unlike Event.set, may interrupt its get
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: asked.put(number))
    return asked


def _bind(server: grpc.Server, address: Address) -> Address:
    try:
        _probe(address)
        port = server.add_insecure_port(str(address))
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OSError(f"cannot listen on {address}: {reason}") from None
    return Address(address.host, port)


def _probe(address: Address) -> None:
    """Bind the port for a moment: the operating system says why it is not to be had, gRPC does not."""
    family, _, _, _, where = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(where)
        probe.listen()
