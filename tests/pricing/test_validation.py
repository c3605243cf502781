"""Every violation of a cart is reported at once, by field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.errors import InvalidCart, Violation
from engine.money import MAX_AMOUNT
from engine.pricing.cart import UNPRICED, Cart, CouponFact, CouponState, Customer, Line, Rate, Shipment, Usage
from engine.pricing.validation import MAX_COUNT, MAX_QUANTITY, Declaration, validate
from tests.conftest import Engine

DECLARATION = Declaration(
    currencies=("USD", "EUR"),
    attributes={("item", "size"): int, ("customer", "member"): bool, ("cart", "note"): str},
)
LINE = Line(id="a", sku="HAT", quantity=1, price=1000)
SHIPMENT = Shipment(id="s", method="post", rates=(Rate(method="post", price=500),))
CART = Cart(id="cart", currency="USD", at=0, lines=(LINE,), shipments=(SHIPMENT,))
HALF = "\ud800"


def violations(cart: Cart) -> list[tuple[str, str]]:
    with pytest.raises(InvalidCart) as caught:
        validate(cart, DECLARATION)
    return [(each.field, each.description) for each in caught.value.violations]


def fields(cart: Cart) -> list[str]:
    return [field for field, _ in violations(cart)]


def with_line(**changes: Any) -> Cart:
    return replace(CART, lines=(replace(LINE, **changes),))


def with_customer(**changes: Any) -> Cart:
    return replace(CART, customer=Customer(**changes))


def with_usage(**changes: Any) -> Cart:
    return replace(CART, usage=(replace(Usage(promotion_id="p"), **changes),))


def with_fact(**changes: Any) -> Cart:
    return replace(CART, coupon_facts=(replace(CouponFact(code="A", pool="club"), **changes),))


def with_shipment(**changes: Any) -> Cart:
    return replace(CART, shipments=(replace(SHIPMENT, **changes),))


def test_a_line_without_a_price_is_missing_one() -> None:
    assert violations(with_line(price=UNPRICED)) == [("lines[0].price", "is missing")]


def test_a_good_cart_passes() -> None:
    validate(CART, DECLARATION)


@pytest.mark.parametrize(
    "cart",
    [
        replace(CART, id="", lines=(), shipments=()),
        with_line(quantity=MAX_QUANTITY, price=MAX_AMOUNT // MAX_QUANTITY, weight=10**9),
        with_line(price=0, list_price=0, cost=MAX_AMOUNT, minimum_price=MAX_AMOUNT, weight=0),
        with_line(price=MAX_AMOUNT, list_price=MAX_AMOUNT, cost=0, minimum_price=0),
        with_line(shipment_id="s", tags=("x" * 1000,), attributes={"size": -(2**63), "colour": True}),
        with_customer(orders=0, lifetime_spend=MAX_AMOUNT, points=-5, attributes={"member": False}),
        with_shipment(method="", rates=()),
        replace(CART, at=253_339_228_799 * 10**9, attributes={"note": "très bon 🟥"}),
        with_line(gift_of="nobody's"),
        replace(CART, usage=(Usage(promotion_id="p", total=MAX_COUNT, spent=MAX_AMOUNT, codes={"": 0}),)),
        with_fact(code="x" * 1000, pool="é" * 1000),
        with_fact(state=CouponState.UNVERIFIED, pool=""),
    ],
)
def test_carts_at_the_limits_pass(cart: Cart) -> None:
    validate(cart, DECLARATION)


@pytest.mark.parametrize(
    ("cart", "field"),
    [
        (with_line(id=""), "lines[0].id"),
        (with_line(sku=""), "lines[0].sku"),
        (with_line(quantity=0), "lines[0].quantity"),
        (with_line(quantity=MAX_QUANTITY + 1), "lines[0].quantity"),
        (with_line(quantity=2**31), "lines[0].quantity"),
        (with_line(price=-1), "lines[0].price"),
        (with_line(list_price=MAX_AMOUNT + 1), "lines[0].list_price"),
        (with_line(list_price=-1), "lines[0].list_price"),
        (with_line(cost=MAX_AMOUNT + 1), "lines[0].cost"),
        (with_line(cost=-1), "lines[0].cost"),
        (with_line(minimum_price=MAX_AMOUNT + 1), "lines[0].minimum_price"),
        (with_line(minimum_price=-1), "lines[0].minimum_price"),
        (with_line(weight=10**9 + 1), "lines[0].weight"),
        (with_line(weight=-1), "lines[0].weight"),
        (with_line(shipment_id="elsewhere"), "lines[0].shipment_id"),
        (with_line(id=HALF), "lines[0].id"),
        (with_line(category="x" * 1001), "lines[0].category"),
        (with_line(brand=HALF), "lines[0].brand"),
        (with_line(tags=("new", HALF)), "lines[0].tags[1]"),
        (with_line(tags=("new",) * 101), "lines[0].tags"),
        (with_line(attributes={"size": "44"}), "lines[0].attributes.size"),
        (with_line(attributes={"size": True}), "lines[0].attributes.size"),
        (with_line(attributes={"size": 2**63}), "lines[0].attributes.size"),
        (with_line(attributes={str(n): n for n in range(101)}), "lines[0].attributes"),
        (with_customer(id=HALF), "customer.id"),
        (with_customer(segments=("vip", HALF)), "customer.segments[1]"),
        (with_customer(orders=-1), "customer.orders"),
        (with_customer(lifetime_spend=MAX_AMOUNT + 1), "customer.lifetime_spend"),
        (with_customer(points=2**63), "customer.points"),
        (with_customer(attributes={"member": 1}), "customer.attributes.member"),
        (with_shipment(id=""), "shipments[0].id"),
        (with_shipment(method="express"), "shipments[0].method"),
        (with_shipment(rates=(Rate(method="", price=1),), method=""), "shipments[0].rates[0].method"),
        (with_shipment(rates=SHIPMENT.rates * 2), "shipments[0].rates[1].method"),
        (with_shipment(rates=(Rate(method="post", price=-1),)), "shipments[0].rates[0].price"),
        (with_shipment(rates=SHIPMENT.rates * 101), "shipments[0].rates"),
        (with_shipment(rates=(Rate(method="post", price=1, carrier=HALF),)), "shipments[0].rates[0].carrier"),
        (with_shipment(rates=(Rate(method="post", price=1, speed=HALF),)), "shipments[0].rates[0].speed"),
        (with_shipment(country=HALF), "shipments[0].country"),
        (with_shipment(region=HALF), "shipments[0].region"),
        (with_shipment(postal_code=HALF), "shipments[0].postal_code"),
        (with_shipment(store=HALF), "shipments[0].store"),
        (replace(CART, at=253_339_228_800 * 10**9), "at"),
        (replace(CART, at=-62_104_060_801 * 10**9), "at"),
        (replace(CART, channel=HALF), "channel"),
        (replace(CART, coupons=("C",) * 101), "coupons"),
        (replace(CART, declined_promotions=("p",) * 1001), "declined_promotions"),
        (with_line(gift_of=HALF), "lines[0].gift_of"),
        (with_usage(promotion_id=""), "usage[0].promotion_id"),
        (with_usage(promotion_id=HALF), "usage[0].promotion_id"),
        (with_usage(total=-1), "usage[0].total"),
        (with_usage(customer=-1), "usage[0].customer"),
        (with_usage(total=MAX_COUNT + 1), "usage[0].total"),
        (with_usage(spent=-1), "usage[0].spent"),
        (with_usage(spent=MAX_AMOUNT + 1), "usage[0].spent"),
        (with_usage(codes={"TEN": -1}), "usage[0].codes.TEN"),
        (with_usage(codes={HALF: 1}), "usage[0].codes"),
        (with_usage(codes={str(n): n for n in range(10_001)}), "usage[0].codes"),
        (replace(CART, usage=(Usage(promotion_id="p"),) * 10_001), "usage"),
        (with_fact(code=""), "coupon_facts[0].code"),
        (with_fact(code="x" * 1001), "coupon_facts[0].code"),
        (with_fact(pool=""), "coupon_facts[0].pool"),
        (with_fact(pool="", state=CouponState.SPENT), "coupon_facts[0].pool"),
        (with_fact(pool=HALF), "coupon_facts[0].pool"),
        (replace(CART, coupon_facts=(CouponFact(code="A", pool="club"),) * 101), "coupon_facts"),
        (replace(CART, attributes={"note": 7}), "attributes.note"),
        (replace(CART, attributes={"note": HALF}), "attributes.note"),
    ],
)
def test_one_fault_is_named_by_its_field(cart: Cart, field: str) -> None:
    assert fields(cart) == [field]


def test_a_price_above_the_limit_is_refused_and_so_is_the_sum() -> None:
    assert fields(with_line(price=2**62)) == ["lines[0].price", "lines"]


def test_the_goods_together_have_a_limit() -> None:
    lines = tuple(replace(LINE, id=id, price=MAX_AMOUNT // 2 + 1) for id in "ab")
    assert fields(replace(CART, lines=lines)) == ["lines"]


def test_what_is_known_of_a_code_stands_once() -> None:
    facts = tuple(CouponFact(code=code, pool="club") for code in "aAa")
    assert violations(replace(CART, coupon_facts=facts)) == [("coupon_facts[2].code", "'a' is used more than once")]


def test_the_usage_of_a_promotion_stands_once() -> None:
    usage = tuple(Usage(promotion_id=id) for id in "pqp")
    assert violations(replace(CART, usage=usage)) == [("usage[2].promotion_id", "'p' is used more than once")]


def test_the_chosen_rates_together_have_a_limit() -> None:
    rates = (Rate(method="post", price=MAX_AMOUNT // 2 + 1),)
    shipments = tuple(replace(SHIPMENT, id=id, rates=rates) for id in "st")
    assert fields(replace(CART, shipments=shipments)) == ["shipments"]


def test_a_shipment_goes_to_a_store_or_to_an_address() -> None:
    both = replace(SHIPMENT, pickup=True, store="hats", country="US")
    assert fields(replace(CART, shipments=(both,))) == ["shipments[0].pickup"]


def test_ids_stand_once() -> None:
    cart = replace(CART, lines=(LINE, replace(LINE, id="b"), LINE), shipments=(SHIPMENT, SHIPMENT))
    assert violations(cart) == [
        ("shipments[1].id", "'s' is used more than once"),
        ("lines[2].id", "'a' is used more than once"),
    ]


@pytest.mark.parametrize(
    ("currency", "description"),
    [
        ("XYZ", "'XYZ' is not a currency of ISO 4217; use USD, EUR"),
        ("", "is missing; use USD, EUR"),
        ("JPY", "JPY is not a currency of this rule set; use USD, EUR"),
    ],
)
def test_a_currency_is_one_of_the_rule_set(currency: str, description: str) -> None:
    assert violations(replace(CART, currency=currency)) == [("currency", description)]


def test_a_number_out_of_range_is_shown() -> None:
    field = "lines[0].quantity"
    assert violations(with_line(quantity=0)) == [(field, "must be from 1 to 1,000,000, not 0")]
    assert violations(with_line(quantity=10**6 + 1)) == [(field, "must be from 1 to 1,000,000, not 1,000,001")]
    assert violations(with_line(quantity=10**5000))[0] == (field, "must be from 1 to 1,000,000")


def test_a_cart_of_too_many_lines_is_refused_without_a_look_at_them() -> None:
    lines = tuple(Line(id="", sku="", quantity=0, price=-1) for _ in range(5000))
    assert violations(replace(CART, lines=lines)) == [("lines", "has 5,000 entries; at most 2,000 are allowed")]


def test_all_faults_are_reported_together() -> None:
    cart = replace(with_line(quantity=0, sku=""), currency="JPY", coupons=(HALF,))
    assert fields(cart) == ["currency", "coupons[0]", "lines[0].quantity", "lines[0].sku"]


def test_what_is_beyond_the_limit_is_counted() -> None:
    cart = replace(CART, lines=tuple(Line(id=str(n), sku="", quantity=1, price=1) for n in range(70)))
    found = violations(cart)
    assert len(found) == 51
    assert found[-1] == ("cart", "20 more violations are not listed")


def test_engines_refuse_a_cart_themselves(engine: Engine) -> None:
    rules = "currencies: [USD, EUR]\nattributes: {cart: {note: string}}\npromotions: {}\n"
    with pytest.raises(InvalidCart) as caught:
        engine(rules, replace(with_line(sku=""), attributes={"note": 7}))
    assert caught.value.violations == (
        Violation("attributes.note", "must be a string, as the rule set declares it"),
        Violation("lines[0].sku", "is missing"),
    )


@pytest.mark.parametrize(
    ("variant", "paths"),
    [
        ({"lines": (CART.lines[0], replace(CART.lines[0], id="b", quantity=0))}, ["lines[1].quantity"]),
        ({"lines": (replace(CART.lines[0], price=-1), CART.lines[0])}, ["lines[1].id", "lines[0].price"]),
        ({"lines": (replace(CART.lines[0], quantity=2, price=MAX_AMOUNT),)}, ["lines"]),
        ({"shipments": ()}, ["lines[0].shipment_id"]),
        ({"declined_promotions": (HALF,)}, ["declined_promotions[0]"]),
        ({"coupons": (HALF,)}, ["coupons[0]"]),
        ({"usage": (Usage(promotion_id="p", total=-1),)}, ["usage[0].total"]),
        ({"attributes": {"note": 7}}, ["attributes.note"]),
        ({"customer": Customer(orders=-1)}, ["customer.orders"]),
        ({"at": 253_339_228_800 * 10**9}, ["at"]),
        ({"currency": ""}, ["currency"]),
    ],
)
def test_what_a_variant_does_not_share_is_looked_at(variant: dict[str, Any], paths: list[str]) -> None:
    known = replace(CART, lines=(replace(CART.lines[0], shipment_id=CART.shipments[0].id),))
    cart = replace(known, **variant)
    with pytest.raises(InvalidCart) as caught:
        validate(cart, DECLARATION, variant_of=known)
    assert paths == [violation.field for violation in caught.value.violations]
    with pytest.raises(InvalidCart) as whole:
        validate(cart, DECLARATION)
    assert whole.value.violations == caught.value.violations


def test_what_a_variant_shares_is_not_looked_at_again() -> None:
    broken = replace(CART, lines=(replace(CART.lines[0], price=-1),))
    validate(replace(broken, declined_promotions=("p",)), DECLARATION, variant_of=broken)
