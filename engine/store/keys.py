"""The name of every key in Redis; docs/redis.md has the table of their types, lifetimes and sizes.

What one script or transaction touches together has one hash tag, and so one slot of a Cluster: all rule sets together
(``{rules}``), and of each rule set all that is redeemed of it (``{NAME}``).
"""

from __future__ import annotations

_PREFIX = "cartwright"


class RuleSetKeys:
    """Where rule sets are kept: artifacts and their sources by hash, histories and pointers by name."""

    TAG = f"{_PREFIX}:{{rules}}"
    NAMES = f"{TAG}:names"
    """The rule sets there are."""
    GENERATION = f"{TAG}:generation"
    """Changes whenever a pointer does: the one thing that followers poll."""
    POINTERS = f"{TAG}:pointers"
    """By rule set, what is active and what is scheduled."""
    CHANNEL = f"{TAG}:changed"
    """Where the generation is told as a hint."""

    @classmethod
    def artifact(cls, version: str) -> str:
        return f"{cls.TAG}:artifact:{version}"

    @classmethod
    def source(cls, digest: str) -> str:
        return f"{cls.TAG}:source:{digest}"

    @classmethod
    def revisions(cls, name: str) -> str:
        return f"{cls.TAG}:revisions:{name}"

    @classmethod
    def activations(cls, name: str) -> str:
        return f"{cls.TAG}:activations:{name}"


class RedemptionKeys:
    """Where all that is redeemed of one rule set is kept."""

    def __init__(self, rule_set: str) -> None:
        self.tag = f"{_PREFIX}:{{{rule_set}}}"
