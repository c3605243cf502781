"""Errors as google.rpc.Status: the one place where an exception becomes a gRPC status."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import wraps
from typing import TYPE_CHECKING, TypeAlias

import grpc
from google.protobuf.any_pb2 import Any
from google.rpc.code_pb2 import (
    ABORTED,
    INTERNAL,
    INVALID_ARGUMENT,
    NOT_FOUND,
    PERMISSION_DENIED,
    RESOURCE_EXHAUSTED,
)
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from engine.errors import (
    CartUnknown,
    CartwrightError,
    InvalidCart,
    InvalidMutation,
    InvalidRequest,
    NotPermitted,
    RevisionMismatch,
    RuleSetNotFound,
    TooManyStreams,
)

DOMAIN = "cartwright"
STATUS_CODES: dict[type[CartwrightError], int] = {
    InvalidCart: INVALID_ARGUMENT,
    InvalidMutation: INVALID_ARGUMENT,
    CartUnknown: ABORTED,
    RevisionMismatch: ABORTED,
    TooManyStreams: RESOURCE_EXHAUSTED,
    RuleSetNotFound: NOT_FOUND,
    NotPermitted: PERMISSION_DENIED,
}

# A status travels in the trailing metadata, which a client refuses above 8 KiB by default. In base64 the details grow
# by a third, and the message goes a second time beside them, with up to twelve bytes to a character.
_DETAIL_BYTES = 4096
_MESSAGE_CHARACTERS = 160
_TEXT_CHARACTERS = 200

Answer: TypeAlias = Callable[[bytes, grpc.ServicerContext], bytes]
Stream: TypeAlias = Callable[[Iterator[bytes], grpc.ServicerContext], Iterator[bytes]]

_log = logging.getLogger(__name__)


if TYPE_CHECKING:  # a generic class in the stubs only
    ServerInterceptor = grpc.ServerInterceptor[bytes, bytes]
else:
    ServerInterceptor = grpc.ServerInterceptor


class ErrorInterceptor(ServerInterceptor):
    """Ends a call that raised a CartwrightError with its status, and any other with INTERNAL and a line in the log."""

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], grpc.RpcMethodHandler[bytes, bytes] | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[bytes, bytes] | None:
        handler = continuation(handler_call_details)
        if handler is None:
            return None
        if handler.unary_unary is not None:
            answer = _answering(handler.unary_unary, handler_call_details.method)
            return grpc.unary_unary_rpc_method_handler(
                answer, handler.request_deserializer, handler.response_serializer
            )
        if handler.stream_stream is not None:
            stream = _streaming(handler.stream_stream, handler_call_details.method)
            return grpc.stream_stream_rpc_method_handler(
                stream, handler.request_deserializer, handler.response_serializer
            )
        return handler


def _answering(behavior: Answer, method: str) -> Answer:
    @wraps(behavior)
    def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
        try:
            return behavior(request, context)
        except CartwrightError as error:
            status = status_of(error)
        except Exception:
            _log.exception("%s failed", method)
            status = _internal()
        context.abort_with_status(rpc_status.to_status(status))

    return answer


def _streaming(behavior: Stream, method: str) -> Stream:
    @wraps(behavior)  # with the threads it is to run on
    def answers(requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        try:
            yield from behavior(requests, context)
            return
        except CartwrightError as error:
            status = status_of(error)
        except Exception:
            if not context.is_active():  # the caller hung up
                raise
            _log.exception("%s failed", method)
            status = _internal()
        context.abort_with_status(rpc_status.to_status(status))

    return answers


def status_of(error: CartwrightError) -> Status:
    """The status of an error: BadRequest with violations, if it has some, and ErrorInfo with its code."""
    code = STATUS_CODES.get(type(error))
    if code is None:
        _log.error("no status is set for %s", type(error).__name__, exc_info=error)
        return _internal()
    status = Status(code=code, message=_clip(str(error), _MESSAGE_CHARACTERS))
    status.details.append(_packed(ErrorInfo(reason=error.code.upper(), domain=DOMAIN)))
    if isinstance(error, InvalidRequest):
        status.details.append(_packed(_bad_request(error)))
    return status


def _bad_request(error: InvalidRequest) -> BadRequest:
    details = BadRequest()
    violations = details.field_violations
    for each in error.violations:
        violations.add(field=_clip(each.field, _TEXT_CHARACTERS), description=_clip(each.description, _TEXT_CHARACTERS))
        if details.ByteSize() > _DETAIL_BYTES:
            del violations[-1]
            violations.add(field="request", description="and more")
            break
    return details


def _internal() -> Status:
    status = Status(code=INTERNAL, message="the service failed to price this cart; its log says why")
    status.details.append(_packed(ErrorInfo(reason="INTERNAL", domain=DOMAIN)))
    return status


def _packed(message: BadRequest | ErrorInfo) -> Any:
    packed = Any()
    packed.Pack(message)
    return packed


def _clip(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}…"
