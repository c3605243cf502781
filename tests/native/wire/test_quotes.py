"""Quotes written natively are the very bytes of protobuf's own serializer."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import pytest

from engine._native.program import Program
from engine._native.session import Session
from engine.money import MAX_AMOUNT
from engine.pricing.cart import Cart, Line
from engine.service.messages import quote_bytes
from engine.v1 import quote_pb2
from tests.native.wire.requests import NOW, field, to_bytes
from tests.programs import checked, session_of
from tests.random_rules import ORDINARY, Shape, searches
from tests.strategies import random_cases

PARTS = (
    "valid_until lines shipments layers merchandise subtotal shipping_price shipping total points credit gifts coupons "
    "search line.buckets shipment.method adjustment.ungranted adjustment.shares adjustment.points adjustment.credit "
    "adjustment.gift adjustment.effect adjustment.coupon gift.sku gift.choices coupon.reason coupon.promotion_ids"
).split()


def parts_of(quote: quote_pb2.Quote) -> set[str]:
    """Every field that is written, for messages whose fields are mostly left out."""
    adjustments = [adjustment for layer in quote.layers for adjustment in layer.adjustments]
    messages = {
        "": [quote],
        "line.": quote.lines,
        "shipment.": quote.shipments,
        "adjustment.": adjustments,
        "gift.": quote.gifts,
        "coupon.": quote.coupons,
    }
    return {f"{kind}{each.name}" for kind, every in messages.items() for one in every for each, _ in one.ListFields()}


def test_every_part_of_a_quote_is_written_as_protobuf_writes_it() -> None:
    seen: set[str] = set()
    for shape, count in ((ORDINARY, 400), (searches(10), 40)):
        seen |= _compared(shape, count)
    assert seen >= set(PARTS)


def _compared(shape: Shape, count: int) -> set[str]:
    seen: set[str] = set()
    for rules, cart in islice(random_cases(11, shape), count):
        session = session_of(rules)
        expected = quote_bytes(session.price(cart))
        assert session.quote_bytes() == expected
        assert session.load_bytes(to_bytes(cart), NOW)
        session.evaluate()
        assert session.quote_bytes() == expected
        seen |= parts_of(quote_pb2.Quote.FromString(expected))
    return seen


def test_quotes_of_one_session_in_turn_large_and_small(artifact: bytes, cart: Cart) -> None:
    session = Session(Program.load(artifact))
    lines = b"".join(
        field(4, field(1, f"{number:04}".encode()) + field(2, b"x" * 900) + field(3, 7) + field(4, number))
        for number in range(1000)
    )
    for data in (field(3, b"USD"), to_bytes(cart), field(3, b"USD") + lines, to_bytes(cart), field(3, b"EUR")):
        assert session.load_bytes(data, NOW)
        session.evaluate()
        assert session.quote_bytes() == quote_bytes(session.quote())


@pytest.mark.parametrize("length", [1, 14, 15, 19, 20, 36, 37, 38, 39, 40, 127, 128])
def test_ids_and_skus_of_any_length(artifact: bytes, cart: Cart, length: int) -> None:
    """The beginning of a line is kept if it is short; tested next to the longest possible quantity and amount."""
    session = Session(Program.load(artifact))
    lines = (
        Line(id="x" * length, sku="y", category="shoes/boots", quantity=1_000_000, price=MAX_AMOUNT // 1_000_000),
        *(Line(id=id, sku="z" * length, category="shoes/boots", quantity=1, price=0) for id in ("y", "yy")),
    )
    assert session.load_bytes(to_bytes(replace(cart, lines=lines)), NOW)
    session.evaluate()
    assert session.quote_bytes() == quote_bytes(session.quote()) == session.quote_bytes()


@pytest.mark.parametrize("amount", [1, 127, 128, 16_383, 16_384, 10**9])
def test_amounts_and_counts_of_any_size(amount: int) -> None:
    """Each unit gives half; one unit in another line pays more, so some lines have buckets of two prices."""
    rules = checked(
        "currencies: [JPY]\npromotions:\n"
        f"  half: {{layer: item, reward: {{amount_off: {{of: cart, amount: {amount}, per: unit}}}}}}\n"
        "  one: {layer: order, reward: {amount_off: {of: cart, amount: 2, per: order}}}\n"
    )
    session = session_of(rules)
    lines = tuple(
        Line(id=f"{count}", sku="x", quantity=count, price=2 * amount) for count in (1, 2, 127, 128, 129, 1000)
    )
    expected = quote_bytes(session.price(Cart(id="c", currency="JPY", at=0, lines=lines)))
    assert session.quote_bytes() == expected


@pytest.mark.parametrize("now", [0, -1, -(10**9), 10**9, 1])
def test_moments_around_1970(artifact: bytes, now: int) -> None:
    session = Session(Program.load(artifact))
    assert session.load_bytes(field(3, b"USD"), now)
    session.evaluate()
    assert session.quote_bytes() == quote_bytes(session.quote())


def test_there_is_no_quote_before_an_evaluation(artifact: bytes, cart: Cart) -> None:
    session = Session(Program.load(artifact))
    with pytest.raises(RuntimeError, match="no cart is loaded"):
        session.cart_bytes()
    session.load(cart)
    with pytest.raises(RuntimeError, match="no cart is evaluated"):
        session.quote_bytes()
