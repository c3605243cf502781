"""Receipts from the stream to Parquet tables, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.service.messages.receipts import paid_quote, sold_cart
from engine.store.receipt_store import AnyEntry
from engine.store.receipt_tables import ReadSale, ReceiptTables
from engine.store.receipts import Receipt


class Exported(NamedTuple):
    """How many entries were written, the id of the last (empty if there was none), and the tables."""

    entries: int
    last: str
    paths: tuple[Path, ...]


def export(
    batches: Iterable[Sequence[AnyEntry]], output: Path, done: Callable[[Sequence[str]], None] | None = None
) -> Exported:
    """Writes the entries as tables beside ``output``, then passes their ids to ``done``.

    Raises OSError, FileExistsError among them, InvalidReceipt, and what reading the batches raises.
    """
    entries, last = 0, ""
    ids: list[str] = []
    with ReceiptTables(output) as tables:
        for batch in batches:
            tables.add(batch, _read)
            entries, last = entries + len(batch), batch[-1].id
            if done is not None:
                ids += [entry.id for entry in batch]
        tables.finish()
    if done is not None:
        done(ids)
    return Exported(entries, last, tuple(tables.paths.values()))


def _read(receipt: Receipt) -> ReadSale:
    cart = sold_cart(receipt)
    return ReadSale(paid_quote(receipt), cart.customer.id, cart.channel)
