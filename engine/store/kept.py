"""The last good revision of each rule set on local disk, with which a replica starts while Redis is unavailable."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from engine.errors import InvalidArtifact

_SUFFIX = ".revision"
_DRAFT = "[0-9a-f]" * 8
_ABANDONED = 3_600.0
"""Seconds after which a draft is taken for one of a process that was killed."""

_log = logging.getLogger(__name__)


class StoredRevision(NamedTuple):
    """A revision with everything needed to serve it: its compiled bytes, and its source as the store has it."""

    name: str
    number: int
    version: str
    artifact: bytes
    source: bytes


class KeptRevisions:
    """A folder with one file per rule set: a line of JSON, the artifact, the source. Processes may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, revision: StoredRevision) -> None:
        """Replace the file of the rule set in one step. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        head = {
            "name": revision.name,
            "number": revision.number,
            "version": revision.version,
            "source": sha256(revision.source).hexdigest(),
            "artifact_bytes": len(revision.artifact),
        }
        path = self._folder / f"{revision.name}{_SUFFIX}"
        draft = path.with_name(f"{path.name}.{token_hex(4)}")  # processes in containers may have the same number
        self._tidy(path.name)
        try:
            with draft.open("xb") as file:
                file.write(json.dumps(head).encode() + b"\n" + revision.artifact + revision.source)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    def _tidy(self, name: str) -> None:
        for draft in self._folder.glob(f"{name}.{_DRAFT}"):
            with suppress(FileNotFoundError):  # another process tidies, too
                if time.time() - draft.stat().st_mtime > _ABANDONED:
                    draft.unlink()

    def all(self) -> Iterator[StoredRevision]:
        """The revisions that are intact; others are logged."""
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            try:
                yield _read(path.read_bytes())
            except (OSError, InvalidArtifact) as error:
                _log.warning("%s cannot be used: %s", path, error)


def _read(data: bytes) -> StoredRevision:
    line, _, content = data.partition(b"\n")
    try:
        head = json.loads(line)
        name, number, version = head["name"], head["number"], head["version"]
        digest, size = head["source"], head["artifact_bytes"]
    except (ValueError, TypeError, KeyError):
        raise InvalidArtifact("it is not a revision") from None
    artifact, source = content[:size], content[size:]
    if sha256(artifact).hexdigest() != version or sha256(source).hexdigest() != digest:
        raise InvalidArtifact("a checksum does not match")
    return StoredRevision(name, number, version, artifact, source)
