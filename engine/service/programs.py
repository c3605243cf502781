"""Programs by version: what receipts were priced under, long after it was replaced."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from engine._native.program import Program

_MOST = 8
"""Programs kept in memory."""


class Programs:
    """The programs of artifacts; keeps those asked for last. Any thread may call it."""

    def __init__(self, artifact: Callable[[str], bytes]) -> None:
        """``artifact`` gives the bytes of a version, or raises what it must."""
        self._artifact = artifact
        self._programs: OrderedDict[str, Program] = OrderedDict()
        self._lock = Lock()

    def program(self, version: str) -> Program:
        """Raises InvalidArtifact, and what the store raises."""
        with self._lock:
            found = self._programs.get(version)
            if found is None:
                found = self._programs[version] = Program.load(self._artifact(version))
                if len(self._programs) > _MOST:
                    self._programs.popitem(last=False)
            self._programs.move_to_end(version)
            return found
