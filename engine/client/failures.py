"""Failed calls as the exceptions they were at the service."""

from __future__ import annotations

import grpc
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from engine.errors import (
    CallFailed,
    CartUnknown,
    CartwrightError,
    InvalidCart,
    InvalidMutation,
    InvalidRequest,
    NotPermitted,
    RevisionMismatch,
    RuleSetNotFound,
    Violation,
)

_INVALID: dict[str, type[InvalidRequest]] = {each.code: each for each in (InvalidCart, InvalidMutation)}
_OTHERS: dict[str, type[CartwrightError]] = {
    each.code: each for each in (CartUnknown, NotPermitted, RevisionMismatch, RuleSetNotFound)
}


def error_of(call: grpc.Call) -> CartwrightError:
    """The exception that a failed call's google.rpc.Status stands for."""
    status = rpc_status.from_call(call)
    if status is None:
        return CallFailed(f"{call.code().name}: {call.details()}")
    return error_of_status(status)


def error_of_status(status: Status) -> CartwrightError:
    """The exception that it stands for."""
    info, request = ErrorInfo(), BadRequest()
    for detail in status.details:
        detail.Unpack(info)
        detail.Unpack(request)
    code = info.reason.lower()
    if code in _INVALID:
        return _INVALID[code](Violation(each.field, each.description) for each in request.field_violations)
    if code in _OTHERS:
        return _OTHERS[code](status.message)
    return CallFailed(f"{Code.Name(status.code)}: {status.message}")
