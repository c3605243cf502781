"""Settings of the service."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.rules import Limits


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; port 0 picks a free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """HOST:PORT, an IPv6 host in brackets. Raises ValueError."""
        host, _, port = text.rpartition(":")
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        elif ":" in host:
            raise ValueError(f"{text!r}: write an IPv6 host in brackets, as in [::1]:50051")
        if not host or not (port.isascii() and port.isdigit()) or int(port) > 65_535:
            raise ValueError(f"{text!r} is not HOST:PORT, such as 127.0.0.1:50051")
        return cls(host, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one service process runs.

    ``metrics`` is where metrics are served; None: nothing is counted. ``rules`` are rule sets, each a file or a folder,
    of at most ``limits``; ``catalogue`` is a table of products. ``redis`` is the address of a Redis server; ``data`` is
    a folder for data that outlasts this process and, without ``redis``, for a server of its own. With either, rule sets
    also come from the store, and codes and budgets are redeemed. ``code_key`` is the key that protects unique codes, or
    a file that holds it; None: that of ``data``.
    ``keep_receipts`` is how many days receipts are kept; None: for ever.
    ``allow_at`` lets callers choose the moment of pricing; ``allow_publish`` lets them publish and activate rule sets,
    in requests as large as a rule set may be. ``workers`` is the number of threads that run calls, ``streams`` the
    number of streams open at once, ``message_bytes`` the size of a request, ``session_memory`` the bytes of carts held
    between mutations, ``grace`` the seconds that calls in progress have when the service stops.
    """

    address: Address
    rules: tuple[Path, ...]
    limits: Limits
    catalogue: Path | None = None
    metrics: Address | None = None
    redis: str | None = None
    data: Path | None = None
    code_key: str | None = None
    keep_receipts: int | None = None
    allow_at: bool = False
    allow_publish: bool = False
    workers: int = 4
    message_bytes: int = 4 * 2**20
    grace: float = 5.0
    session_memory: int = 256 * 2**20
    streams: int = 100
