"""Rule sets in Redis."""

from __future__ import annotations

from engine.errors import InvalidArtifact
from engine.store.connection import Connection
from engine.store.keys import RuleSetKeys


class RuleSetStore:
    """The rule sets behind a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def artifact(self, version: str) -> bytes:
        """The compiled bytes of a version. Raises InvalidArtifact when they are not there."""
        found: bytes | None = self._connection.call("GET", RuleSetKeys.artifact(version))
        if found is None:
            raise InvalidArtifact(f"the artifact of version {version[:8]} is not in the store")
        return found
