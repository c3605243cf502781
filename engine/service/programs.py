"""Programs by version: what receipts were priced under, long after it was replaced."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from engine._native.program import Program

_MOST = 8
"""Programs kept in memory."""


class Programs:
    """The programs of artifacts; keeps those asked for last. Any thread may call it."""

    def __init__(self, artifact: Callable[[str], bytes]) -> None:
        """``artifact`` gives the bytes of a version, or raises what it must."""
        self.program: Callable[[str], Program] = lru_cache(_MOST)(lambda version: Program.load(artifact(version)))
        """That of a version. Raises InvalidArtifact, and what the store raises."""
