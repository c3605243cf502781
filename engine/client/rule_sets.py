"""The client for publishing rule sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import grpc
from google.protobuf.message import Message

from engine.client.connection import AResponse, Connection
from engine.client.failures import error_of
from engine.rules import InvalidRules, Source
from engine.rules.diff import Change
from engine.service import RULE_SET_SERVICE
from engine.service.messages import rule_sets as messages
from engine.store.following import Followed
from engine.store.revisions import Activated, History, Pointer, PublishedFinding, Revision
from engine.v1 import rule_sets_pb2 as pb

_PATIENCE = 10.0
"""Seconds for a call that waits for the store."""
_LONG_PATIENCE = 600.0
"""Seconds for a call that checks a rule set: lint takes ten seconds for 10,000 promotions."""

_REPEATABLE = [
    {"service": RULE_SET_SERVICE, "method": method}
    for method in ("Validate", "Publish", "Activate", "Get", "List", "Diff", "Status")
]
"""Safe to repeat: Publish and Activate change nothing the second time. A rollback is sent once."""


class Validated(NamedTuple):
    """What publishing a valid rule set would store."""

    rule_set: str
    version: str
    findings: tuple[PublishedFinding, ...]


class Status(NamedTuple):
    """How a replica follows the store; ``age`` is in seconds since the store last answered, None if it never has."""

    available: bool
    age: float | None
    polls: int
    polls_failed: int
    swaps: int
    refused: int
    rule_sets: dict[str, Followed]


class RuleSetClient(Connection):
    """A connection to HOST:PORT; close it, or use it in a ``with``. Any thread may call it.

    Every method raises CallFailed, StoreMissing, StoreUnavailable and StoreFull; those that change something or check
    files also raise NotPermitted.
    """

    def __init__(self, target: str) -> None:
        super().__init__(target, _REPEATABLE)

    def validate(self, sources: Sequence[Source]) -> Validated:
        """Raises InvalidRules with every mistake."""
        request = pb.ValidateRequest(files=messages.files_to_messages(sources))
        response = self._call("Validate", request, pb.ValidateResponse, _LONG_PATIENCE)
        if response.HasField("mistakes"):
            raise messages.mistakes_from_message(response.mistakes, sources)
        return Validated(
            response.rule_set, response.version, tuple(map(messages.finding_from_message, response.findings))
        )

    def publish(
        self, sources: Sequence[Source], author: str, note: str = "", *, refuse_findings: bool = False
    ) -> tuple[Revision, bool]:
        """The revision, and whether it is new. Raises InvalidRules."""
        request = pb.PublishRequest(
            files=messages.files_to_messages(sources), author=author, note=note, refuse_findings=refuse_findings
        )
        try:
            response = self._call("Publish", request, pb.PublishResponse, _LONG_PATIENCE, sources)
        except InvalidRules as error:
            if error.more:  # a status holds only some of them
                self.validate(sources)
            raise
        return messages.revision_from_message(response.revision), response.stored

    def activate(self, rule_set: str, revision: int, author: str, note: str = "", at: int = 0) -> Activated:
        """Activate now, or at ``at`` (microseconds since 1970). Raises RuleSetNotFound and RevisionNotFound."""
        request = pb.ActivateRequest(rule_set=rule_set, revision=revision, author=author, note=note)
        if at:
            request.at.FromMicroseconds(at)
        return messages.activated_from_message(self._call("Activate", request, pb.ActivateResponse))

    def rollback(self, rule_set: str, author: str, note: str = "", revision: int = 0) -> Activated:
        """Go back to what was active before ``revision``, or before whichever is active.

        Raises RuleSetNotFound, NoEarlierRevision and ActivationConflict.
        """
        request = pb.RollbackRequest(rule_set=rule_set, revision=revision, author=author, note=note)
        return messages.activated_from_message(self._call("Rollback", request, pb.ActivateResponse))

    def get(self, rule_set: str, revision: int = 0) -> tuple[Revision, tuple[Source, ...]]:
        """A revision and its source; 0 means the active one, else the last.

        Raises as `activate` does, and InvalidArtifact.
        """
        request = pb.GetRequest(rule_set=rule_set, revision=revision)
        response = self._call("Get", request, pb.GetResponse)
        return messages.revision_from_message(response.revision), messages.files_from_messages(response.files)

    def overview(self) -> list[tuple[str, int, Pointer]]:
        """Each rule set by name: the number of its revisions, and what is active and scheduled."""
        response = self._call("List", pb.ListRequest(), pb.ListResponse)
        return [messages.overview_from_message(each) for each in response.rule_sets]

    def history(self, rule_set: str) -> History:
        """Raises RuleSetNotFound."""
        response = self._call("List", pb.ListRequest(rule_set=rule_set), pb.ListResponse)
        return messages.history_from_message(response.rule_sets[0])

    def diff(
        self, rule_set: str, before: int = 0, after: int = 0, sources: Sequence[Source] = ()
    ) -> tuple[Change, ...]:
        """The changes from a revision (0: the active one) to another (0: the last), or to the files in ``sources``.

        Raises InvalidRules, and as `get` does.
        """
        request = pb.DiffRequest(
            rule_set=rule_set, before=before, after=after, files=messages.files_to_messages(sources)
        )
        response = self._call("Diff", request, pb.DiffResponse, _LONG_PATIENCE, sources)
        return tuple(map(messages.change_from_message, response.changes))

    def status(self) -> Status:
        """The state of the replica that answers."""
        answer = self._call("Status", pb.StatusRequest(), pb.StatusResponse)
        return Status(
            answer.store_available,
            answer.store_age.ToMicroseconds() / 10**6 if answer.HasField("store_age") else None,
            answer.polls,
            answer.polls_failed,
            answer.swaps,
            answer.refused,
            {
                each.name: Followed(each.revision, each.version, each.since.ToNanoseconds(), each.wanted, each.fault)
                for each in answer.rule_sets
            },
        )

    def _call(
        self,
        method: str,
        request: Message,
        kind: type[AResponse],
        timeout: float = _PATIENCE,
        sources: Sequence[Source] = (),
    ) -> AResponse:
        try:
            return self._method(RULE_SET_SERVICE, method, type(request), kind)(request, timeout=timeout)
        except grpc.RpcError as error:
            raise error_of(error, self._target, sources) from None
