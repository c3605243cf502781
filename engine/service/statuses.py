"""Errors as google.rpc.Status: the one place where an exception becomes a gRPC status.

Methods are wrapped once, when they are registered; an interceptor would do so at each call.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import wraps
from typing import TypeAlias
from urllib.parse import quote

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.message import Message
from google.rpc.code_pb2 import (
    ABORTED,
    ALREADY_EXISTS,
    FAILED_PRECONDITION,
    INTERNAL,
    INVALID_ARGUMENT,
    NOT_FOUND,
    PERMISSION_DENIED,
    RESOURCE_EXHAUSTED,
    UNAVAILABLE,
    Code,
)
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from engine.errors import (
    ActivationConflict,
    CartUnknown,
    CartwrightError,
    CountersMoved,
    InvalidArtifact,
    InvalidCart,
    InvalidMutation,
    InvalidReceipt,
    InvalidRequest,
    InvalidReturn,
    KeyReused,
    LedgerClosed,
    NoEarlierRevision,
    NotPermitted,
    ReceiptNotFound,
    ReservationCommitted,
    ReservationExpired,
    ReservationNotFound,
    ReservationReleased,
    ReservationReplaced,
    RevisionMismatch,
    RevisionNotFound,
    RuleSetNotFound,
    StoreFull,
    StoreMissing,
    StoreUnavailable,
    TooManyStreams,
)
from engine.rules import InvalidRules
from engine.service.messages import mistakes_to_message

DOMAIN = "cartwright"
STATUS_CODES: dict[type[CartwrightError], int] = {
    InvalidCart: INVALID_ARGUMENT,
    InvalidMutation: INVALID_ARGUMENT,
    InvalidRequest: INVALID_ARGUMENT,
    InvalidReturn: INVALID_ARGUMENT,
    InvalidRules: INVALID_ARGUMENT,
    CartUnknown: ABORTED,
    RevisionMismatch: ABORTED,
    TooManyStreams: RESOURCE_EXHAUSTED,
    RuleSetNotFound: NOT_FOUND,
    RevisionNotFound: NOT_FOUND,
    NoEarlierRevision: FAILED_PRECONDITION,
    ActivationConflict: ABORTED,
    NotPermitted: PERMISSION_DENIED,
    InvalidArtifact: FAILED_PRECONDITION,
    InvalidReceipt: FAILED_PRECONDITION,
    StoreMissing: FAILED_PRECONDITION,
    StoreUnavailable: UNAVAILABLE,
    StoreFull: RESOURCE_EXHAUSTED,
    LedgerClosed: FAILED_PRECONDITION,
    CountersMoved: ABORTED,
    KeyReused: ALREADY_EXISTS,
    ReservationNotFound: NOT_FOUND,
    ReceiptNotFound: NOT_FOUND,
    ReservationExpired: FAILED_PRECONDITION,
    ReservationReleased: FAILED_PRECONDITION,
    ReservationReplaced: FAILED_PRECONDITION,
    ReservationCommitted: FAILED_PRECONDITION,
}

# A status is sent in the trailing metadata, which clients refuse above 8 KiB by default. Base64 makes the details a
# third larger, and the message is sent a second time beside them, percent-encoded.
_DETAIL_BYTES = 4096
_MESSAGE_BYTES = 800
_PLAIN = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")
"""Characters that a message may have without being percent-encoded."""
_TEXT_CHARACTERS = 500

Answer: TypeAlias = Callable[[bytes, grpc.ServicerContext], bytes]
Stream: TypeAlias = Callable[[Iterator[bytes], grpc.ServicerContext], Iterator[bytes]]

_log = logging.getLogger(__name__)


def answering(behavior: Answer) -> Answer:
    """Ends a call that raises a CartwrightError with its status, and any other with INTERNAL and a log entry."""

    @wraps(behavior)
    def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
        try:
            return behavior(request, context)
        except CartwrightError as error:
            status = status_of(error)
        except Exception:
            _log.exception("%s failed", behavior.__name__)
            status = _internal()
        context.abort_with_status(rpc_status.to_status(status))

    return answer


def streaming(behavior: Stream) -> Stream:
    """The same for a stream. A caller that hangs up is not a fault."""

    @wraps(behavior)
    def answers(requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        try:
            yield from behavior(requests, context)
            return
        except CartwrightError as error:
            status = status_of(error)
        except Exception:
            if not context.is_active():
                raise
            _log.exception("%s failed", behavior.__name__)
            status = _internal()
        context.abort_with_status(rpc_status.to_status(status))

    return answers


def ending(error: type[Exception] | None) -> tuple[str, str]:
    """The name of the status code and the reason of calls that end with such an error; None: they are answered."""
    if error is None:
        return "OK", ""
    if issubclass(error, CartwrightError) and error in STATUS_CODES:
        return Code.Name(STATUS_CODES[error]), error.code.upper()
    return Code.Name(INTERNAL), "INTERNAL"


def status_of(error: CartwrightError) -> Status:
    """The status of an error: ErrorInfo with its code, then its violations as BadRequest, or its Mistakes."""
    code = STATUS_CODES.get(type(error))
    if code is None:
        _log.error("no status is defined for %s", type(error).__name__, exc_info=error)
        return _internal()
    status = Status(code=code, message=_clip_message(str(error)))
    status.details.append(_packed(ErrorInfo(reason=error.code.upper(), domain=DOMAIN)))
    if isinstance(error, InvalidRequest):
        status.details.append(_packed(_bad_request(error)))
    if isinstance(error, InvalidRules):
        status.details.append(_packed(mistakes_to_message(error, _DETAIL_BYTES)))
    return status


def _bad_request(error: InvalidRequest) -> BadRequest:
    details = BadRequest()
    violations = details.field_violations
    for each in error.violations:
        violations.add(field=_clip(each.field, _TEXT_CHARACTERS), description=_clip(each.description, _TEXT_CHARACTERS))
        if details.ByteSize() > _DETAIL_BYTES:
            del violations[-1]
            violations.add(field="request", description="more violations are not listed")
            break
    return details


def _internal() -> Status:
    status = Status(code=INTERNAL, message="internal error: the log of the service has the details")
    status.details.append(_packed(ErrorInfo(reason="INTERNAL", domain=DOMAIN)))
    return status


def _packed(message: Message) -> Any:
    packed = Any()
    packed.Pack(message)
    return packed


def _clip_message(text: str) -> str:
    text = _clip(text, _MESSAGE_BYTES)
    while len(quote(text, safe=_PLAIN)) > _MESSAGE_BYTES:
        text = _clip(text, len(text) * 3 // 4)
    return text


def _clip(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}…"
