"""Where the receipts of one rule set lie: found by key, read by range, returns appended. Nothing is ever changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine.errors import InvalidReceipt, ReceiptNotFound
from engine.pricing.returns import Refund
from engine.store.connection import Connection
from engine.store.keys import RedemptionKeys
from engine.store.receipts import Receipt, ReturnReceipt, decode, encode

FIRST, LAST = "-", "+"
"""Where a range begins that has no first entry, and ends that has no last."""


class Entry(NamedTuple):
    """A receipt as it lies in the stream; ``id`` begins with the millisecond (since 1970 UTC) it was committed."""

    id: str
    receipt: Receipt | ReturnReceipt

    @property
    def committed(self) -> int:
        return int(self.id.partition("-")[0])


class Sale(NamedTuple):
    """A receipt, and the entries of all that came back of it, in order."""

    receipt: Receipt
    returns: tuple[Entry, ...]

    @property
    def refunds(self) -> list[Refund]:
        return [each.receipt.refund for each in self.returns if isinstance(each.receipt, ReturnReceipt)]


class ReceiptStore:
    """The receipts of a rule set. Any thread may call it; every method raises what `Connection` raises."""

    def __init__(self, connection: Connection, rule_set: str) -> None:
        self._connection = connection
        self._keys = RedemptionKeys(rule_set)

    def between(self, first: str = FIRST, last: str = LAST, batch: int = 500) -> Iterator[list[Entry]]:
        """All entries from ``first`` to ``last``, both in, a batch at a time in the order committed.

        ``(ID`` is just behind an entry. Raises InvalidReceipt.
        """
        while found := self._connection.call("XRANGE", self._keys.receipts, first, last, "COUNT", batch):
            entries = [entry_of(*each) for each in found]
            yield entries
            first = f"({entries[-1].id}"

    def count(self) -> int:
        """How many entries there are, in all."""
        return int(self._connection.call("XLEN", self._keys.receipts))

    def sale(self, key: str) -> Sale:
        """The receipt of a key. Raises ReceiptNotFound and InvalidReceipt."""
        id, returned = self._connection.call_all(
            [("HGET", self._keys.receipt_ids, key), ("HGET", self._keys.returned, key)]
        )
        receipt = None if id is None else self._entry(id.decode()).receipt
        if not isinstance(receipt, Receipt):
            raise ReceiptNotFound(f"no receipt has the key {key[:100]!r}")
        return Sale(receipt, tuple(map(self._entry, (returned or b"").decode().split())))

    def return_of(self, key: str) -> ReturnReceipt | None:
        """The return of a key of its own. Raises ReceiptNotFound, when it is no longer there, and InvalidReceipt."""
        id = self._connection.call("HGET", self._keys.return_ids, key)
        return None if id is None else self._return(id.decode())

    def append_return(self, receipt: ReturnReceipt, sale: Sale) -> ReturnReceipt | None:
        """Appends a return worked out from what the sale was; what its key stands for, which may be an earlier one.

        None: another return of the sale came between. Raises ReceiptNotFound and InvalidReceipt.
        """
        seen = " ".join(each.id for each in sale.returns)
        keys = [self._keys.receipts, self._keys.return_ids, self._keys.returned]
        arguments: list[str | bytes] = [receipt.key, receipt.receipt_key, seen, *encode(receipt)]
        said, *id = self._connection.run("return", keys, arguments)
        return None if said == b"moved" else self._return(id[0].decode())

    def _return(self, id: str) -> ReturnReceipt:
        receipt = self._entry(id).receipt
        if not isinstance(receipt, ReturnReceipt):
            raise ReceiptNotFound(f"the entry {id} of the receipts is no return")
        return receipt

    def _entry(self, id: str) -> Entry:
        found = self._connection.call("XRANGE", self._keys.receipts, id, id)
        if not found:
            raise ReceiptNotFound(f"the entry {id} is no longer among the receipts")
        return entry_of(*found[0])


def entry_of(id: bytes, fields: Mapping[bytes, bytes]) -> Entry:
    """Raises InvalidReceipt, naming the entry."""
    try:
        return Entry(id.decode(), decode(fields))
    except InvalidReceipt as error:
        raise InvalidReceipt(f"{id.decode()}: {error}") from None


def rule_sets_with_receipts(connection: Connection) -> list[str]:
    """Names of rule sets, in order; goes through all keys, so it is for people."""
    prefix, suffix = RedemptionKeys("*").receipts.split("*")
    found = {key.decode().removeprefix(prefix).removesuffix(suffix) for key in connection.scan(f"{prefix}*{suffix}")}
    return sorted(found)
