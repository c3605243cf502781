"""The differences between two rule sets in a marketer's terms: a new promotion, ``percent 10 → 12``.

Checked rules are compared, not lines of YAML: the order of a file, its comments and its spacing change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.rules.checked import CheckedRules
from engine.rules.description import KINDS, Fact, Facts, describe

_MOST_ENTRIES = 20
"""The most entries of a list that are named one by one."""


class Change(NamedTuple):
    """One difference. ``kind`` is one of KINDS; ``part`` is what changed, in the terms of rule files.

    ``part`` is empty when it is new (there is no ``before``) or gone (no ``after``) as a whole. Of a list the entries
    that are gone and those that are new are a change each.
    """

    kind: str
    name: str
    part: str
    before: str
    after: str

    @property
    def sentence(self) -> str:
        """``promotion ten-off: percent 10 → 12``."""
        subject = f"{self.kind} {self.name}"
        if not self.part:
            return f"{subject} is new: {self.after}" if self.after else f"{subject} is gone: {self.before}"
        if not self.before:
            return f"{subject}: {self.part} added: {self.after}"
        if not self.after:
            return f"{subject}: {self.part} removed: {self.before}"
        return f"{subject}: {self.part} {self.before} → {self.after}"


def diff(before: CheckedRules, after: CheckedRules) -> tuple[Change, ...]:
    """All differences: the rule set as a whole first, promotions last, names in their order."""
    old, new = describe(before), describe(after)
    if before.name != after.name:  # not another rule set, only another name
        old["rule set", after.name] = {**old.pop(("rule set", before.name)), "ruleset": before.name}
        new["rule set", after.name] |= {"ruleset": after.name}
    keys = sorted({*old, *new}, key=lambda key: (KINDS.index(key[0]), key[1]))
    return tuple(change for key in keys for change in _changes(key, old.get(key), new.get(key)))


def _changes(key: tuple[str, str], before: Facts | None, after: Facts | None) -> Iterator[Change]:
    if before is None or after is None:
        yield Change(*key, "", _summary(before or {}), _summary(after or {}))
        return
    for part in dict.fromkeys((*before, *after)):
        old, new = before.get(part, ""), after.get(part, "")
        if isinstance(old, str) and isinstance(new, str):
            if old != new:
                yield Change(*key, part, old, new)
            continue
        gone, come = (_listed(_without(*pair)) for pair in ((old, new), (new, old)))
        if gone:
            yield Change(*key, part, gone, "")
        if come:
            yield Change(*key, part, "", come)


def _without(entries: Fact, others: Fact) -> list[str]:
    known = _entries(others)
    return [each for each in _entries(entries) if each not in known]


def _entries(fact: Fact) -> dict[str, None]:
    return dict.fromkeys(() if isinstance(fact, str) else fact)


def _listed(entries: Iterable[str]) -> str:
    listed = list(entries)
    more = len(listed) - _MOST_ENTRIES
    return ", ".join(listed[:_MOST_ENTRIES]) + (f" and {more:,} more" if more > 0 else "")


def _summary(facts: Facts) -> str:
    return "; ".join(f"{part} {each if isinstance(each, str) else _listed(each)}" for part, each in facts.items())
