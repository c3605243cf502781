"""The receipts of one rule set: found by key, read by range; returns are appended. Entries never change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from engine.errors import InvalidReceipt, ReceiptNotFound
from engine.pricing.returns import Refund
from engine.rules.check import NAME
from engine.store.connection import Connection, Value
from engine.store.counting import Kind
from engine.store.keys import RedemptionKeys
from engine.store.receipts import AnyReceipt, Receipt, ReturnReceipt, decode, encode
from engine.store.retention import RETENTION

AReceipt = TypeVar("AReceipt", bound=AnyReceipt, covariant=True)

FIRST = "-"
"""The bound of a range that begins with the first entry."""


class Entry(NamedTuple, Generic[AReceipt]):
    """An entry of the stream; ``id`` begins with ``committed``, the millisecond of its commit since 1970 UTC."""

    id: str
    receipt: AReceipt

    @property
    def committed(self) -> int:
        return int(self.id.partition("-")[0])


AnyEntry: TypeAlias = Entry[AnyReceipt]


class Sale(NamedTuple):
    """A receipt and its returns, in order."""

    sold: Entry[Receipt]
    returns: tuple[Entry[ReturnReceipt], ...]

    @property
    def refunds(self) -> list[Refund]:
        return [each.receipt.refund for each in self.returns]


class ReceiptStore:
    """The receipts of a rule set. Any thread may call it; every method raises what `Connection` raises."""

    def __init__(self, connection: Connection, rule_set: str) -> None:
        self._connection = connection
        self._keys = RedemptionKeys(rule_set)

    def batches(self, first: str = FIRST, size: int = 500) -> Iterator[list[AnyEntry]]:
        """The entries from ``first`` on, in batches, in the order committed.

        ``(ID`` excludes the entry ID. Raises InvalidReceipt.
        """
        while found := self._connection.call("XRANGE", self._keys.receipts, first, "+", "COUNT", size):
            entries = [entry_of(*each) for each in found]
            yield entries
            first = f"({entries[-1].id}"

    def count(self) -> int:
        """The number of entries."""
        return int(self._connection.call("XLEN", self._keys.receipts))

    def sale(self, key: str) -> Sale:
        """The receipt with this key, and its returns. Raises ReceiptNotFound and InvalidReceipt."""
        id, returned = self._connection.call_all(
            [("HGET", self._keys.receipt_ids, key), ("HGET", self._keys.returned, key)]
        )
        if id is None:
            raise ReceiptNotFound(f"there is no receipt with the key {key[:100]!r}")
        returns = tuple(self._entry(each, ReturnReceipt) for each in (returned or b"").split())
        return Sale(self._entry(id, Receipt), returns)

    def return_of(self, key: str) -> ReturnReceipt | None:
        """The return with this key, None if there is none. Raises InvalidReceipt, and ReceiptNotFound if deleted."""
        id = self._connection.call("HGET", self._keys.return_ids, key)
        return None if id is None else self._entry(id, ReturnReceipt).receipt

    def append_return(self, receipt: ReturnReceipt, sale: Sale) -> ReturnReceipt | None:
        """Appends a return that was computed from ``sale``, and gives back budgets and uses.

        Returns the return that has the key, which may be an earlier one; None if another return of the sale came first.
        Raises ReceiptNotFound and InvalidReceipt.
        """
        names, sold = self._keys, sale.sold.receipt
        seen = " ".join(each.id for each in sale.returns)
        given_back = json.dumps(list(self._given_back(sale, receipt.refund)))
        keys = [*names.common, names.receipts, names.return_ids, names.returned, names.cart(sold.cart_id)]
        head: list[Value] = [RETENTION, receipt.key, sold.key, seen, sold.cart_id, given_back]
        said, *id = self._connection.run("return", keys, [*head, *encode(receipt)])
        return None if said == b"moved" else self._entry(id[0], ReturnReceipt).receipt

    def _given_back(self, sale: Sale, refund: Refund) -> Iterator[tuple[str, str, str]]:
        """Counters to be lowered: key, field, and amount as a text, because numbers in Lua are floats."""
        sold = sale.sold.receipt
        now = {each.promotion_id: each for each in refund.taken_back}
        unused = {each.promotion_id for one in (*sale.refunds, refund) for each in one.taken_back if each.use}
        # A code is one use, however many promotions it served; it is given back with the last of them.
        used = {each.code for each in sold.redemptions if each.promotion_id not in unused}
        ended = {each.code for each in sold.redemptions if each.promotion_id in now and now[each.promotion_id].use}
        for redemption in sold.redemptions:
            back = now.get(redemption.promotion_id)
            for key, field, by in redemption.counters:
                match self._keys.counter_of(key).kind:
                    case Kind.SPENT:
                        amount = 0 if back is None else back.amount + back.credit
                    case Kind.UNIQUE:
                        amount = by if redemption.code in ended - used else 0
                    case _:
                        amount = by if back is not None and back.use else 0
                if amount:
                    yield key, field, str(amount)

    def _entry(self, id: bytes, kind: type[AReceipt]) -> Entry[AReceipt]:
        found = self._connection.call("XRANGE", self._keys.receipts, id, id)
        if not found:
            raise ReceiptNotFound(f"entry {id.decode()} is no longer in the store")
        entry = entry_of(*found[0])
        if not isinstance(entry.receipt, kind):
            raise InvalidReceipt(f"{entry.id} is not a {kind.__name__}")
        return Entry(entry.id, entry.receipt)


def entry_of(id: bytes, fields: Mapping[bytes, bytes]) -> AnyEntry:
    """Raises InvalidReceipt, which names the entry."""
    try:
        receipt = decode(fields)
    except InvalidReceipt as error:
        raise InvalidReceipt(f"{id.decode()}: {error}") from None
    return Entry(id.decode(), receipt)


def rule_sets_with_receipts(connection: Connection) -> list[str]:
    """Names of rule sets, in order. Reads all keys: for operators, not for pricing."""
    prefix, suffix = RedemptionKeys("*").receipts.split("*")
    found = {key.decode().removeprefix(prefix).removesuffix(suffix) for key in connection.scan(f"{prefix}*{suffix}")}
    return sorted(filter(NAME.fullmatch, found))  # keys of reservations and customers may end in the same way
