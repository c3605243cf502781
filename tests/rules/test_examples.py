"""What the examples of a valid rule file mean (docs/pricing.md §10)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from engine.pricing.cart import Cart, CouponFact, CouponState, Customer, Line, Rate, Shipment, Usage
from engine.pricing.quote import Status
from engine.pricing.reference import Reference
from engine.rules import InvalidRules, compile, load, load_text
from engine.rules.checked import Example

AUTUMN = load([Path(__file__).parent / "data" / "autumn.yaml"])
SECOND = 10**9
CART = Cart(
    id="everything that an example may say",
    currency="USD",
    at=int(datetime.fromisoformat("2026-11-01T01:30-04:00").timestamp()) * SECOND,
    lines=(
        Line(
            id="a",
            sku="BOOT",
            quantity=2,
            price=8000,
            list_price=9000,
            cost=5000,
            minimum_price=6000,
            weight=1200,
            category="boots",
            brand="Ridge",
            tags=("new",),
            attributes={"color": "red", "age": 3},
            shipment_id="home",
            discountable=False,
        ),
        Line(id="b", sku="SOCK", quantity=1, price=625, shipment_id="store"),
    ),
    shipments=(
        Shipment(
            id="home",
            country="US",
            region="NY",
            postal_code="12508",
            method="air",
            rates=(
                Rate(method="air", price=1850, carrier="UPS", speed="fast"),
                Rate(method="ground", price=795),
            ),
        ),
        Shipment(id="store", store="beacon", pickup=True),
    ),
    customer=Customer(
        id="ada",
        tier="gold",
        segments=("vip",),
        orders=3,
        points=-5,
        lifetime_spend=25000,
        attributes={"member": True},
    ),
    channel="web",
    payment_method="card",
    coupons=("WELCOME",),
)


def test_everything_that_an_example_may_say() -> None:
    assert AUTUMN.examples[0] == Example(CART.id, CART, 18475, 16625, 1850, (("b", 625),), ())


def test_the_least_that_it_must_say() -> None:
    example = AUTUMN.examples[1]
    expected = (None, None, (), None, None, None, None, ())
    assert (example.total, example.cart.lines) == (0, ())
    assert (
        example.subtotal,
        example.shipping,
        example.lines,
        example.applied,
        example.points,
        example.credit,
        example.gifts,
        example.coupons,
    ) == expected


def test_gifts_codes_and_what_was_redeemed() -> None:
    (example,) = load([Path(__file__).parent / "data" / "spring.yaml"]).examples
    assert [line.gift_of for line in example.cart.lines] == ["", "mug-or-cup"]
    assert example.cart.coupons == ("Welcome", "WELCOME")
    assert example.cart.usage == (
        Usage(promotion_id="welcome", total=3, customer=1, codes={"WELCOME": 2, "Welcome": 1}, spent=1250),
        Usage(promotion_id="tote"),
    )
    assert example.cart.coupon_facts == (
        CouponFact(code="CLUB-1", pool="Club"),
        CouponFact(code="CLUB-2", state=CouponState.UNVERIFIED),
    )
    assert (example.points, example.credit, example.gifts) == (2_500_000_000, 1100, (("CUP", 1),))
    assert example.coupons == (("WELCOME", Status.NOT_ELIGIBLE), ("Welcome", Status.NOT_ELIGIBLE))


def test_without_a_moment_no_schedule_has_begun() -> None:
    starts = [each.schedule.starts for each in AUTUMN.promotions if each.schedule is not None]
    assert AUTUMN.examples[1].cart.at < min(starts) * SECOND


@pytest.mark.parametrize(
    ("at", "moment"),
    [("2026-10-25T02:30", "2026-10-25T02:30+02:00"), ("2026-03-29T02:30", "2026-03-29T03:00+02:00")],
)
def test_a_moment_that_occurs_twice_or_never_is_read_like_from(at: str, moment: str) -> None:
    rules = load_text(
        "ruleset: shop\ncurrencies: [USD]\ntimezone: Europe/Vienna\nexamples:\n"
        f"- {{name: a, cart: {{at: {at}, lines: [{{id: a, sku: A, price: 1.00}}]}}, total: 1.00}}\n"
    )
    assert rules.examples[0].cart.at == int(datetime.fromisoformat(moment).timestamp()) * SECOND


@pytest.mark.parametrize(("currency", "price", "total"), [("USD", "1.5", 150), ("JPY", "2", 2), ("KWD", "0.005", 5)])
def test_amounts_are_in_the_currency_of_the_cart(currency: str, price: str, total: int) -> None:
    rules = load_text(
        "ruleset: shop\ncurrencies: [USD, JPY, KWD]\nexamples:\n"
        f"- {{name: a, cart: {{currency: {currency}, lines: [{{id: a, sku: A, price: {price}}}]}}, total: {price}}}\n"
    )
    (example,) = rules.examples
    assert (example.cart.currency, example.cart.lines[0].price, example.total) == (currency, total, total)


def test_examples_are_not_compiled() -> None:
    head = "ruleset: shop\ncurrencies: [USD]\n"
    with_examples = load_text(head + "examples: [{name: a, cart: {}, total: 0}]\n")
    assert compile(with_examples) == compile(load_text(head))


def test_the_examples_of_several_files_are_put_together(tmp_path: Path) -> None:
    (tmp_path / "1.yaml").write_text("ruleset: shop\ncurrencies: [USD]\nexamples: [{name: a, cart: {}, total: 0}]\n")
    (tmp_path / "2.yaml").write_text("examples: [{name: b, cart: {}, total: 0}]\n")
    assert [each.name for each in load([tmp_path]).examples] == ["a", "b"]


def test_a_refused_cart_says_why() -> None:
    cart = "{lines: [{id: a, sku: A, price: 1, shipment: attic}]}"
    with pytest.raises(InvalidRules, match=r"invalid_cart: .* 'attic' is not a shipment of this cart"):
        load_text(f"ruleset: shop\ncurrencies: [USD]\nexamples: [{{name: a, cart: {cart}, total: 1}}]\n")


def test_what_an_example_expects_is_what_its_cart_comes_to() -> None:
    rules = load([Path(__file__).parent / "data" / "spring.yaml"])
    (example,) = rules.examples
    quote = Reference(rules, "").price(example.cart)
    assert (quote.total, quote.points, quote.credit) == (example.total, example.points, example.credit)
    assert tuple((gift.sku, gift.quantity) for gift in quote.gifts) == example.gifts
    assert {each.code: each.status for each in quote.coupons} == dict(example.coupons)
