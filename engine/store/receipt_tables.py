"""Receipts as Parquet tables that join by ``entry``: one row per receipt, line and adjustment.

Money is in whole minor units with the currency beside it. A return has negative figures, so sums over sales and returns
are what was kept. The table of receipts has each entry in full, so it can be read back from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from errno import EIO, ENOENT
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeAlias

import polars as pl

from engine.errors import InvalidReceipt
from engine.pricing.quote import Adjustment, Quote
from engine.pricing.returns import TakenBack
from engine.store.drafts import Drafts, clear
from engine.store.new_file import check_free, put_in_place, take_away
from engine.store.receipt_store import AnyEntry, entry_of
from engine.store.receipts import AnyReceipt, Receipt, ReturnReceipt, fields_of

_Schema: TypeAlias = dict[str, Any]
_ENTRY: _Schema = {"entry": pl.String, "currency": pl.String}
"""Columns with which every table begins."""
_FIGURES: _Schema = {
    "committed": pl.Datetime("ms", "UTC"),
    "customer_id": pl.String,
    "channel": pl.String,
    "merchandise": pl.Int64,
    "subtotal": pl.Int64,
    "shipping_price": pl.Int64,
    "shipping": pl.Int64,
    "total": pl.Int64,
    "points": pl.Int64,
    "credit": pl.Int64,
}
_FIELDS: _Schema = {
    "format": pl.Int64,
    "kind": pl.String,
    "key": pl.String,
    "receipt_key": pl.String,
    "cart_id": pl.String,
    "rule_set": pl.String,
    "version": pl.String,
    "revision": pl.Int64,
    "at": pl.Int64,
    "units": pl.String,
    "redemptions": pl.String,
    "refund": pl.String,
    "cart": pl.Binary,
    "quote": pl.Binary,
}
"""The fields of the entry itself (engine/store/receipts.py) except its currency; null if its kind has none."""
_LINES: _Schema = {
    "line_id": pl.String,
    "sku": pl.String,
    "quantity": pl.Int64,
    "merchandise": pl.Int64,
    "subtotal": pl.Int64,
}
_SHARES = pl.List(pl.Struct({"id": pl.String, "amount": pl.Int64}))
_ADJUSTMENTS: _Schema = {
    "layer": pl.String,
    "promotion_id": pl.String,
    "promotion_name": pl.String,
    "coupon": pl.String,
    "amount": pl.Int64,
    "points": pl.Int64,
    "credit": pl.Int64,
    "gift_sku": pl.String,
    "gift_quantity": pl.Int64,
    "shares": _SHARES,
    "shipment_shares": _SHARES,
}
_TABLES = {"": _ENTRY | _FIGURES | _FIELDS, "lines": _ENTRY | _LINES, "adjustments": _ENTRY | _ADJUSTMENTS}
_Row: TypeAlias = tuple[Any, ...]


class ReadSale(NamedTuple):
    """The quote of a receipt, and the customer and channel of its cart."""

    quote: Quote
    customer_id: str
    channel: str


class _Rows(NamedTuple):
    """The rows that one entry adds, without the common columns and its own fields."""

    currency: str
    figures: _Row
    lines: list[_Row]
    adjustments: list[_Row]


class ReceiptTables:
    """Writes ``NAME.parquet``, ``NAME.lines.parquet`` and ``NAME.adjustments.parquet`` in batches.

    Batches become part files in a folder beside them, so that memory holds one batch; `finish` joins the parts into
    tables, and without it there are none. Use it in a ``with``.
    """

    def __init__(self, output: Path) -> None:
        """``output`` is ``NAME.parquet``. Raises FileExistsError if one of the tables exists, and OSError."""
        self.paths = {name: output.with_suffix(f".{name}.parquet" if name else ".parquet") for name in _TABLES}
        if not output.parent.is_dir():
            raise FileNotFoundError(ENOENT, "the folder does not exist", str(output.parent))
        done = self.paths[""].exists()  # with its last table an export is complete
        clear(output, () if done else self.paths.values())
        for path in self.paths.values():
            check_free(path)
        self._drafts = Drafts(output)
        self._batches = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._drafts.close()

    def add(self, batch: Iterable[AnyEntry], read: Callable[[Receipt], ReadSale]) -> None:
        """Adds a batch; ``read`` reads the bytes of a receipt. Raises OSError and what ``read`` raises."""
        tables: list[list[_Row]] = [[] for _ in _TABLES]
        for entry in batch:
            of = _of_sale(read(entry.receipt)) if isinstance(entry.receipt, Receipt) else _of_return(entry.receipt)
            head = entry.id, of.currency
            rows = [(entry.committed, *of.figures, *_fields(entry.receipt))], of.lines, of.adjustments
            for table, more in zip(tables, rows, strict=True):
                table.extend((*head, *row) for row in more)
        self._write(tables)

    def finish(self) -> None:
        """Makes the tables of all batches; all of them appear, the receipts last, or none.

        Raises FileExistsError, also for tables that another export has made meanwhile, and OSError.
        """
        if not self._batches:
            self._write([[] for _ in _TABLES])
        whole = {self._joined(name, path): path for name, path in reversed(self.paths.items())}
        try:
            for draft, path in whole.items():
                put_in_place(draft, path)
        except BaseException:
            for draft, path in whole.items():
                take_away(draft, path)
            raise

    def _joined(self, name: str, path: Path) -> Path:
        parts = [self._part(name, batch) for batch in range(1, self._batches + 1)]
        whole = self._drafts.folder / path.name
        with _writing(path):
            pl.scan_parquet(parts).sink_parquet(whole)
        return whole

    def _write(self, tables: list[list[_Row]]) -> None:
        self._batches += 1
        for (name, schema), rows in zip(_TABLES.items(), tables, strict=True):
            table = pl.DataFrame(rows, schema, orient="row")
            with _writing(self.paths[name]):
                table.write_parquet(self._part(name, self._batches))

    def _part(self, name: str, batch: int) -> Path:
        return self._drafts.folder / f"{name or 'receipts'}-{batch:08}"


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Raises OSError, which names the table, for what polars raises if the disk is full."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        raise OSError(EIO, f"cannot be written: {error}", str(path)) from None


def exported_entries(path: Path, batch: int = 500) -> Iterator[list[AnyEntry]]:
    """The entries in a table of receipts, in batches. Raises InvalidReceipt and OSError."""
    table = pl.scan_parquet(path)
    for offset in count(0, batch):
        try:
            rows = table.select("entry", "currency", *_FIELDS).slice(offset, batch).collect()
        except pl.exceptions.PolarsError as error:
            raise InvalidReceipt(f"{path} is not a table of receipts: {str(error).splitlines()[0]}") from None
        if rows.is_empty():
            return
        yield [entry_of(id.encode(), _written(fields)) for id, *fields in rows.iter_rows()]


def _of_sale(sale: ReadSale) -> _Rows:
    quote = sale.quote
    figures = (
        sale.customer_id,
        sale.channel,
        quote.merchandise,
        quote.subtotal,
        quote.shipping_price,
        quote.shipping,
        quote.total,
        quote.points,
        quote.credit,
    )
    lines: list[_Row] = [(line.id, line.sku, line.quantity, line.merchandise, line.subtotal) for line in quote.lines]
    granted = [(layer.name, each) for layer in quote.layers for each in layer.adjustments]
    return _Rows(quote.currency, figures, lines, [_adjustment(layer, each) for layer, each in granted])


def _adjustment(layer: str, adjustment: Adjustment) -> _Row:
    gift = adjustment.gift
    return (
        layer,
        adjustment.promotion_id,
        adjustment.promotion_name,
        adjustment.coupon,
        adjustment.amount,
        adjustment.points,
        adjustment.credit,
        gift and gift.sku,
        gift and gift.quantity,
        [share._asdict() for share in adjustment.shares],
        [share._asdict() for share in adjustment.shipment_shares],
    )


def _of_return(receipt: ReturnReceipt) -> _Rows:
    refund = receipt.refund
    figures = (
        None,
        None,
        -sum(line.merchandise for line in refund.lines),
        -sum(line.amount for line in refund.lines),
        0,
        -sum(shipment.amount for shipment in refund.shipments),
        -refund.total,
        -sum(each.points for each in refund.taken_back),
        -sum(each.credit for each in refund.taken_back),
    )
    lines: list[_Row] = [(line.id, line.sku, -line.quantity, -line.merchandise, -line.amount) for line in refund.lines]
    return _Rows(receipt.currency, figures, lines, [_adjustment_gone(each) for each in refund.taken_back])


def _adjustment_gone(taken: TakenBack) -> _Row:
    gift = taken.gift
    grants = -taken.amount, -taken.points, -taken.credit
    return None, taken.promotion_id, None, None, *grants, gift and gift.sku, gift and -gift.quantity, [], []


def _fields(receipt: AnyReceipt) -> Iterator[Any]:
    fields = fields_of(receipt)
    for name, type in _FIELDS.items():
        value = fields.get(name.encode())
        yield value if value is None or type == pl.Binary else int(value) if type == pl.Int64 else value.decode()


def _written(values: list[Any]) -> dict[bytes, bytes]:
    """The values from `_fields` and the currency, as the fields of an entry again."""
    return {
        name.encode(): value if isinstance(value, bytes) else str(value).encode()
        for name, value in zip(("currency", *_FIELDS), values, strict=True)
        if value is not None
    }
