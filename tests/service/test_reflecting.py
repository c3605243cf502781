"""Server reflection, asked as tools such as grpcurl ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest
from grpc_reflection.v1alpha.reflection_pb2_grpc import ServerReflectionStub

from engine.service import REDEMPTION_SERVICE, RULE_SET_SERVICE, SERVICE
from engine.service.messages import cart_to_message
from engine.service.server import Server
from engine.v1.pricing_pb2_grpc import PricingServiceStub
from tests.serving import CART


def test_the_services_and_the_details_of_their_errors_are_described(address: str) -> None:
    with grpc.insecure_channel(address) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        assert {SERVICE, REDEMPTION_SERVICE, RULE_SET_SERVICE, "grpc.health.v1.Health"} < set(database.get_services())
        described = DescriptorPool(database)
        methods = described.FindServiceByName(SERVICE).methods_by_name
        assert list(methods) == ["PriceCart", "MutateCart", "PriceStream"]
        assert methods["PriceCart"].input_type.fields_by_name["lines"].number == 4
        for details in ("google.rpc.ErrorInfo", "google.rpc.BadRequest", "engine.v1.Mistakes"):
            assert described.FindMessageTypeByName(details).full_name == details


def test_tools_that_stay_connected_leave_the_threads_of_calls_alone(start_server: Callable[..., Server]) -> None:
    server = start_server("spring", allow_at=True, workers=1)
    over = Event()

    def asked() -> Iterator[ServerReflectionRequest]:
        yield ServerReflectionRequest(list_services="")
        over.wait()

    with grpc.insecure_channel(str(server.address)) as channel:
        tools = [ServerReflectionStub(channel).ServerReflectionInfo(asked(), timeout=20) for _ in range(3)]
        for tool in tools:
            assert next(tool).HasField("list_services_response")
        assert PricingServiceStub(channel).PriceCart(cart_to_message(CART), timeout=5).total == 9_900
        over.set()
