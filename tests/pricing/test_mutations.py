from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import process_time
from typing import Any

import pytest

from engine.errors import InvalidMutation, Violation
from engine.pricing.cart import Cart, CouponFact, CouponState, Customer, Line, Rate, Shipment, Usage
from engine.pricing.mutations import (
    AttachCoupon,
    ChooseRate,
    DetachCoupon,
    Mutation,
    RemoveLine,
    RemoveShipment,
    SetAt,
    SetAttribute,
    SetChannel,
    SetCouponFact,
    SetCustomer,
    SetDeclined,
    SetLine,
    SetPaymentMethod,
    SetPrice,
    SetQuantity,
    SetShipment,
    SetUsage,
    apply,
)

BOOT = Line(id="boot", sku="BOOT", quantity=1, price=9_000)
SOCK = Line(id="sock", sku="SOCK", quantity=2, price=500)
HAT = Line(id="hat", sku="HAT", quantity=1, price=2_000)
HOME = Shipment(id="home", country="US", method="post", rates=(Rate(method="post", price=500),))
STORE = Shipment(id="store", pickup=True, store="beacon")
CART = Cart(
    id="c1",
    currency="USD",
    at=1,
    lines=(BOOT, SOCK),
    shipments=(HOME, STORE),
    customer=Customer(id="ada"),
    coupons=("A", "B", "A"),
    usage=(Usage(promotion_id="p", total=1),),
    coupon_facts=(CouponFact(code="A", pool="club"),),
    attributes={"vip": True},
)

