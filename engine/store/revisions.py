"""What the store keeps of a rule set: its revisions, which of them is active since when, and what is scheduled.

Moments are microseconds since 1970 by Redis' clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from engine.rules import CheckedRules, Source


class PublishedFinding(NamedTuple):
    """What lint found when a revision was published; ``file`` and ``line`` are where its first promotion stands."""

    kind: str
    promotions: tuple[str, ...]
    sentence: str
    file: str
    line: int


class Publication(NamedTuple):
    """A rule set that may be published; ``version`` is the SHA-256 of its artifact."""

    rules: CheckedRules
    sources: tuple[Source, ...]
    artifact: bytes
    version: str
    findings: tuple[PublishedFinding, ...]


class Revision(NamedTuple):
    """A rule set as it was published once; ``number`` counts from 1.

    ``version`` is the SHA-256 of its compiled bytes, ``source`` that of what was published.
    """

    rule_set: str
    number: int
    published_at: int
    author: str
    note: str
    version: str
    source: str
    findings: tuple[PublishedFinding, ...] = ()


class Activation(NamedTuple):
    """From the moment ``at`` on, a revision is the one to price by, until the next activation."""

    revision: int
    version: str
    at: int
    author: str = ""
    note: str = ""
    rollback: bool = False


class Pointer(NamedTuple):
    """What is active of a rule set, and what is scheduled."""

    active: Activation | None
    scheduled: Activation | None = None

    def at(self, moment: int) -> Pointer:
        """As it is at a moment: what was scheduled until then is active."""
        due = self.scheduled is not None and self.scheduled.at <= moment
        return Pointer(self.scheduled) if due else self


class Activated(NamedTuple):
    """What a call made of a pointer; ``changed`` is False when all was so already."""

    pointer: Pointer
    withdrawn: Activation | None
    changed: bool


class History(NamedTuple):
    """All of a rule set: its revisions in the order published, its activations up to now in theirs."""

    name: str
    pointer: Pointer
    revisions: tuple[Revision, ...]
    activations: tuple[Activation, ...]


def before_active(activations: Iterable[Activation]) -> Activation | None:
    """What was active before the last one; a rollback is not gone back over, but leads on to what was before its own.

    After 1, 2, 3 and a rollback to 2 it is 1.
    """
    stack: list[Activation] = []
    for each in activations:
        numbers = [earlier.revision for earlier in stack]
        if each.rollback and each.revision in numbers:
            del stack[len(numbers) - numbers[::-1].index(each.revision) :]
        else:
            stack.append(each)
    return stack[-2] if len(stack) > 1 else None
