"""Where the receipts of one rule set lie: found by key, read by range, returns appended. Nothing is ever changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from engine.errors import InvalidReceipt, ReceiptNotFound
from engine.pricing.returns import Refund
from engine.store.connection import Connection, Value
from engine.store.counting import Kind
from engine.store.keys import RedemptionKeys
from engine.store.receipts import AnyReceipt, Receipt, ReturnReceipt, decode, encode
from engine.store.retention import RETENTION

AReceipt = TypeVar("AReceipt", bound=AnyReceipt, covariant=True)

FIRST, LAST = "-", "+"
"""Where a range begins that has no first entry, and ends that has no last."""


class Entry(NamedTuple, Generic[AReceipt]):
    """A receipt as it lies in the stream; ``id`` begins with the millisecond, since 1970 UTC, it was ``committed``."""

    id: str
    receipt: AReceipt

    @property
    def committed(self) -> int:
        return int(self.id.partition("-")[0])


AnyEntry: TypeAlias = Entry[AnyReceipt]


class Sale(NamedTuple):
    """A receipt, and all that came back of it, in order."""

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

    def between(self, first: str = FIRST, last: str = LAST, batch: int = 500) -> Iterator[list[AnyEntry]]:
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
        """The receipt of a key, and its returns. Raises ReceiptNotFound and InvalidReceipt."""
        id, returned = self._connection.call_all(
            [("HGET", self._keys.receipt_ids, key), ("HGET", self._keys.returned, key)]
        )
        if id is None:
            raise ReceiptNotFound(f"there is no receipt with the key {key[:100]!r}")
        returns = tuple(self._entry(each, ReturnReceipt) for each in (returned or b"").split())
        return Sale(self._entry(id, Receipt), returns)

    def return_of(self, key: str) -> ReturnReceipt | None:
        """The return that has this key. Raises ReceiptNotFound, when it is no longer there, and InvalidReceipt."""
        id = self._connection.call("HGET", self._keys.return_ids, key)
        return None if id is None else self._entry(id, ReturnReceipt).receipt

    def append_return(self, receipt: ReturnReceipt, sale: Sale) -> ReturnReceipt | None:
        """Appends a return that was worked out from the sale as given, and gives back budgets and uses.

        What the key of the return stands for, maybe an earlier one; None: another return of the sale came between.
        Raises ReceiptNotFound and InvalidReceipt.
        """
        names, sold = self._keys, sale.sold.receipt
        seen = " ".join(each.id for each in sale.returns)
        given_back = json.dumps(list(self._given_back(sale, receipt.refund)))
        keys = [names.ledger, names.open, names.changes, names.receipts, names.return_ids, names.returned]
        head: list[Value] = [RETENTION, receipt.key, sold.key, seen, sold.cart_id, given_back]
        said, *id = self._connection.run("return", [*keys, names.cart(sold.cart_id)], [*head, *encode(receipt)])
        return None if said == b"moved" else self._entry(id[0], ReturnReceipt).receipt

    def _given_back(self, sale: Sale, refund: Refund) -> Iterator[tuple[str, str, str]]:
        """Counters to be lowered: key, field, and by how much, as a text since Lua's numbers are floats."""
        sold = sale.sold.receipt
        now = {each.promotion_id: each for each in refund.taken_back}
        unused = {each.promotion_id for one in (*sale.refunds, refund) for each in one.taken_back if each.use}
        # A code is one use, however many promotions it served: given back with the last of them.
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
    """Raises InvalidReceipt, naming the entry."""
    try:
        receipt = decode(fields)
    except InvalidReceipt as error:
        raise InvalidReceipt(f"{id.decode()}: {error}") from None
    return Entry(id.decode(), receipt)


def rule_sets_with_receipts(connection: Connection) -> list[str]:
    """Names of rule sets, in order; goes through all keys, so it is for people."""
    prefix, suffix = RedemptionKeys("*").receipts.split("*")
    found = {key.decode().removeprefix(prefix).removesuffix(suffix) for key in connection.scan(f"{prefix}*{suffix}")}
    return sorted(found)
