"""The name of every key in Redis; docs/redis.md has the table of their types, lifetimes and sizes.

What one script or transaction touches together has one hash tag, and so one slot of a Cluster: all rule sets together
(``{rules}``), and of each rule set all that is redeemed of it (``{NAME}``).
"""

from __future__ import annotations

_PREFIX = "cartwright"


class RuleSetKeys:
    """Where rule sets are kept: artifacts and their sources by hash, histories and pointers by name."""

    TAG = f"{_PREFIX}:{{rules}}"


class RedemptionKeys:
    """Where all that is redeemed of one rule set is kept."""

    def __init__(self, rule_set: str) -> None:
        self.tag = f"{_PREFIX}:{{{rule_set}}}"
