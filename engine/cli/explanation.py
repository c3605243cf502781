"""An explained quote for marketers: what each layer did, why other promotions do not apply, and what to add."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from engine.cli.printing import clock, printable
from engine.cli.tables import REASONS, amounts, carried, coupons, granted, rule_set, searched, signed, table
from engine.money import format_money
from engine.pricing.quote import Explanation, Quote, QuotedRate, Reason, Unmet
from engine.rules.checked_schedules import Zone


def explanation(quote: Quote, zone: Zone) -> RenderableType:
    """Empty parts are left out; ``zone`` is that of the rule set."""
    return Group(_heading(quote, zone), "", *_parts(quote))


def _heading(quote: Quote, zone: Zone) -> Text:
    """What was priced, and below it the total."""
    text = f"cart {quote.cart_id} under {rule_set(quote)} at {clock(quote.at // 10**9, zone)}"
    parts = [Text(f"total {format_money(quote.total, quote.currency)}", "bold")]
    if quote.saved:
        parts.append(Text(f"{format_money(quote.saved, quote.currency)} saved"))
    if quote.points:
        parts.append(Text(f"{quote.points:,} points"))
    if quote.credit:
        parts.append(Text(f"{format_money(quote.credit, quote.currency)} credit"))
    if quote.search is not None:
        parts.append(Text(searched(quote.search, amounts(quote))))
    return Text("\n").join([printable(text), Text(", ").join(parts)])


def _parts(quote: Quote) -> Iterator[RenderableType]:
    yield from _part("What applies, layer by layer", _layers(quote))
    if quote.coupons:
        yield from _part("Coupon codes", coupons(quote))
    yield from why_not(quote)
    if quote.suggestions:
        yield from _part("What next", what_next(quote))
    if any(len(shipment.rates) > 1 for shipment in quote.shipments):
        yield from _part("Rates", _rates(quote))


def _part(title: str, rows: Table) -> Iterator[RenderableType]:
    yield Text(title, "bold")
    yield rows
    yield ""


def _layers(quote: Quote) -> Table:
    amount = amounts(quote)
    rows = table(
        Column("layer"),
        Column("promotion", ratio=3),
        Column("carried by", ratio=4),
        Column("grants", justify="right", no_wrap=True),
        Column("goods", justify="right", no_wrap=True),
        Column("shipping", justify="right", no_wrap=True),
    )
    rows.add_row("as sent", "", "", "", amount(quote.merchandise), amount(quote.shipping_price))
    for layer in quote.layers:
        left = amount(layer.subtotal), amount(layer.shipping)
        if not layer.adjustments:
            rows.add_row(printable(layer.name), "nothing", "", "", *left, style="dim")
        for index, each in enumerate(layer.adjustments):
            last = index == len(layer.adjustments) - 1
            rows.add_row(
                printable("" if index else layer.name),
                printable(each.promotion_name or each.promotion_id),
                carried(each, amount),
                granted(each, amount),
                *(left if last else ("", "")),
            )
    rows.add_section()
    rows.add_row("total", "", "", "", Text(format_money(quote.total, quote.currency), "bold"), "")
    return rows


def why_not(quote: Quote) -> Iterator[RenderableType]:
    """Why other promotions do not apply; nothing if the quote does not say."""
    if quote.explanations:
        yield from _part("Why not", _reasons(quote))


def _reasons(quote: Quote) -> Table:
    rows = table(
        Column("promotion", ratio=3), Column("because", ratio=4), Column("needs", ratio=4), Column("finds", ratio=3)
    )
    for each in quote.explanations:
        name, because = printable(each.promotion_name or each.promotion_id), _because(each, quote)
        needs = [(printable(_need(each, unmet)), printable(unmet.found or "nothing")) for unmet in each.unmet]
        for number, (need, found) in enumerate(needs or [(Text(), Text())]):
            rows.add_row("" if number else name, "" if number else because, need, found)
    return rows


def _need(explanation: Explanation, unmet: Unmet) -> str:
    """A failing part of a condition is shown as written, which already says how much is needed."""
    if explanation.reason in (Reason.CONDITION, Reason.MISSING_FACT, Reason.NO_VALUE):
        return unmet.part
    return f"{unmet.part} {unmet.needed}"


def _because(explanation: Explanation, quote: Quote) -> Text:
    if not explanation.displaced_by:
        return Text(REASONS[explanation.reason])
    because = f"cannot be combined with {explanation.displaced_by_name or explanation.displaced_by}"
    amount = explanation.displaced_by_amount
    if amount is not None:
        because += f"; without that one the cart costs {_more_or_less(amount, quote)}"
    return printable(because)


def _more_or_less(amount: int, quote: Quote) -> str:
    if amount == 0:
        return "the same"
    return f"{amounts(quote)(abs(amount))} {'more' if amount > 0 else 'less'}"


def what_next(quote: Quote) -> Table:
    """What the cart lacks for more promotions, what would supply it, and the new total."""
    amount = amounts(quote)
    rows = table(
        Column("promotion", ratio=3),
        Column("missing", ratio=3),
        Column("for example", ratio=3),
        Column("costing", justify="right", no_wrap=True),
        Column("new total", justify="right", no_wrap=True),
        Column("change", justify="right", no_wrap=True),
    )
    for each in quote.suggestions:
        name, missing = printable(each.promotion_name or each.promotion_id), printable(each.text)
        added = each.addition
        if added is None:
            rows.add_row(name, missing, "", "", "", "")
        else:
            rows.add_row(
                name,
                missing,
                printable(f"{added.quantity:,} more of {added.line_id}"),
                amount(added.price),
                amount(added.total),
                Text(signed(added.change, amount), "green" if added.change < added.price else ""),
            )
    return rows


def _rates(quote: Quote) -> Table:
    amount = amounts(quote)
    rows = table(
        Column("shipment"),
        Column("method", ratio=1),
        Column("carrier", ratio=1),
        Column("speed", ratio=1),
        Column("as sent", justify="right", no_wrap=True),
        Column("to pay", justify="right", no_wrap=True),
        Column("cheapest", ratio=1),
    )
    for shipment in quote.shipments:
        for index, rate in enumerate(shipment.rates):
            rows.add_row(
                printable("" if index else shipment.id),
                printable(rate.method + (" (chosen)" if rate.method == shipment.method else "")),
                printable(rate.carrier),
                printable(rate.speed),
                amount(rate.price),
                Text(amount(rate.charge), "bold" if rate.cheapest else ""),
                _cheapest(rate),
            )
    return rows


def _cheapest(rate: QuotedRate) -> str:
    flags = [("of all", rate.cheapest), ("carrier", rate.cheapest_of_carrier), ("speed", rate.cheapest_of_speed)]
    return ", ".join(name for name, holds in flags if holds)
