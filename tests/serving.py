"""Fixtures: a real server on a real port, and a client of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import grpc
import pytest
from google.protobuf.any_pb2 import Any as Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from grpc_health.v1 import health_pb2, health_pb2_grpc

from engine.client import PricingClient
from engine.pricing.cart import Cart, Line
from engine.rules import Limits
from engine.service.server import Server
from engine.service.settings import Address, Settings

NOON = 1_780_000_000_000_000_000
BOOT = Line(id="a", sku="BOOT", quantity=2, price=5_000)
HAT = Line(id="b", sku="HAT", quantity=1, price=1_000)
CART = Cart(id="c1", currency="USD", at=NOON, lines=(BOOT, HAT))
RULES = """\
ruleset: {name}
currencies: [USD]
promotions:
  ten-off:
    name: 10 % off everything
    layer: order
    reward: {{percent_off: {{of: cart, per: order, percent: 10}}}}
"""


def spring(percent: int = 10, name: str = "spring") -> str:
    """RULES under a name, with this amount off."""
    return RULES.format(name=name).replace("percent: 10", f"percent: {percent}")


StartServer: TypeAlias = Callable[..., Server]


def settings_of(*rules: Path, **others: Any) -> Settings:
    """The settings of a service on a free port that does not wait long for calls when it stops."""
    return Settings(**{"address": Address("127.0.0.1", 0), "rules": rules, "limits": Limits(), "grace": 0.5, **others})


@contextmanager
def running(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def rule_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Writes a rule set of a given name."""
    folder = tmp_path_factory.mktemp("rules")

    def write(name: str) -> Path:
        path = folder / f"{name}.yaml"
        path.write_text(RULES.format(name=name))
        return path

    return write


@pytest.fixture(scope="session")
def start_server(rule_file: Callable[[str], Path]) -> Iterator[StartServer]:
    """Starts servers on free ports; they stop when the tests end."""
    with ExitStack() as servers:

        def start(*names: str, **others: Any) -> Server:
            return servers.enter_context(running(Server(settings_of(*map(rule_file, names), **others))))

        yield start


@pytest.fixture(scope="session")
def address(start_server: StartServer) -> str:
    """A service with the rule set ``spring``, whose callers may send the moment."""
    return str(start_server("spring", allow_at=True).address)


@pytest.fixture
def client(address: str) -> Iterator[PricingClient]:
    with PricingClient(address, send_at=True) as client:
        yield client


def fault(details: Iterable[Message]) -> tuple[str, dict[str, str]]:
    """The details of a status: a reason, and violations by field."""
    info, request = ErrorInfo(), BadRequest()
    for each in details:
        assert each.Unpack(info) or each.Unpack(request)
    assert info.domain == "cartwright"
    return info.reason, {each.field: each.description for each in request.field_violations}


def health(server: Server, service: str) -> str:
    with grpc.insecure_channel(str(server.address)) as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=service))
    return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
