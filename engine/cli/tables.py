"""Parts shared by receipts and explanations: tables, amounts, and what a promotion granted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from rich import box
from rich.table import Column, Table
from rich.text import Text

from engine.cli.printing import printable
from engine.money import format_amount
from engine.pricing.quote import Adjustment, CouponStatus, Gift, Quote, Reason, Search, Status

Amounts: TypeAlias = Callable[[int], str]
"""Formats minor units as plain decimals in the currency of a quote."""

REASONS = {
    Reason.EMPTY_CART: "the cart is empty",
    Reason.DECLINED: "declined for this cart",
    Reason.NO_AMOUNT_IN_CURRENCY: "has no amount in this currency",
    Reason.NOT_STARTED: "has not started",
    Reason.EXPIRED: "has ended",
    Reason.OUTSIDE_SCHEDULE: "not on this day or at this hour",
    Reason.NO_COUPON: "needs a coupon code",
    Reason.COUPON_REPLACED: "a later code replaced its code",
    Reason.LIMIT_TOTAL: "redeemed as often as allowed",
    Reason.LIMIT_CUSTOMER: "redeemed by this customer as often as allowed",
    Reason.LIMIT_CODE: "its code is used up",
    Reason.BUDGET_SPENT: "its budget is spent",
    Reason.DISPLACED: "cannot be combined with another promotion",
    Reason.MISSING_FACT: "its condition needs a value that the cart does not have",
    Reason.CONDITION: "its condition is not met",
    Reason.NO_RATE: "not for the chosen method",
    Reason.NO_VALUE: "its reward has no value for this cart",
    Reason.NOT_IN_CART: "the goods it needs are not in the cart",
    Reason.INCOMPLETE: "not enough for a set",
    Reason.UNITS_CLAIMED: "other promotions claimed its units",
    Reason.NO_EFFECT: "would take nothing off and grant nothing",
    Reason.BUDGET_EXCEEDED: "would grant more than its budget has left",
    Reason.NOT_BEST: "other promotions save more",
    Reason.UNVERIFIED: "could not be verified now",
    None: "for a reason that only a newer version knows",
}
_STATUSES = {
    Status.APPLIED: "applied",
    Status.NOT_BEST: "not used",
    Status.NOT_ELIGIBLE: "not for this cart",
    Status.EXHAUSTED: "used up",
    Status.NOT_STARTED: "not valid yet",
    Status.EXPIRED: "expired",
    Status.UNKNOWN: "unknown",
    None: "in a state that only a newer version knows",
}


def table(*columns: Column) -> Table:
    """A word that is wider than its column continues on the next line, unless the column never wraps."""
    for column in columns:
        column.overflow = "ellipsis" if column.no_wrap else "fold"
    return Table(*columns, box=box.SIMPLE_HEAD, show_edge=False, expand=True, header_style="dim")


def rule_set(quote: Quote) -> str:
    """``spring@4 1a2b3c4d``: name, revision if it is from the store, and version."""
    revision = f"@{quote.rule_set_revision}" if quote.rule_set_revision else ""
    return f"{quote.rule_set}{revision} {quote.rule_set_version[:8]}"


def amounts(quote: Quote) -> Amounts:
    return lambda amount: format_amount(amount, quote.currency)


def signed(amount: int, amounts: Amounts) -> str:
    """An amount with its sign, + or a true minus."""
    return f"{'−' if amount < 0 else '+'}{amounts(abs(amount))}"


def granted(adjustment: Adjustment, amounts: Amounts) -> Text:
    """Money off; or points, credit, a gift or an effect."""
    parts = []
    if adjustment.amount:
        parts.append(Text(f"−{amounts(adjustment.amount)}", "green"))
    if adjustment.points:
        parts.append(Text(f"{adjustment.points:,} points", "green"))
    if adjustment.credit:
        parts.append(Text(f"{amounts(adjustment.credit)} credit", "green"))
    if adjustment.gift is not None:
        parts.append(Text("gift", "green"))
    if adjustment.effect is not None:
        parts.append(Text("effect", "green"))
    return Text("\n").join(parts)


def carried(adjustment: Adjustment, amounts: Amounts) -> Text:
    """The shares of lines and shipments, what could not be granted, the gift or effect, the code used."""
    shares = (*adjustment.shares, *adjustment.shipment_shares)
    parts = [printable(f"{share.id} −{amounts(share.amount)}") for share in shares]
    if adjustment.ungranted:
        parts.append(Text(f"{amounts(adjustment.ungranted)} could not be granted", "yellow"))
    if adjustment.gift is not None:
        parts.append(printable(f"{adjustment.gift.quantity:,} × {gift_sku(adjustment.gift)}"))
    if adjustment.effect is not None:
        parts.append(printable(f"{adjustment.effect.name} {adjustment.effect.payload}".rstrip()))
    if adjustment.coupon:
        parts.append(printable(f"by code {adjustment.coupon}"))
    return Text(", ").join(parts)


def gift_sku(gift: Gift) -> str:
    return gift.sku or f"one of {', '.join(gift.choices)}"


def coupons(quote: Quote) -> Table:
    """The outcome of each code."""
    rows = table(Column("code"), Column("status", ratio=1))
    for coupon in quote.coupons:
        rows.add_row(
            printable(coupon.code),
            Text(_status(coupon, quote), "green" if coupon.status is Status.APPLIED else "yellow"),
        )
    return rows


def _status(coupon: CouponStatus, quote: Quote) -> str:
    status = _STATUSES[coupon.status]
    if coupon.reason is Reason.NOT_BEST and not set(coupon.promotion_ids).isdisjoint(quote.applied):
        return f"{status}: its promotion uses another code"
    if coupon.status in (Status.NOT_BEST, Status.NOT_ELIGIBLE, Status.EXHAUSTED) and coupon.reason is not None:
        return f"{status}: {REASONS[coupon.reason]}"
    return status


def searched(search: Search, amounts: Amounts) -> str:
    """Whether the set of promotions is proven to be the best."""
    visited = f"{search.nodes:,} nodes visited"
    if search.optimal:
        return f"proven best, {visited}"
    return f"best found (another could save at most {amounts(search.gap)} more), {visited}"
