"""The gRPC servicer for the store of rule sets."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import wraps
from threading import Lock
from typing import TypeVar

import grpc
from google.protobuf.message import Message

from engine.errors import InvalidRequest, NotPermitted, StoreMissing, Violation
from engine.rules import CheckedRules, InvalidRules, Limits, Source, load_sources
from engine.rules.diff import diff
from engine.service import RULE_SET_SERVICE
from engine.service.messages import rule_sets as messages
from engine.service.messages.parsing import moment_from_message, parsed
from engine.service.messages.rule_sets import mistakes_to_message
from engine.service.meters import Metered, unmetered
from engine.service.statuses import Answer, answering
from engine.service.workers import Workers, taking
from engine.store.following import Following
from engine.store.publishing import prepare
from engine.store.revisions import Revision
from engine.store.rule_sets import RuleSetStore
from engine.v1 import rule_sets_pb2 as pb

_LONGEST_NAME = 1_000
_LONGEST = {"author": 200, "note": 1_000}
_REVISIONS = "revision", "before", "after"
_LAST_MOMENT = 4_102_444_800 * 10**6
"""The year 2100, in microseconds."""

_Request = TypeVar("_Request", bound=Message)


class RuleSetService:
    """engine.v1.RuleSetService; `protos/engine/v1/rule_sets.proto` says what each method does and raises."""

    def __init__(
        self,
        store: RuleSetStore,
        following: Callable[[], Following],
        limits: Limits,
        allow_publish: bool,
        threads: Workers,
        readers: Workers,
        metered: Metered = unmetered,
    ) -> None:
        """``threads`` run the calls, which wait for the store; ``readers`` run those that read rule sets, for seconds.

        Rule sets are read one at a time, because each may take much memory.
        """
        self._store = store
        self._following = following
        self._limits = limits
        self._allow_publish = allow_publish
        self._threads = threads
        self._readers = readers
        self._metered = metered
        self._reading = Lock()

    def handler(self) -> grpc.GenericRpcHandler[bytes, bytes]:
        """The handler for a gRPC server."""
        calls = {
            "Activate": _answer(pb.ActivateRequest, self.activate),
            "Rollback": _answer(pb.RollbackRequest, self.rollback),
            "Get": _answer(pb.GetRequest, self.get),
            "List": _answer(pb.ListRequest, self.list),
            "Status": _answer(pb.StatusRequest, self.status),
        }
        readings = {
            "Validate": _answer(pb.ValidateRequest, self._alone(self.validate)),
            "Publish": _answer(pb.PublishRequest, self._alone(self.publish)),
            "Diff": _answer(pb.DiffRequest, self._alone(self.diff)),
        }
        methods = {
            name: grpc.unary_unary_rpc_method_handler(taking(answering(self._metered(name, answer)), threads))
            for threads, answers in ((self._threads, calls), (self._readers, readings))
            for name, answer in answers.items()
        }
        return grpc.method_handlers_generic_handler(RULE_SET_SERVICE, methods)

    def validate(self, request: pb.ValidateRequest) -> pb.ValidateResponse:
        self._permit("validate rule sets or compare files")
        sources = _sources(request.files)
        try:
            publication = prepare(sources, self._limits)
        except InvalidRules as error:
            return pb.ValidateResponse(mistakes=mistakes_to_message(error))
        return pb.ValidateResponse(
            rule_set=publication.rules.name,
            version=publication.version,
            findings=map(messages.finding_to_message, publication.findings),
        )

    def publish(self, request: pb.PublishRequest) -> pb.PublishResponse:
        self._permit("publish rule sets")
        _check(request)
        publication = prepare(_sources(request.files), self._limits, request.refuse_findings)
        revision, stored = self._store.publish(publication, request.author, request.note)
        return pb.PublishResponse(revision=messages.revision_to_message(revision), stored=stored)

    def activate(self, request: pb.ActivateRequest) -> pb.ActivateResponse:
        self._permit("activate rule sets")
        _check(request, first=1)
        violations: list[Violation] = []
        at = moment_from_message(request.at, "at", violations) // 1_000
        if not violations and not 0 <= at < _LAST_MOMENT:
            violations.append(Violation("at", "must be in the years 1970 to 2099"))
        if violations:
            raise InvalidRequest(violations)
        activated = self._store.activate(request.rule_set, request.revision, request.author, request.note, at)
        return messages.activated_to_message(activated)

    def rollback(self, request: pb.RollbackRequest) -> pb.ActivateResponse:
        self._permit("roll back rule sets")
        _check(request)
        activated = self._store.rollback(request.rule_set, request.author, request.note, request.revision)
        return messages.activated_to_message(activated)

    def get(self, request: pb.GetRequest) -> pb.GetResponse:
        _check(request)
        revision = self._revision(request.rule_set, request.revision)
        files = messages.files_to_messages(self._store.sources(revision.source))
        return pb.GetResponse(revision=messages.revision_to_message(revision), files=files)

    def list(self, request: pb.ListRequest) -> pb.ListResponse:
        if request.rule_set:
            return pb.ListResponse(rule_sets=[messages.history_to_message(self._store.history(request.rule_set))])
        return pb.ListResponse(rule_sets=[messages.overview_to_message(*each) for each in self._store.overview()])

    def diff(self, request: pb.DiffRequest) -> pb.DiffResponse:
        if request.files:
            self._permit("validate rule sets or compare files")
        _check(request)
        before = self._rules(self._revision(request.rule_set, request.before))
        if request.files:
            after = load_sources(_sources(request.files), self._limits)
        else:
            number = request.after or len(self._store.history(request.rule_set).revisions)
            after = self._rules(self._store.revision(request.rule_set, number))
        return pb.DiffResponse(changes=map(messages.change_to_message, diff(before, after)))

    def status(self, request: pb.StatusRequest) -> pb.StatusResponse:
        following = self._following()
        response = pb.StatusResponse(
            store_available=following.available,
            polls=following.polls,
            polls_failed=following.polls_failed,
            swaps=following.swaps,
            refused=following.refused,
        )
        if following.answered is not None:
            response.store_age.FromMicroseconds(int((time.monotonic() - following.answered) * 10**6))
        for name, each in following.rule_sets.items():
            served = response.rule_sets.add(
                name=name, revision=each.number, version=each.version, wanted=each.wanted, fault=each.fault
            )
            if each.since:
                served.since.FromNanoseconds(each.since)
        return response

    def _alone(self, behavior: Callable[[_Request], Message]) -> Callable[[_Request], Message]:
        @wraps(behavior)
        def read(request: _Request) -> Message:
            with self._reading:
                return behavior(request)

        return read

    def _permit(self, what: str) -> None:
        if not self._allow_publish:
            raise NotPermitted(f"this service does not allow callers to {what}: use one started with --allow-publish")

    def _revision(self, name: str, number: int) -> Revision:
        """``number`` 0 is the active revision, or the last one if none is active."""
        if number:
            return self._store.revision(name, number)
        history = self._store.history(name)
        active = history.pointer.active
        return history.revisions[-1 if active is None else active.revision - 1]

    def _rules(self, revision: Revision) -> CheckedRules:
        return load_sources(self._store.sources(revision.source), self._limits)


def _answer(kind: type[_Request], behavior: Callable[[_Request], Message]) -> Answer:
    """The method on raw bytes, so that bytes that are not a message are refused like any other bad request."""

    def answer(data: bytes, context: grpc.ServicerContext) -> bytes:
        return behavior(parsed(kind, data)).SerializeToString()

    answer.__name__ = behavior.__name__
    return answer


def without_store(metered: Metered = unmetered) -> grpc.GenericRpcHandler[bytes, bytes]:
    """The handler of a service without a store: every call ends with StoreMissing."""

    def missing(data: bytes, context: grpc.ServicerContext) -> bytes:
        raise StoreMissing("this service has no store of rule sets: start it with --redis or --data")

    names = pb.DESCRIPTOR.services_by_name["RuleSetService"].methods_by_name
    methods = {name: grpc.unary_unary_rpc_method_handler(answering(metered(name, missing))) for name in names}
    return grpc.method_handlers_generic_handler(RULE_SET_SERVICE, methods)


def _sources(files: Sequence[pb.SourceFile]) -> tuple[Source, ...]:
    """Raises InvalidRequest if there is no file, two have the same name, or a name is missing or too long."""
    names = [each.name for each in files]
    if not names or len(set(names)) < len(names) or not all(names):
        raise InvalidRequest([Violation("files", "must have at least one file, each with a unique name")])
    if max(map(len, names)) > _LONGEST_NAME:
        raise InvalidRequest([Violation("files", f"must have names of at most {_LONGEST_NAME:,} characters")])
    return messages.files_from_messages(files)


def _check(request: Message, first: int = 0) -> None:
    """Raises InvalidRequest for a missing rule set, a revision before ``first``, or a text that is too long."""
    violations = []
    for field in request.DESCRIPTOR.fields_by_name:
        value = getattr(request, field)
        if field == "rule_set" and not value:
            violations.append(Violation(field, "is missing"))
        if field in _REVISIONS and value < first:
            violations.append(Violation(field, f"must be {first} or more, not {value:,}"))
        if field in _LONGEST and len(value) > _LONGEST[field]:
            violations.append(Violation(field, f"must have at most {_LONGEST[field]:,} characters"))
    if violations:
        raise InvalidRequest(violations)
