"""Failed calls as the exceptions they were at the service."""

from __future__ import annotations

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from grpc_status import rpc_status

from engine.errors import (
    CallFailed,
    CartUnknown,
    CartwrightError,
    CountersMoved,
    InvalidCart,
    InvalidMutation,
    InvalidRequest,
    KeyReused,
    LedgerClosed,
    NotPermitted,
    ReservationCommitted,
    ReservationExpired,
    ReservationNotFound,
    ReservationReleased,
    ReservationReplaced,
    RevisionMismatch,
    RuleSetNotFound,
    StoreFull,
    StoreMissing,
    StoreUnavailable,
    Violation,
)

_INVALID: dict[str, type[InvalidRequest]] = {each.code: each for each in (InvalidCart, InvalidMutation, InvalidRequest)}
_OTHERS: dict[str, type[CartwrightError]] = {
    each.code: each
    for each in (
        CartUnknown,
        CountersMoved,
        KeyReused,
        LedgerClosed,
        NotPermitted,
        ReservationCommitted,
        ReservationExpired,
        ReservationNotFound,
        ReservationReleased,
        ReservationReplaced,
        RevisionMismatch,
        RuleSetNotFound,
        StoreFull,
        StoreMissing,
        StoreUnavailable,
    )
}


def error_of(call: grpc.Call) -> CartwrightError:
    """The exception that a failed call's google.rpc.Status stands for."""
    info, request = ErrorInfo(), BadRequest()
    status = rpc_status.from_call(call)
    for detail in status.details if status else ():
        detail.Unpack(info)
        detail.Unpack(request)
    code = info.reason.lower()
    if code in _INVALID:
        return _INVALID[code](Violation(each.field, each.description) for each in request.field_violations)
    if code in _OTHERS:
        return _OTHERS[code](call.details())
    return CallFailed(f"{call.code().name}: {call.details()}")
