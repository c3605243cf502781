"""Failed calls as the exceptions they were at the service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import grpc
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from engine.errors import CallFailed, CartwrightError, InvalidRequest, Violation
from engine.rules import InvalidRules, Source
from engine.service.messages.rule_sets import mistakes_from_message
from engine.service.statuses import STATUS_CODES
from engine.v1 import rule_sets_pb2

_ERRORS = {each.code: each for each in STATUS_CODES}
_SILENCE = {
    grpc.StatusCode.UNAVAILABLE: "could not reach {target}",
    grpc.StatusCode.DEADLINE_EXCEEDED: "{target} did not answer in time",
}
"""Messages for calls without a response; gRPC's own are about sockets."""


def error_of(error: grpc.RpcError, target: str, sources: Sequence[Source] = ()) -> CartwrightError:
    """The exception in the google.rpc.Status of a failed call; ``sources`` are the rule set it sent, if any.

    ``target`` is the HOST:PORT that was called.
    """
    call = cast(grpc.Call, error)  # the exception raised by a call is the call itself
    status = rpc_status.from_call(call)
    if status is None:
        text = _SILENCE.get(call.code(), call.details() or "").format(target=target)
        return CallFailed(f"{call.code().name}: {text}")
    return error_of_status(status, sources)


def error_of_status(status: Status, sources: Sequence[Source] = ()) -> CartwrightError:
    """The exception in a status; ``sources`` are the rule set that was sent, if any."""
    info, request, mistakes = ErrorInfo(), BadRequest(), rule_sets_pb2.Mistakes()
    for detail in status.details:
        detail.Unpack(info)
        detail.Unpack(request)
        detail.Unpack(mistakes)
    error = _ERRORS.get(info.reason.lower())
    if error is None:
        return CallFailed(f"{Code.Name(status.code)}: {status.message}")
    if issubclass(error, InvalidRequest):
        return error(Violation(each.field, each.description) for each in request.field_violations)
    if error is InvalidRules:
        return mistakes_from_message(mistakes, sources)
    return error(status.message)
