"""What the store keeps of a rule set: its revisions, the active one since when, and what is scheduled.

Moments are microseconds since 1970 by Redis' clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from engine.rules import CheckedRules, Source


class PublishedFinding(NamedTuple):
    """A finding of lint at publication; ``file`` and ``line`` are the place of its first promotion."""

    kind: str
    promotions: tuple[str, ...]
    sentence: str
    file: str
    line: int


class Publication(NamedTuple):
    """A rule set that can be published; ``version`` is the SHA-256 of its artifact."""

    rules: CheckedRules
    sources: tuple[Source, ...]
    artifact: bytes
    version: str
    findings: tuple[PublishedFinding, ...]


class Revision(NamedTuple):
    """A rule set as it was published; ``number`` counts from 1.

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
    """From the moment ``at`` until the next activation, this revision prices."""

    revision: int
    version: str
    at: int
    author: str = ""
    note: str = ""
    rollback: bool = False


class Pointer(NamedTuple):
    """The active and the scheduled activation of a rule set."""

    active: Activation | None
    scheduled: Activation | None = None

    def at(self, moment: int) -> Pointer:
        """The pointer at a moment: what was scheduled for then or earlier is active."""
        due = self.scheduled is not None and self.scheduled.at <= moment
        return Pointer(self.scheduled) if due else self


class Activated(NamedTuple):
    """The pointer after a call; ``changed`` is False if the call changed nothing."""

    pointer: Pointer
    withdrawn: Activation | None
    changed: bool


class History(NamedTuple):
    """A rule set's revisions in the order published, and its activations up to now in order."""

    name: str
    pointer: Pointer
    revisions: tuple[Revision, ...]
    activations: tuple[Activation, ...]


def before_active(activations: Iterable[Activation]) -> Activation | None:
    """The activation to which a rollback goes. After a rollback, it is what was active before the revision restored.

    After 1, 2, 3 and a rollback to 2 it is 1.
    """
    stack: list[Activation] = []
    for each in activations:
        backwards = range(len(stack) - 1, -1, -1) if each.rollback else ()
        found = next((place for place in backwards if stack[place].revision == each.revision), None)
        if found is None:
            stack.append(each)
        else:
            del stack[found + 1 :]
    return stack[-2] if len(stack) > 1 else None
