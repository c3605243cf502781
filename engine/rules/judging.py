"""Examples compared with their quotes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from engine.money import format_amount
from engine.pricing.quote import Quote
from engine.rules.checked import Example


def differences(example: Example, quote: Quote) -> Iterator[str]:
    """Each difference between an example and the quote of its cart: ``total: wanted 9.00, found 10.00``."""
    lines = {line.id: line.subtotal for line in quote.lines}
    amounts = [
        ("total", example.total, quote.total),
        ("subtotal", example.subtotal, quote.subtotal),
        ("shipping", example.shipping, quote.shipping),
        ("credit", example.credit, quote.credit),
        *((f"line {id}", wanted, lines[id]) for id, wanted in example.lines),
    ]
    for what, wanted, found in amounts:
        if wanted is not None and wanted != found:
            yield _difference(what, format_amount(wanted, quote.currency), format_amount(found, quote.currency))
    if example.points is not None and example.points != quote.points:
        yield _difference("points", f"{example.points:,}", f"{quote.points:,}")
    if example.applied is not None and example.applied != quote.applied:
        yield _difference("applied", _listed(example.applied), _listed(quote.applied))
    gifts: Counter[str] = Counter()
    for gift in quote.gifts:
        if gift.sku:
            gifts[gift.sku] += gift.quantity
    if example.gifts is not None and dict(example.gifts) != gifts:
        yield _difference("gifts", _counted(dict(example.gifts)), _counted(gifts))
    statuses = {each.code: each.status for each in quote.coupons}
    for code, status in example.coupons:
        outcome = statuses.get(code)
        if outcome is not status:
            yield _difference(f"coupon {code}", status.value, "nothing" if outcome is None else outcome.value)


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(texts) or "nothing"


def _counted(gifts: Mapping[str, int]) -> str:
    return _listed(f"{quantity:,} × {sku}" for sku, quantity in sorted(gifts.items()))


def _difference(what: str, wanted: str, found: str) -> str:
    return f"{what}: wanted {wanted}, found {found}"
