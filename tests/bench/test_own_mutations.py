"""Mutations made from a cart itself."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from bench import mutations
from engine.pricing.cart import Cart, Customer, Line, Rate, Shipment
from engine.pricing.validation import MAX_QUANTITY, Declaration, validate

USD = Declaration(("USD",), {})
RATES = (Rate(method="post", price=500), Rate(method="air", price=900))
CART = Cart(
    id="c1",
    currency="USD",
    at=0,
    lines=tuple(Line(id=id, sku=id, quantity=2, price=1000) for id in "abc"),
    shipments=(Shipment(id="home", method="post", rates=RATES), Shipment(id="store", pickup=True)),
    customer=Customer(id="ada"),
    coupons=("OLD",),
)


def test_each_step_changes_the_cart_with_what_it_had_and_known_codes() -> None:
    steps = mutations.session(CART, "test", 300, mutations.shopper_with(["NEW", "NEWER"]))
    assert {step.kind for step in steps} == {
        *("set quantity", "three at once", "add line", "remove line"),
        *("attach coupon", "detach coupon", "set customer", "choose rate"),
    }
    carts = [CART, *(step.cart for step in steps)]
    for before, after in pairwise(carts):
        assert after != before
        validate(after, USD)
        assert len(after.lines) in (2, 3)
        assert {line.sku for line in after.lines} <= {"a", "b", "c"}
        assert after.customer in (None, CART.customer)
        assert set(after.coupons) <= {"OLD", "NEW", "NEWER"}
        assert len(after.coupons) <= 2
    assert {code for each in carts for code in each.coupons} == {"OLD", "NEW", "NEWER"}
    assert {each.shipments[0].method for each in carts} == {"post", "air"}


def test_the_same_seed_gives_the_same_requests() -> None:
    once, twice = (mutations.session(CART, "test", 20, mutations.shopper_with(["NEW"])) for _ in range(2))
    assert once == twice
    assert once != mutations.session(CART, "other", 20, mutations.shopper_with(["NEW"]))


@pytest.mark.parametrize("quantity", [1, MAX_QUANTITY])
def test_of_the_smallest_cart_only_the_quantity_changes(quantity: int) -> None:
    cart = Cart(id="c1", currency="USD", at=0, lines=(Line(id="a", sku="A", quantity=quantity, price=1),))
    steps = mutations.session(cart, "test", 20, mutations.shopper_with([]))
    assert {step.kind for step in steps} == {"set quantity", "three at once"}
    for step in steps:
        validate(step.cart, USD)


def test_a_cart_without_lines_is_not_mutated() -> None:
    assert mutations.session(replace(CART, lines=()), "test", 20, mutations.shopper_with(["NEW"])) == []
