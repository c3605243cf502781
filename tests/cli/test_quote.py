from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from engine.cli.quote import microseconds, receipt
from engine.pricing.quote import (
    Adjustment,
    Bucket,
    CouponStatus,
    Effect,
    Gift,
    Quote,
    QuotedLayer,
    QuotedLine,
    QuotedShipment,
    Reason,
    Search,
    Share,
    Status,
)
from tests.cli.conftest import rows

TEN_OFF = Adjustment("ten", "Ten off, \x1b[31mred [bold]", 1_000, 50, (Share("a", 1_000),))
FREE = Adjustment("free", "", 795, 0, (Share("home", 795),))
QUOTE = Quote(
    cart_id="c1",
    rule_set="spring",
    rule_set_version="ab" * 32,
    currency="USD",
    at=0,
    valid_until=1_782_864_000,
    lines=(QuotedLine("a", "BOOT", 3, 3_000, 2_000, (Bucket(667, 2), Bucket(666, 1))),),
    shipments=(QuotedShipment("home", "standard", 795, 0),),
    layers=(
        QuotedLayer("item", "goods", (TEN_OFF,), 2_000, 795),
        QuotedLayer("shipping", "shipping", (FREE,), 2_000, 0),
    ),
    merchandise=3_000,
    subtotal=2_000,
    shipping_price=795,
    shipping=0,
    total=2_000,
)


def printed(quote: Quote, width: int = 80) -> str:
    console = Console(file=StringIO(), width=width)
    console.print(receipt(quote, 12_345))
    return console.file.getvalue()


def test_a_receipt_tells_the_whole_quote() -> None:
    """A promotion without a name is shown by its id; names cannot send control characters to the terminal."""
    assert rows(printed(QUOTE, width=120)) == [
        "cart c1, good until 2026-07-01 00:00 UTC",
        "line sku qty each before now",
        "a BOOT 3 2 × 6.67 30.00 20.00",
        "1 × 6.66",
        "layer promotion carried by grants",
        "item Ten off, \ufffd[31mred [bold] a −10.00, 0.50 could not be granted −10.00",
        "shipping free home −7.95 −7.95",
        "before now",
        "goods $30.00 $20.00",
        "shipment home standard $7.95 $0.00",
        "total $37.95 $20.00",
        "spring abababab, priced in 12.3 µs",
    ]
    revision = QUOTE._replace(rule_set_revision=4)
    assert rows(printed(revision, width=120))[-1] == "spring@4 abababab, priced in 12.3 µs"


def test_a_receipt_tells_what_is_granted_without_money() -> None:
    mug, pick = Gift("mug", "MUG", 2), Gift("pick", "", 1, ("CAP", "TEE"))
    granted = (
        Adjustment("mug", "Mugs", 0, 0, (), gift=mug, coupon="MUGS"),
        Adjustment("pick", "Pick", 0, 0, (), gift=pick),
        Adjustment("points", "Points", 0, 0, (), points=1_200),
        Adjustment("credit", "Credit", 0, 0, (), credit=500),
        Adjustment("banner", "Banner", 0, 0, (), effect=Effect("banner", "Hello")),
    )
    quote = QUOTE._replace(
        layers=(QuotedLayer("extras", "points", granted, 2_000, 0),),
        gifts=(mug, pick),
        points=1_200,
        credit=500,
        coupons=(
            CouponStatus("MUGS", Status.APPLIED, None, ("mug",)),
            CouponStatus("VIP", Status.NOT_ELIGIBLE, Reason.CONDITION, ("vip",)),
            CouponStatus("FOO", Status.UNKNOWN, None, ()),
        ),
        search=Search(False, 10_000, 250),
    )
    assert rows(printed(quote, width=140))[3:] == [
        "1 × 6.66",
        "gift MUG 2 free",
        "gift one of CAP, TEE 1 free",
        "layer promotion carried by grants",
        "extras Mugs 2 × MUG, by code MUGS gift",
        "Pick 1 × one of CAP, TEE gift",
        "Points 1,200 points",
        "Credit 5.00 credit",
        "Banner banner Hello effect",
        "code status",
        "MUGS applied",
        "VIP not for this cart: its condition is not met",
        "FOO unknown",
        "before now",
        "goods $30.00 $20.00",
        "shipment home standard $7.95 $0.00",
        "total $37.95 $20.00",
        "points earned 1,200",
        "store credit earned $5.00",
        "spring abababab, best found (another could save at most 2.50 more), 10,000 nodes visited, priced in 12.3 µs",
    ]


@pytest.mark.parametrize("width", [20, 40, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(len, printed(QUOTE, width).splitlines())) <= width


def test_a_narrow_terminal_cuts_nothing_off() -> None:
    """A long SKU, and what the last line says, continue on the next line."""
    line = QUOTE.lines[0]._replace(sku="BOOTS-FOR-HIKING-IN-THE-MOUNTAINS")
    search = Search(False, 10_000, 250)
    text = printed(QUOTE._replace(lines=(line,), search=search), width=60)
    assert "…" not in text
    assert "another could save at most 2.50 more" in " ".join(rows(text))
    assert "priced in 12.3 µs" in " ".join(rows(text))


@pytest.mark.parametrize(
    ("coupon", "said"),
    [
        (CouponStatus("A", Status.NOT_BEST, Reason.DISPLACED, ("x",)), "cannot be combined with another promotion"),
        (CouponStatus("A", Status.NOT_BEST, Reason.NOT_BEST, ("x",)), "other promotions save more"),
        (CouponStatus("A", Status.NOT_BEST, Reason.NOT_BEST, ("ten",)), "its promotion uses another code"),
    ],
)
def test_an_unused_code_says_why(coupon: CouponStatus, said: str) -> None:
    assert f"A not used: {said}" in rows(printed(QUOTE._replace(coupons=(coupon,))))


def test_an_empty_cart_has_a_receipt() -> None:
    empty = Quote("c1", "spring", "ab", "JPY", 0, None, (), (), (), 0, 0, 0, 0, 0)
    assert rows(printed(empty)) == [
        "cart c1",
        "line sku qty each before now",
        "before now",
        "goods ¥0 ¥0",
        "total ¥0 ¥0",
        "spring ab, priced in 12.3 µs",
    ]


def test_microseconds() -> None:
    assert microseconds(1_234_567) == "1,234.6 µs"
