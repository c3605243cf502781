"""Rule sets, their mistakes and their histories as protobuf messages (protos/engine/v1/rule_sets.proto), and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from google.protobuf.timestamp_pb2 import Timestamp

from engine.rules import InvalidRules, Source
from engine.rules.diff import Change
from engine.rules.found import Issue, Position
from engine.service.messages.fields import reader
from engine.store.revisions import Activated, Activation, History, Pointer, PublishedFinding, Revision
from engine.v1 import rule_sets_pb2 as pb

change_from_message = reader(Change)


def files_to_messages(sources: Iterable[Source]) -> list[pb.SourceFile]:
    return [pb.SourceFile(name=source.file, text=source.text) for source in sources]


def files_from_messages(messages: Iterable[pb.SourceFile]) -> tuple[Source, ...]:
    return tuple(Source(each.name, each.text) for each in messages)


def mistakes_to_message(error: InvalidRules, most_bytes: int | None = None) -> pb.Mistakes:
    """The mistakes, or the first of them that fit into ``most_bytes``."""
    message = pb.Mistakes(more=error.more)
    for issue in error.issues:
        position = issue.position
        message.mistakes.add(
            file=position.file,
            line=position.line,
            column=position.column,
            length=position.length,
            code=issue.code,
            message=issue.message,
            suggestion=issue.suggestion,
        )
        if most_bytes is not None and message.ByteSize() > most_bytes:
            del message.mistakes[-1]
            message.more = True
            break
    return message


def mistakes_from_message(message: pb.Mistakes, sources: Sequence[Source]) -> InvalidRules:
    """The error with these mistakes; ``sources`` are the files sent, for underlining."""
    issues = [
        Issue(Position(each.file, each.line, each.column, each.length), each.code, each.message, each.suggestion)
        for each in message.mistakes
    ]
    return InvalidRules(issues, sources, message.more)


def finding_to_message(finding: PublishedFinding) -> pb.Finding:
    return pb.Finding(**finding._asdict())


def finding_from_message(message: pb.Finding) -> PublishedFinding:
    return PublishedFinding(message.kind, tuple(message.promotions), message.sentence, message.file, message.line)


def revision_to_message(revision: Revision) -> pb.Revision:
    return pb.Revision(
        rule_set=revision.rule_set,
        number=revision.number,
        published_at=timestamp(revision.published_at),
        author=revision.author,
        note=revision.note,
        version=revision.version,
        source=revision.source,
        findings=map(finding_to_message, revision.findings),
    )


def revision_from_message(message: pb.Revision) -> Revision:
    return Revision(
        message.rule_set,
        message.number,
        message.published_at.ToMicroseconds(),
        message.author,
        message.note,
        message.version,
        message.source,
        tuple(map(finding_from_message, message.findings)),
    )


def activation_to_message(activation: Activation) -> pb.Activation:
    return pb.Activation(**{**activation._asdict(), "at": timestamp(activation.at)})


def activation_from_message(message: pb.Activation) -> Activation:
    return Activation(
        message.revision, message.version, message.at.ToMicroseconds(), message.author, message.note, message.rollback
    )


def activated_to_message(activated: Activated) -> pb.ActivateResponse:
    message = pb.ActivateResponse(changed=activated.changed)
    _point(message, activated.pointer)
    if activated.withdrawn is not None:
        message.withdrawn.CopyFrom(activation_to_message(activated.withdrawn))
    return message


def activated_from_message(message: pb.ActivateResponse) -> Activated:
    withdrawn = activation_from_message(message.withdrawn) if message.HasField("withdrawn") else None
    return Activated(_pointer(message), withdrawn, message.changed)


def history_to_message(history: History) -> pb.StoredRuleSet:
    message = overview_to_message(history.name, len(history.revisions), history.pointer)
    message.history.extend(map(revision_to_message, history.revisions))
    message.activations.extend(map(activation_to_message, history.activations))
    return message


def history_from_message(message: pb.StoredRuleSet) -> History:
    return History(
        message.name,
        _pointer(message),
        tuple(map(revision_from_message, message.history)),
        tuple(map(activation_from_message, message.activations)),
    )


def overview_to_message(name: str, revisions: int, pointer: Pointer) -> pb.StoredRuleSet:
    message = pb.StoredRuleSet(name=name, revisions=revisions)
    _point(message, pointer)
    return message


def overview_from_message(message: pb.StoredRuleSet) -> tuple[str, int, Pointer]:
    return message.name, message.revisions, _pointer(message)


def change_to_message(change: Change) -> pb.Change:
    return pb.Change(**change._asdict())


def timestamp(microseconds: int) -> Timestamp:
    """From microseconds since 1970."""
    made = Timestamp()
    made.FromMicroseconds(microseconds)
    return made


def _point(message: pb.StoredRuleSet | pb.ActivateResponse, pointer: Pointer) -> None:
    if pointer.active is not None:
        message.active.CopyFrom(activation_to_message(pointer.active))
    if pointer.scheduled is not None:
        message.scheduled.CopyFrom(activation_to_message(pointer.scheduled))


def _pointer(message: pb.StoredRuleSet | pb.ActivateResponse) -> Pointer:
    return Pointer(
        activation_from_message(message.active) if message.HasField("active") else None,
        activation_from_message(message.scheduled) if message.HasField("scheduled") else None,
    )
