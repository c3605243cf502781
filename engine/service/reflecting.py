"""gRPC server reflection: tools such as grpcurl ask the service itself what it offers."""

from __future__ import annotations

from functools import partial

import grpc
from grpc_health.v1 import health
from grpc_reflection.v1alpha import reflection
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse

from engine.service import REDEMPTION_SERVICE, RULE_SET_SERVICE, SERVICE
from engine.service.workers import Workers, taking

SERVICES = SERVICE, REDEMPTION_SERVICE, RULE_SET_SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME


def reflecting(threads: Workers) -> grpc.GenericRpcHandler[ServerReflectionRequest, ServerReflectionResponse]:
    """The handler for a gRPC server. A tool may keep its stream open, which occupies one of the ``threads``."""
    # A partial, because a bound method takes no attributes.
    answer = partial(reflection.ReflectionServicer(SERVICES).ServerReflectionInfo)
    return grpc.method_handlers_generic_handler(
        reflection.SERVICE_NAME,
        {
            "ServerReflectionInfo": grpc.stream_stream_rpc_method_handler(
                taking(answer, threads),
                ServerReflectionRequest.FromString,
                ServerReflectionResponse.SerializeToString,
            )
        },
    )
