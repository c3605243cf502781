"""Rule sets in Redis: published, active, scheduled. Every change is one script, atomic and safe to repeat."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from hashlib import sha256
from typing import Any, NamedTuple

from engine.errors import ActivationConflict, InvalidArtifact, NoEarlierRevision, RevisionNotFound, RuleSetNotFound
from engine.rules import Source
from engine.store.connection import Connection
from engine.store.keys import RuleSetKeys
from engine.store.revisions import (
    Activated,
    Activation,
    History,
    Pointer,
    Publication,
    PublishedFinding,
    Revision,
    before_active,
)

UNASKED = "-"
"""The generation of a follower that knows none yet; that of an empty store is an empty text."""


class Polled(NamedTuple):
    """The answer to followers; ``pointers`` is None if the generation is the one they know.

    A pointer is None if it is damaged.
    """

    now: int
    generation: str
    pointers: Mapping[str, Pointer | None] | None


class RuleSetStore:
    """The rule sets in a store. Any thread may call it; every method raises what `Connection` raises."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def publish(self, publication: Publication, author: str, note: str) -> tuple[Revision, bool]:
        """The next revision and True; or the last one and False, if that has the same content."""
        name = publication.rules.name
        source = _source_bytes(publication.sources)
        digest = sha256(source).hexdigest()
        details = {"author": author, "note": note, "findings": [each._asdict() for each in publication.findings]}
        number, record, new = self._connection.run(
            "publish",
            [
                RuleSetKeys.artifact(publication.version),
                RuleSetKeys.source(digest),
                RuleSetKeys.revisions(name),
                RuleSetKeys.NAMES,
            ],
            [name, publication.artifact, source, publication.version, digest, json.dumps(details)],
        )
        return _revision(name, number, record), bool(new)

    def activate(self, name: str, revision: int, author: str, note: str, at: int = 0) -> Activated:
        """Activate a revision at ``at`` (microseconds since 1970), or at once if that is not in the future.

        A scheduled activation is withdrawn. Raises RevisionNotFound and RuleSetNotFound.
        """
        return self._activate(name, revision, author, note, at=at)

    def rollback(self, name: str, author: str, note: str, revision: int = 0) -> Activated:
        """Go back to what was active before ``revision`` (0: before whichever is active).

        Raises RuleSetNotFound, NoEarlierRevision and, if neither of the two is active, ActivationConflict.
        """
        history = self.history(name)
        active = history.pointer.active
        if active is not None and revision not in (0, active.revision):
            if active.rollback and history.activations[-2].revision == revision:
                return Activated(history.pointer, None, False)  # an earlier attempt succeeded
            raise ActivationConflict(f"revision {active.revision} of {name} is active, not {revision}")
        before = before_active(history.activations)
        if active is None or before is None:
            raise NoEarlierRevision(f"no other revision of {name} was active before")
        return self._activate(name, before.revision, author, note, expected=active.revision)

    def _activate(
        self, name: str, revision: int, author: str, note: str, *, at: int = 0, expected: int | None = None
    ) -> Activated:
        outcome, *reply = self._connection.run(
            "activate",
            [
                RuleSetKeys.revisions(name),
                RuleSetKeys.activations(name),
                RuleSetKeys.POINTERS,
                RuleSetKeys.GENERATION,
            ],
            [
                name,
                revision,
                at,
                "" if expected is None else expected,
                "activate" if expected is None else "rollback",
                json.dumps({"author": author, "note": note}),
                RuleSetKeys.CHANNEL,
            ],
        )
        if outcome == b"unknown":
            raise _unknown(name, revision, reply[0])
        active, scheduled, withdrawn = map(_activation, reply)
        if outcome == b"conflict":
            found = "none" if active is None else f"revision {active.revision}"
            raise ActivationConflict(f"{found} of {name} is active, not {expected}")
        return Activated(Pointer(active, scheduled), withdrawn, outcome == b"changed")

    def mark_active(self, name: str, scheduled: Activation) -> None:
        """Record that the moment of this activation has come, so that no clock that is behind takes it back.

        Nothing happens if it is no longer scheduled.
        """
        entry = f"{scheduled.at} {scheduled.revision} {scheduled.version} "
        keys = [RuleSetKeys.POINTERS, RuleSetKeys.GENERATION]
        self._connection.run("mark_active", keys, [name, entry, RuleSetKeys.CHANNEL])

    def overview(self) -> list[tuple[str, int, Pointer]]:
        """Each rule set by name: how many revisions it has, and its pointer."""
        names = sorted(name.decode() for name in self._connection.call("SMEMBERS", RuleSetKeys.NAMES))
        counts = self._connection.call_all(("LLEN", RuleSetKeys.revisions(name)) for name in names)
        now, _, pointers = self.poll(UNASKED)
        known = pointers or {}
        return [
            (name, count, (known.get(name) or Pointer(None)).at(now)) for name, count in zip(names, counts, strict=True)
        ]

    def history(self, name: str) -> History:
        """Raises RuleSetNotFound."""
        keys = [RuleSetKeys.revisions(name), RuleSetKeys.activations(name), RuleSetKeys.POINTERS]
        records, entries, now = self._connection.run("history", keys, [name])
        if not records:
            raise _unknown(name)
        activations = [activation for entry in entries if (activation := _activation(entry)) is not None]
        past = tuple(each for each in activations if each.at <= int(now))
        future = [each for each in activations if each.at > int(now)]
        pointer = Pointer(past[-1] if past else None, future[0] if future else None)
        revisions = tuple(_revision(name, number, record) for number, record in enumerate(records, 1))
        return History(name, pointer, revisions, past)

    def revision(self, name: str, number: int) -> Revision:
        """Raises RevisionNotFound and RuleSetNotFound."""
        count, record = self._connection.call_all(
            [
                ("LLEN", RuleSetKeys.revisions(name)),
                ("LINDEX", RuleSetKeys.revisions(name), number - 1),
            ]
        )
        if number < 1 or record is None:
            raise _unknown(name, number, count)
        return _revision(name, number, record)

    def keep(self, version: str, artifact: bytes, sources: Sequence[Source]) -> None:
        """Store a rule set that is not published, for receipts priced under it, unless it is there."""
        names = RuleSetKeys.source_of(version), RuleSetKeys.artifact(version)
        if self._connection.call("EXISTS", *names) < len(names):
            source = _source_bytes(sources)
            digest = sha256(source).hexdigest()
            self._connection.call("SET", RuleSetKeys.source(digest), source)
            self._connection.call("SET", RuleSetKeys.source_of(version), digest)
            self.restore(version, artifact)

    def restore(self, version: str, artifact: bytes) -> None:
        """Store an artifact in the place of one that is lost or damaged."""
        self._connection.call("SET", RuleSetKeys.artifact(version), artifact)

    def kept_source(self, version: str) -> str | None:
        """The digest of the source of a rule set that was kept; None if there is none."""
        digest: bytes | None = self._connection.call("GET", RuleSetKeys.source_of(version))
        return None if digest is None else digest.decode()

    def artifact(self, version: str) -> bytes:
        """The compiled bytes of a version. Raises InvalidArtifact if they are missing or damaged."""
        return self._content(RuleSetKeys.artifact(version), version, f"the artifact of version {version[:8]}")

    def sources(self, digest: str) -> tuple[Source, ...]:
        """The files as published. Raises InvalidArtifact if they are missing or damaged."""
        return sources_of(self.source_bytes(digest))

    def source_bytes(self, digest: str) -> bytes:
        """The same, as stored."""
        return self._content(RuleSetKeys.source(digest), digest, f"the source {digest[:8]}")

    def poll(self, generation: str) -> Polled:
        """The answer to followers that know this generation."""
        self._connection.find_master()  # followers ask every second
        reply = self._connection.run("follow", [RuleSetKeys.GENERATION, RuleSetKeys.POINTERS], [generation])
        now, current, *changed = reply
        pointers = (
            None
            if not changed
            else {name.decode(): _pointer(entry) for name, entry in zip(changed[0][::2], changed[0][1::2], strict=True)}
        )
        return Polled(int(now), current.decode(), pointers)

    def listening(self) -> AbstractContextManager[Callable[[float], bytes | None]]:
        """As `Connection.listening`: a message comes when a pointer may have changed."""
        return self._connection.listening(RuleSetKeys.CHANNEL)

    def _content(self, key: str, digest: str, what: str) -> bytes:
        data: bytes | None = self._connection.call("GET", key)
        if data is None:
            raise InvalidArtifact(f"{what} is not in the store: publish its files again")
        if sha256(data).hexdigest() != digest:
            raise InvalidArtifact(
                f"{what} is damaged in the store (its checksum does not match): publish its files again"
            )
        return data


