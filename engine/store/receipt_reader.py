"""Receipts for accounting, through a consumer group: each at least once, in order, acknowledged after the work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.store.connection import Connection
from engine.store.keys import RedemptionKeys
from engine.store.receipt_store import AnyEntry, entry_of

IDLE = 60_000
"""Milliseconds after which another consumer may take over what a consumer has not acknowledged."""
_ACKNOWLEDGED = 1_000
"""Ids in one command."""
_NEW = ">"


class ReceiptReader:
    """Reads the receipts of a rule set as ``consumer`` of ``group``; a new group begins with the first receipt.

    A group remembers what was acknowledged, so its next reader continues there. A single consumer gets the receipts in
    the order committed; several consumers share them, each in order. Raises what `Connection` raises.
    """

    def __init__(self, connection: Connection, rule_set: str, group: str, consumer: str, idle: int = IDLE) -> None:
        self._connection = connection
        self._key = RedemptionKeys(rule_set).receipts
        self._group = group
        self._consumer = consumer
        self._idle = idle
        connection.run("join_group", [self._key], [group])

    def batches(self, size: int = 500) -> Iterator[list[AnyEntry]]:
        """Batches of entries until there are no more. Raises InvalidReceipt.

        First come entries that this consumer never acknowledged or takes over from consumers that fell silent, in the
        order committed; then entries that nobody has read.
        """
        self._take_over(size)
        last = "0"
        while True:
            entries = self._read(last, size)
            if not entries:
                entries = self._read(_NEW, size)
                if not entries:
                    return
                # A command sent twice may give its second reply; the entries of the first are then among our own.
                if self._read(last, 1)[:1] != entries[:1]:
                    continue
            last = entries[-1].id
            yield entries

    def acknowledge(self, ids: Sequence[str]) -> None:
        """Mark these entries as done: the group will not deliver them again."""
        for first in range(0, len(ids), _ACKNOWLEDGED):
            self._connection.call("XACK", self._key, self._group, *ids[first : first + _ACKNOWLEDGED])

    def _take_over(self, size: int) -> None:
        cursor = b"0-0"
        while True:
            cursor = self._connection.run(
                "take_over", [self._key], [self._group, self._consumer, self._idle, cursor, size]
            )
            if cursor == b"0-0":
                return

    def _read(self, after: str, size: int) -> list[AnyEntry]:
        """New entries; or, after an id, our unacknowledged ones, without those that were deleted."""
        options = ("GROUP", self._group, self._consumer, "COUNT", size, "STREAMS", self._key, after)
        found = self._connection.call("XREADGROUP", *options)
        entries = found[0][1] if found else []
        self.acknowledge([id.decode() for id, fields in entries if not fields])
        return [entry_of(id, fields) for id, fields in entries if fields]
