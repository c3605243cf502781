"""Deleting old receipts, each sale together with its returns."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from engine.errors import CartwrightError
from engine.store.connection import Connection
from engine.store.jitter import jittered
from engine.store.keys import RedemptionKeys

_BATCH = 100
"""Entries that one script examines, which takes Redis a few milliseconds."""
_EVERY = 3_600.0
"""Seconds between two rounds."""
_AGAIN = 60.0
"""Seconds after which a failed round starts again."""

_log = logging.getLogger(__name__)


class Trimmed(NamedTuple):
    """Deleted entries, including returns; and the consumer group that has yet to acknowledge older ones, if any."""

    entries: int
    held_by: str


class _Round(NamedTuple):
    """Part of a round: entries deleted, the entry to continue after (empty: finished), the group that keeps some."""

    entries: int
    after: str
    held_by: str


def trim(connection: Connection, rule_set: str, kept: int) -> Trimmed:
    """Delete the receipts of a rule set that are older than so many milliseconds.

    A sale is deleted with its returns once the last of them is old enough, so every receipt kept replays and can be
    returned as before. Entries that a consumer group has not acknowledged stay, as do all after them. Raises what
    `Connection` raises.
    """
    return _summed(_rounds(connection, rule_set, kept, "trim"))


def trimmable(connection: Connection, rule_set: str, kept: int) -> Trimmed:
    """What `trim` would delete; changes nothing."""
    return _summed(_rounds(connection, rule_set, kept, "count"))


def _summed(rounds: Iterable[_Round]) -> Trimmed:
    entries, held_by = 0, ""
    for each in rounds:
        entries, held_by = entries + each.entries, each.held_by
    return Trimmed(entries, held_by)


def _rounds(connection: Connection, rule_set: str, kept: int, act: str) -> Iterator[_Round]:
    keys = RedemptionKeys(rule_set)
    names = [keys.receipts, keys.receipt_ids, keys.return_ids, keys.returned]
    after = ""
    while True:
        entries, behind, held_by = connection.run("trim_receipts", names, [kept, after, _BATCH, act])
        after = behind.decode()
        yield _Round(int(entries), after, held_by.decode())
        if not after:
            return


class ReceiptTrimming:
    """Trims the receipts of rule sets once an hour, in batches, so that others in its thread are not delayed."""

    def __init__(self, connection: Connection, kept: int, rule_sets: Callable[[], Iterable[str]]) -> None:
        """``kept`` is in milliseconds."""
        self._connection = connection
        self._kept = kept
        self._rule_sets = rule_sets
        self._begin(0.0)

    def follow(self) -> bool:
        """Trim a batch if it is due; False if the store does not answer."""
        if time.monotonic() < self._next:
            return True
        try:
            for done in self._round:
                self._gone += done.entries
                return True
        except CartwrightError as error:
            _log.warning("old receipts are not deleted: %s", error)
            self._begin(_AGAIN)
            return False
        if self._gone:
            _log.info("%d old receipts were deleted", self._gone)
        self._begin(_EVERY)
        return True

    def _begin(self, seconds: float) -> None:
        self._round = self._over_all()
        self._gone = 0
        self._next = time.monotonic() + jittered(seconds)

    def _over_all(self) -> Iterator[_Round]:
        for name in self._rule_sets():
            yield from _rounds(self._connection, name, self._kept, "trim")