def sources_of(data: bytes) -> tuple[Source, ...]:
    """The files in a stored source."""
    return tuple(Source(file, text) for file, text in json.loads(data))


def _source_bytes(sources: Sequence[Source]) -> bytes:
    return json.dumps([[source.file, source.text] for source in sources], ensure_ascii=False).encode()


def _unknown(name: str, revision: int = 0, count: int = 0) -> RevisionNotFound | RuleSetNotFound:
    """``count`` is the number of revisions of the rule set."""
    if not count:
        return RuleSetNotFound(f"the store has no rule set {name[:100]!r}")
    return RevisionNotFound(f"{name} has no revision {revision}; the last one is {count}")


def _revision(name: str, number: int, record: bytes) -> Revision:
    published_at, version, source, text = record.decode().split(" ", 3)
    details: dict[str, Any] = json.loads(text)
    findings = tuple(
        PublishedFinding(each["kind"], tuple(each["promotions"]), each["sentence"], each["file"], each["line"])
        for each in details["findings"]
    )
    return Revision(name, number, int(published_at), details["author"], details["note"], version, source, findings)


def _pointer(entry: bytes) -> Pointer | None:
    """None if it is damaged."""
    try:
        return Pointer(*map(_activation, entry.split(b"\n")))
    except (ValueError, TypeError, KeyError):
        return None


def _activation(entry: bytes | None) -> Activation | None:
    if not entry:
        return None
    at, revision, version, verb, text = entry.decode().split(" ", 4)
    details: dict[str, str] = json.loads(text)
    return Activation(int(revision), version, int(at), details["author"], details["note"], verb == "rollback")