CHANGES: dict[str, tuple[Mutation, Callable[[Cart], Cart]]] = {
    "add a line": (SetLine(HAT), lambda cart: replace(cart, lines=(BOOT, SOCK, HAT))),
    "replace a line": (
        SetLine(replace(HAT, id="boot")),
        lambda cart: replace(cart, lines=(replace(HAT, id="boot"), SOCK)),
    ),
    "remove a line": (RemoveLine("boot"), lambda cart: replace(cart, lines=(SOCK,))),
    "quantity": (SetQuantity("sock", 5), lambda cart: replace(cart, lines=(BOOT, replace(SOCK, quantity=5)))),
    "quantity 0": (SetQuantity("sock", 0), lambda cart: replace(cart, lines=(BOOT,))),
    "price": (SetPrice("boot", 1), lambda cart: replace(cart, lines=(replace(BOOT, price=1), SOCK))),
    "attach": (AttachCoupon("C"), lambda cart: replace(cart, coupons=("A", "B", "A", "C"))),
    "attach again": (AttachCoupon("A"), lambda cart: cart),
    "attach in another case": (AttachCoupon("a"), lambda cart: replace(cart, coupons=("A", "B", "A", "a"))),
    "detach": (DetachCoupon("A"), lambda cart: replace(cart, coupons=("B",))),
    "customer": (SetCustomer(Customer(tier="gold")), lambda cart: replace(cart, customer=Customer(tier="gold"))),
    "no customer": (SetCustomer(None), lambda cart: replace(cart, customer=None)),
    "add a shipment": (
        SetShipment(replace(HOME, id="cabin")),
        lambda cart: replace(cart, shipments=(HOME, STORE, replace(HOME, id="cabin"))),
    ),
    "replace a shipment": (
        SetShipment(replace(STORE, id="home")),
        lambda cart: replace(cart, shipments=(replace(STORE, id="home"), STORE)),
    ),
    "remove a shipment": (RemoveShipment("store"), lambda cart: replace(cart, shipments=(HOME,))),
    "rate": (ChooseRate("home", ""), lambda cart: replace(cart, shipments=(replace(HOME, method=""), STORE))),
    "payment method": (SetPaymentMethod("card"), lambda cart: replace(cart, payment_method="card")),
    "channel": (SetChannel("web"), lambda cart: replace(cart, channel="web")),
    "moment": (SetAt(2), lambda cart: replace(cart, at=2)),
    "add usage": (
        SetUsage(Usage(promotion_id="q")),
        lambda cart: replace(cart, usage=(*cart.usage, Usage(promotion_id="q"))),
    ),
    "replace usage": (
        SetUsage(Usage(promotion_id="p", spent=7)),
        lambda cart: replace(cart, usage=(Usage(promotion_id="p", spent=7),)),
    ),
    "add what is known of a code": (
        SetCouponFact(CouponFact(code="a", pool="club")),
        lambda cart: replace(cart, coupon_facts=(*cart.coupon_facts, CouponFact(code="a", pool="club"))),
    ),
    "replace what is known of a code": (
        SetCouponFact(CouponFact(code="A", state=CouponState.UNVERIFIED)),
        lambda cart: replace(cart, coupon_facts=(CouponFact(code="A", state=CouponState.UNVERIFIED),)),
    ),
    "add an attribute": (SetAttribute("n", 3), lambda cart: replace(cart, attributes={"vip": True, "n": 3})),
    "replace an attribute": (SetAttribute("vip", False), lambda cart: replace(cart, attributes={"vip": False})),
    "remove an attribute": (SetAttribute("vip", None), lambda cart: replace(cart, attributes={})),
    "remove no attribute": (SetAttribute("n", None), lambda cart: cart),
    "declined": (SetDeclined(("p",)), lambda cart: replace(cart, declined_promotions=("p",))),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_mutation_changes_just_what_it_says(name: str) -> None:
    mutation, change = CHANGES[name]
    assert apply(CART, [mutation]) == change(CART)


def test_every_kind_is_tried() -> None:
    assert {type(mutation) for mutation, _ in CHANGES.values()} == set(Mutation.__args__)


def test_mutations_see_what_those_before_them_did() -> None:
    changed = apply(CART, [SetLine(HAT), SetQuantity("hat", 3), RemoveLine("boot"), SetPrice("hat", 1)])
    assert changed.lines == (SOCK, replace(HAT, quantity=3, price=1))


def test_all_that_cannot_be_done_is_named_and_nothing_is_done() -> None:
    mutations = [
        SetQuantity("sock", 3),
        RemoveLine("boot"),
        SetQuantity("boot", 3),
        SetPrice("attic", 1),
        RemoveLine("attic"),
        DetachCoupon("a"),
        RemoveShipment("attic"),
        ChooseRate("attic", "post"),
        SetAttribute("", None),
        SetAttribute("", 3),
    ]
    with pytest.raises(InvalidMutation) as caught:
        apply(CART, mutations)
    assert caught.value.violations == (
        Violation("mutations[2].set_quantity.line_id", "'boot' is not a line of this cart"),
        Violation("mutations[3].set_price.line_id", "'attic' is not a line of this cart"),
        Violation("mutations[4].remove_line", "'attic' is not a line of this cart"),
        Violation("mutations[5].detach_coupon", "'a' is not a coupon code of this cart"),
        Violation("mutations[6].remove_shipment", "'attic' is not a shipment of this cart"),
        Violation("mutations[7].choose_rate.shipment_id", "'attic' is not a shipment of this cart"),
        Violation("mutations[8].set_attribute.name", "is missing"),
        Violation("mutations[9].set_attribute.name", "is missing"),
    )


def test_what_is_no_mutation_is_named() -> None:
    wrong: Any = [SetQuantity("a", 2)]
    with pytest.raises(TypeError, match="list is not a mutation"):
        apply(CART, [wrong])


def test_codes_come_and_go_by_the_thousand() -> None:
    """Looking at every code for each mutation would take seconds."""
    codes = [f"C{number}" for number in range(5_000)]
    start = process_time()
    changed = apply(CART, [*map(AttachCoupon, codes), *map(DetachCoupon, codes[:-1]), AttachCoupon("D")][:10_000])
    assert process_time() - start < 0.5
    assert changed.coupons == (*CART.coupons, codes[-1], "D")


def test_too_many_are_refused() -> None:
    with pytest.raises(InvalidMutation, match="mutations: has 10,001 entries; at most 10,000 are allowed"):
        apply(CART, [SetChannel("web")] * 10_001)
    assert apply(CART, [SetChannel("web")] * 10_000).channel == "web"
