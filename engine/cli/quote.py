"""A quote as a printed receipt: lines, promotions, shipments and totals."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Column, Table
from rich.text import Text

from engine.cli.printing import clock, printable
from engine.cli.tables import Amounts, amounts, carried, coupons, gift_sku, granted, rule_set, searched, table
from engine.money import format_money
from engine.pricing.quote import Quote, QuotedLine
from engine.rules.checked_schedules import Zone
from engine.rules.zones import UTC_ZONE


def receipt(quote: Quote, engine_ns: int | None = None, zone: Zone = UTC_ZONE) -> RenderableType:
    """The whole quote; ``engine_ns`` is the time the engine took in nanoseconds, ``zone`` the rule set's, if known."""
    parts: list[RenderableType] = [_lines(quote), ""]
    if any(layer.adjustments for layer in quote.layers):
        parts += [_adjustments(quote), ""]
    if quote.coupons:
        parts += [coupons(quote), ""]
    parts += [_totals(quote), "", printable(", ".join(_made_by(quote, engine_ns)), "dim")]
    return Panel(Group(*parts), title=printable(f"cart {quote.cart_id}{_good_until(quote, zone)}", "bold"))


def microseconds(nanoseconds: int) -> str:
    """``12345`` is ``12.3 µs``."""
    return f"{nanoseconds / 1000:,.1f} µs"


def _good_until(quote: Quote, zone: Zone) -> str:
    return "" if quote.valid_until is None else f", good until {clock(quote.valid_until, zone)}"


def _made_by(quote: Quote, engine_ns: int | None) -> Iterator[str]:
    yield rule_set(quote)
    if quote.search is not None:
        yield searched(quote.search, amounts(quote))
    if engine_ns is not None:
        yield f"priced in {microseconds(engine_ns)}"


def _lines(quote: Quote) -> Table:
    amount = amounts(quote)
    rows = table(
        Column("line", ratio=3, min_width=5),
        Column("sku", ratio=4, min_width=5),
        Column("qty", justify="right", no_wrap=True),
        Column("each", justify="right"),
        Column("before", justify="right", no_wrap=True),
        Column("now", justify="right", no_wrap=True),
    )
    for line in quote.lines:
        rows.add_row(
            printable(line.id),
            printable(line.sku),
            f"{line.quantity:,}",
            _each(line, amount),
            Text(amount(line.merchandise), "" if line.merchandise == line.subtotal else "dim"),
            amount(line.subtotal),
        )
    for gift in quote.gifts:
        rows.add_row("gift", printable(gift_sku(gift)), f"{gift.quantity:,}", "free", "", "", style="green")
    return rows


def _each(line: QuotedLine, amount: Amounts) -> str:
    if len(line.buckets) == 1:
        return amount(line.buckets[0].price)
    return "\n".join(f"{bucket.quantity:,} × {amount(bucket.price)}" for bucket in line.buckets)


def _adjustments(quote: Quote) -> Table:
    amount = amounts(quote)
    rows = table(
        Column("layer"),
        Column("promotion", ratio=1),
        Column("carried by", ratio=1),
        Column("grants", justify="right", no_wrap=True),
    )
    for layer in quote.layers:
        for index, adjustment in enumerate(layer.adjustments):
            rows.add_row(
                printable("" if index else layer.name),
                printable(adjustment.promotion_name or adjustment.promotion_id),
                carried(adjustment, amount),
                granted(adjustment, amount),
            )
    return rows


def _totals(quote: Quote) -> Table:
    rows = table(Column("", ratio=1), Column("before", justify="right"), Column("now", justify="right", no_wrap=True))
    money = [
        ("goods", quote.merchandise, quote.subtotal),
        *((f"shipment {each.id} {each.method}".rstrip(), each.price, each.charge) for each in quote.shipments),
        ("total", quote.merchandise + quote.shipping_price, quote.total),
    ]
    for name, before, now in money:
        style = "bold" if name == "total" else ""
        rows.add_row(
            printable(name),
            Text(format_money(before, quote.currency), "dim" if before != now else ""),
            format_money(now, quote.currency),
            style=style,
        )
    if quote.points:
        rows.add_row("points earned", "", f"{quote.points:,}")
    if quote.credit:
        rows.add_row("store credit earned", "", format_money(quote.credit, quote.currency))
    return rows
