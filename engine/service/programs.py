"""Programs by version: those that receipts were priced under, long after they were replaced."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from engine._native.program import Program

_MOST = 8
"""Programs kept in memory."""


class Programs:
    """Loads programs and caches those used last. Any thread may call it."""

    def __init__(self, artifact: Callable[[str], bytes]) -> None:
        """``artifact`` returns the bytes of a version, or raises."""
        self.program: Callable[[str], Program] = lru_cache(_MOST)(lambda version: Program.load(artifact(version)))
        """The program of a version. Raises InvalidArtifact, and what ``artifact`` raises."""
