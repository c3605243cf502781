"""A printed receipt with what it redeemed and its returns, and the differences of a replay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Column, Table

from engine.cli.printing import printable
from engine.cli.quote import receipt
from engine.cli.tables import gift_sku, table
from engine.money import format_amount
from engine.pricing.quote import Quote
from engine.pricing.returns import Refund, TakenBack
from engine.store.receipt_store import AnyEntry, Entry, Sale
from engine.store.receipts import Redemption, ReturnReceipt

if TYPE_CHECKING:
    from engine.service.replay import Difference


def sale_parts(sale: Sale, quote: Quote) -> Iterator[RenderableType]:
    """The receipt first, then its redemptions, then each return."""
    sold = sale.sold.receipt
    yield printable(f"receipt {sold.key}, committed {_time(sale.sold)}", "bold")
    yield receipt(quote)
    if sold.redemptions:
        yield _redeemed(sold.redemptions, quote.currency)
    for entry in sale.returns:
        yield _returned(entry, quote.currency)


def differing(entry: AnyEntry, differences: Sequence[Difference]) -> RenderableType:
    """The differences of an entry's replay."""
    rows = table(Column("part", ratio=1), Column("was", ratio=1), Column("now", ratio=1))
    for each in differences:
        rows.add_row(printable(each.part), printable(each.was), printable(each.now))
    return Group(printable(f"{entry.receipt.key} ({entry.id}) differs", "bold"), rows, "")


def _time(entry: AnyEntry) -> str:
    return f"{datetime.fromtimestamp(entry.committed // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _redeemed(redemptions: Sequence[Redemption], currency: str) -> Table:
    rows = table(
        Column("redeemed", ratio=1), Column("code"), Column("customer"), Column("grants", justify="right", no_wrap=True)
    )
    for each in redemptions:
        amount = format_amount(each.amount, currency)
        rows.add_row(printable(each.promotion_id), printable(each.code), printable(each.customer_id), amount)
    return rows


def _returned(entry: Entry[ReturnReceipt], currency: str) -> Panel:
    refund = entry.receipt.refund
    rows = table(
        Column("line", ratio=1),
        Column("sku", ratio=1),
        Column("qty", justify="right"),
        Column("refund", justify="right"),
    )
    for line in refund.lines:
        rows.add_row(
            printable(line.id), printable(line.sku), f"{line.quantity:,}", format_amount(line.amount, currency)
        )
    for shipment in refund.shipments:
        rows.add_row(printable(f"shipment {shipment.id}"), "", "", format_amount(shipment.amount, currency))
    rows.add_row("total", "", "", format_amount(refund.total, currency), style="bold")
    return Panel(
        Group(rows, *(printable(text) for text in _notes(refund, currency))),
        title=printable(f"return {entry.receipt.key}, {_time(entry)}", "bold"),
    )


def _notes(refund: Refund, currency: str) -> Iterator[str]:
    if refund.uncollected:
        yield f"what is kept costs {format_amount(refund.uncollected, currency)} more than stays paid: not charged"
    for each in refund.taken_back:
        parts = ", ".join(_parts(each, currency))
        yield (
            f"{each.promotion_id} no longer grants {parts}"
            if parts
            else f"the use of {each.promotion_id} is given back"
        )


def _parts(taken: TakenBack, currency: str) -> Iterator[str]:
    if taken.amount:
        yield format_amount(taken.amount, currency)
    if taken.points:
        yield f"{taken.points:,} points"
    if taken.credit:
        yield f"{format_amount(taken.credit, currency)} credit"
    if taken.gift is not None:
        yield f"{taken.gift.quantity:,} × {gift_sku(taken.gift)}"
