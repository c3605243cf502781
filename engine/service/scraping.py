"""Metrics over HTTP, in Prometheus' text format."""

from __future__ import annotations

import logging
import socket
import sys
import time
from contextlib import suppress
from socketserver import TCPServer, ThreadingMixIn
from threading import Thread
from typing import Any

from prometheus_client import CollectorRegistry, MetricsHandler

from engine.service.settings import Address

PATH = "/metrics"
_CONNECTIONS = 4
"""Connections answered at once; more are closed."""
_APART = 0.1
"""Seconds between two connections. A scrape takes some milliseconds of Python, for which calls have to wait."""
_PATIENCE = 5.0
"""Seconds that a connection may last."""
_LOOK = 0.1
"""Seconds after which the server sees that it is to stop, or to close a connection."""

_log = logging.getLogger(__name__)


class Scraping:
    """Serves a registry from `start` to `stop`; ``address`` has the port in use."""

    def __init__(self, address: Address, registry: CollectorRegistry) -> None:
        """Binds the port. Raises OSError."""
        self._server = _Server(address, registry)
        self.address = Address(address.host, self._server.server_address[1])
        self._thread = Thread(target=self._server.serve_forever, args=(_LOOK,), name="metrics", daemon=True)

    def start(self) -> None:
        """Answer scrapes."""
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingMixIn, TCPServer):
    """One that no scraper can occupy: neither by many connections, nor by connections that it does not end."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: Address, registry: CollectorRegistry) -> None:
        where: Any
        self.address_family, _, _, _, where = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
        self._ends: dict[socket.socket, float] = {}  # when each connection is closed at the latest
        self._next = 0.0
        super().__init__(where, _Handler.factory(registry))

    def get_request(self) -> tuple[socket.socket, Any]:
        time.sleep(max(0.0, self._next - time.monotonic()))
        self._next = time.monotonic() + _APART
        return super().get_request()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return len(self._ends) < _CONNECTIONS

    def process_request(self, request: Any, client_address: Any) -> None:
        self._ends[request] = time.monotonic() + _PATIENCE
        super().process_request(request, client_address)

    def service_actions(self) -> None:
        """Called after each wait for connections."""
        now = time.monotonic()
        for request, end in self._ends.copy().items():
            if end <= now:
                with suppress(OSError):  # it has just been closed
                    request.shutdown(socket.SHUT_RDWR)

    def shutdown_request(self, request: Any) -> None:
        """Called at the end of each connection, however it ends."""
        self._ends.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):  # a scraper that hangs up is no fault
            _log.exception("the metrics cannot be read")


class _Handler(MetricsHandler):
    def do_GET(self) -> None:
        if self.path.partition("?")[0] == PATH:
            super().do_GET()
        else:
            self.send_error(404, explain=f"Metrics are at {PATH}.")
