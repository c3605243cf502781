"""A quote as people read it: lines, what each promotion took off, shipments and totals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Column, Table
from rich.text import Text

from engine.money import format_amount, format_money
from engine.pricing.quote import Adjustment, Quote, QuotedLine


def receipt(quote: Quote, engine_ns: int) -> RenderableType:
    """The whole quote; ``engine_ns`` is how long the engine took, in nanoseconds."""
    parts: list[RenderableType] = [_lines(quote), ""]
    if any(layer.adjustments for layer in quote.layers):
        parts += [_adjustments(quote), ""]
    return Panel(
        Group(*parts, _totals(quote)),
        title=printable(f"cart {quote.cart_id}{_good_until(quote)}", "bold"),
        subtitle=printable(
            f"{quote.rule_set} {quote.rule_set_version[:8]}, priced in {microseconds(engine_ns)}", "dim"
        ),
    )


def microseconds(nanoseconds: int) -> str:
    """``12345`` is ``12.3 µs``."""
    return f"{nanoseconds / 1000:,.1f} µs"


def printable(text: str, style: str = "") -> Text:
    """Text of a rule file or cart without the control characters that a terminal would obey."""
    return Text(
        "".join(each if each.isprintable() or each == "\t" else "\N{REPLACEMENT CHARACTER}" for each in text), style
    )


def _good_until(quote: Quote) -> str:
    if quote.valid_until is None:
        return ""
    return f", good until {datetime.fromtimestamp(quote.valid_until, UTC):%Y-%m-%d %H:%M} UTC"


def _lines(quote: Quote) -> Table:
    amount = _amounts(quote)
    table = _table(
        Column("line", ratio=3, min_width=5),
        Column("sku", ratio=4, min_width=5),
        Column("qty", justify="right", no_wrap=True),
        Column("each", justify="right"),
        Column("before", justify="right", no_wrap=True),
        Column("now", justify="right", no_wrap=True),
    )
    for line in quote.lines:
        table.add_row(
            printable(line.id),
            printable(line.sku),
            f"{line.quantity:,}",
            _each(line, amount),
            Text(amount(line.merchandise), "" if line.merchandise == line.subtotal else "dim"),
            amount(line.subtotal),
        )
    return table


def _each(line: QuotedLine, amount: Callable[[int], str]) -> str:
    if len(line.buckets) == 1:
        return amount(line.buckets[0].price)
    return "\n".join(f"{bucket.quantity:,} × {amount(bucket.price)}" for bucket in line.buckets)


def _adjustments(quote: Quote) -> Table:
    amount = _amounts(quote)
    table = _table(
        Column("layer"),
        Column("promotion", ratio=1),
        Column("carried by", ratio=1),
        Column("money off", justify="right", no_wrap=True),
    )
    for layer in quote.layers:
        for index, adjustment in enumerate(layer.adjustments):
            table.add_row(
                printable("" if index else layer.name),
                printable(adjustment.promotion_name or adjustment.promotion_id),
                _shares(adjustment, amount),
                Text(f"−{amount(adjustment.amount)}", "green"),
            )
    return table


def _shares(adjustment: Adjustment, amount: Callable[[int], str]) -> Text:
    shares = [printable(f"{share.id} −{amount(share.amount)}") for share in adjustment.shares]
    if adjustment.ungranted:
        shares.append(Text(f"{amount(adjustment.ungranted)} could not be granted", "yellow"))
    return Text(", ").join(shares)


def _totals(quote: Quote) -> Table:
    table = _table(Column("", ratio=1), Column("before", justify="right"), Column("now", justify="right", no_wrap=True))
    money = [
        ("goods", quote.merchandise, quote.subtotal),
        *((f"shipment {each.id} {each.method}".rstrip(), each.price, each.charge) for each in quote.shipments),
        ("total", quote.merchandise + quote.shipping_price, quote.total),
    ]
    for name, before, now in money:
        style = "bold" if name == "total" else ""
        table.add_row(
            printable(name),
            Text(format_money(before, quote.currency), "dim" if before != now else ""),
            format_money(now, quote.currency),
            style=style,
        )
    return table


def _amounts(quote: Quote) -> Callable[[int], str]:
    return lambda amount: format_amount(amount, quote.currency)


def _table(*columns: Column) -> Table:
    return Table(*columns, box=box.SIMPLE_HEAD, show_edge=False, expand=True, header_style="dim")
