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
    text = printed(QUOTE, width=120)
    for part in (
        "cart c1, good until 2026-07-01 00:00 UTC",
        "2 × 6.67",
        "1 × 6.66",
        "−10.00",
        "a −10.00, 0.50 could not be granted",
        "home −7.95",
        "shipment home standard",
        "$37.95",
        "$20.00",
        "spring abababab",
        "12.3 µs",
    ):
        assert part in text
    assert "spring@4 abababab" in printed(QUOTE._replace(rule_set_revision=4), width=120)


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
    text = printed(quote, width=140)
    for part in (
        "2 × MUG, by code MUGS",
        "1 × one of CAP, TEE",
        "1,200 points",
        "5.00 credit",
        "banner Hello",
        "free",
        "points earned",
        "$5.00",
        "not for this cart: its condition is not met",
        "unknown",
        "no other saves more than 2.50 beyond it, 10,000 nodes visited",
    ):
        assert part in text


def test_names_cannot_command_the_terminal() -> None:
    text = printed(QUOTE)
    assert "\x1b" not in text
    assert "[bold]" in text


def test_a_promotion_without_a_name_goes_by_its_id() -> None:
    assert "free" in printed(QUOTE)


@pytest.mark.parametrize("width", [20, 40, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(len, printed(QUOTE, width).splitlines())) <= width


def test_an_empty_cart_has_a_receipt() -> None:
    empty = Quote("c1", "spring", "ab", "JPY", 0, None, (), (), (), 0, 0, 0, 0, 0)
    assert "¥0" in printed(empty)


def test_microseconds() -> None:
    assert microseconds(1_234_567) == "1,234.6 µs"
