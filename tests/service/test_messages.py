from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from importlib import import_module
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from google.protobuf import json_format
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import CallFailed, InvalidCart
from engine.pricing.cart import Cart, Shipment
from engine.pricing.quote import (
    CouponStatus,
    Quote,
    Reason,
    Status,
)
from engine.service.messages import (
    cart_from_json,
    cart_from_message,
    cart_to_message,
    parse_cart,
    quote_bytes,
    quote_from_message,
    quote_json,
    quote_to_message,
)
from engine.service.messages.enums import REASON_NAMES, STATUS_NAMES
from engine.service.messages.reservations import state_of
from engine.v1 import cart_pb2, quote_pb2, redemption_pb2

PROTOS = Path(__file__).parents[2] / "protos/engine/v1"
NOW = 1_780_000_000_000_000_000
FIRST, LAST = -62_135_596_800 * 10**9, 253_402_300_800 * 10**9 - 1

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
moments = st.integers(FIRST, LAST)
PLAIN = {str: texts, int: st.integers(-(2**63), 2**63 - 1), bool: st.booleans(), type(None): st.none()}


def any_of(kind: Any, **fields: st.SearchStrategy) -> st.SearchStrategy:
    """Values of a type in carts and quotes; ``fields`` overrides how fields are drawn."""
    if kind in PLAIN:
        return PLAIN[kind]
    origin, parts = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return st.one_of(map(any_of, parts))
    if origin is tuple:
        return few(any_of(parts[0]))
    if origin is Mapping:
        return st.dictionaries(texts, any_of(parts[1]), max_size=3)
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    return st.builds(kind, **{name: any_of(each) for name, each in get_type_hints(kind).items()} | fields)


def few(entries: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(entries, max_size=3).map(tuple)


shipments = any_of(Shipment, store=st.just(""), pickup=st.just(False)) | any_of(
    Shipment, pickup=st.just(True), **dict.fromkeys(("country", "region", "postal_code"), st.just(""))
)
carts = any_of(Cart, at=moments, shipments=few(shipments))
quotes = any_of(Quote, at=moments, valid_until=st.none() | st.integers(0, LAST // 10**9))


@given(carts)
def test_a_cart_survives_the_wire(cart: Cart) -> None:
    assert cart_from_message(parse_cart(cart_to_message(cart).SerializeToString()), NOW) == cart


@given(carts)
def test_a_cart_survives_json(cart: Cart) -> None:
    assert cart_from_json(json_format.MessageToJson(cart_to_message(cart)).encode(), NOW) == cart


@given(quotes)
def test_a_quote_survives_the_wire(quote: Quote) -> None:
    assert quote_from_message(quote_pb2.Quote.FromString(quote_bytes(quote))) == quote


@given(quotes)
def test_a_quote_survives_json(quote: Quote) -> None:
    assert quote_from_message(json_format.Parse(quote_json(quote), quote_pb2.Quote())) == quote


@pytest.mark.parametrize(
    ("names", "wire", "first"),
    [
        (REASON_NAMES, quote_pb2.Reason, "REASON_UNSPECIFIED"),
        (STATUS_NAMES, quote_pb2.CouponStatus.Status, "STATUS_UNSPECIFIED"),
    ],
)
def test_enums_of_quotes_are_those_of_messages_in_the_same_order(
    names: dict[Reason, str] | dict[Status, str], wire: EnumTypeWrapper, first: str
) -> None:
    assert wire.items() == [(name, number) for number, name in enumerate([first, *names.values()])]


@pytest.mark.parametrize("name", [path.stem for path in PROTOS.glob("*.proto")])
def test_a_proto_says_where_go_and_java_put_its_messages(name: str) -> None:
    options = import_module(f"engine.v1.{name}_pb2").DESCRIPTOR.GetOptions()
    assert (options.go_package, options.java_multiple_files) == ("cartwright/engine/v1;enginev1", True)


def test_a_cart_without_a_moment_takes_the_clock_it_is_given() -> None:
    assert cart_from_message(cart_pb2.Cart(), NOW).at == NOW


def test_what_is_left_out_is_absent_and_zero_is_not() -> None:
    message = cart_pb2.Cart(lines=[cart_pb2.Line(price=0), cart_pb2.Line(price=0, cost=0, discountable=False)])
    absent, zero = cart_from_message(message, NOW).lines
    assert (absent.cost, absent.discountable) == (None, True)
    assert (zero.cost, zero.discountable) == (0, False)


def test_a_price_that_was_forgotten_is_not_free() -> None:
    shipment = cart_pb2.Shipment(rates=[cart_pb2.Rate(method="standard")])
    message = cart_pb2.Cart(lines=[cart_pb2.Line(id="a", sku="hat", quantity=1)], shipments=[shipment])
    with pytest.raises(InvalidCart) as refusal:
        cart_from_message(message, NOW)
    missing = {"lines[0].price": "is missing", "shipments[0].rates[0].price": "is missing"}
    assert violations_of(refusal.value) == missing


def violations_of(error: InvalidCart) -> dict[str, str]:
    return {each.field: each.description for each in error.violations}


@pytest.mark.parametrize("moment", [Timestamp(nanos=-1), Timestamp(nanos=10**9), Timestamp(seconds=253_402_300_800)])
def test_a_moment_that_no_timestamp_may_hold_is_refused(moment: Timestamp) -> None:
    with pytest.raises(InvalidCart) as caught:
        cart_from_message(cart_pb2.Cart(at=moment), NOW)
    assert list(violations_of(caught.value)) == ["at"]


def test_an_attribute_without_a_value_is_refused_wherever_it_stands() -> None:
    empty = {"color": cart_pb2.AttributeValue()}
    message = cart_pb2.Cart(
        attributes=empty, lines=[cart_pb2.Line(price=0, attributes=empty)], customer=cart_pb2.Customer(attributes=empty)
    )
    with pytest.raises(InvalidCart) as caught:
        cart_from_message(message, NOW)
    fields = {"attributes.color", "lines[0].attributes.color", "customer.attributes.color"}
    assert set(violations_of(caught.value)) == fields


def test_crowds_are_refused_before_they_become_objects() -> None:
    rates = [cart_pb2.Rate()] * 101
    message = cart_pb2.Cart(lines=[cart_pb2.Line()] * 2_001, shipments=[cart_pb2.Shipment(rates=rates)])
    with pytest.raises(InvalidCart) as caught:
        cart_from_message(message, NOW)
    assert violations_of(caught.value) == {
        "lines": "has 2,001 entries; at most 2,000 are allowed",
        "shipments[0].rates": "has 101 entries; at most 100 are allowed",
    }


@pytest.mark.parametrize("data", [b"\xff", b"\x0a\x05ab", b"\x0a\x01\xff"])
def test_bytes_that_are_no_cart_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidCart, match=r"not a valid protobuf message engine\.v1\.Cart"):
        parse_cart(data)


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        cart = cart_from_message(parse_cart(data), NOW)
    except InvalidCart:
        return
    assert cart_from_message(cart_to_message(cart), NOW) == cart


def test_a_byte_order_mark_is_passed_over() -> None:
    assert cart_from_json(b'\xef\xbb\xbf{"id": "a"}', NOW) == cart_from_json(b'{"id": "a"}', NOW)


@pytest.mark.parametrize(
    ("text", "field", "description"),
    [
        ("", "cart", "is not valid JSON: line 1, column 1"),
        ('{"id": "a",\n "lines": [}', "cart", "is not valid JSON: line 2, column 12"),
        ("[]", "cart", "must be an object"),
        ("[" * 100_000, "cart", "is nested too deeply"),
        ('{"id": "a", "id": "b"}', "cart", "has the key 'id' twice"),
        (f'{{"lines": [{{"price": {"9" * 5000}}}]}}', "cart", "has a number that is too long"),
        ('{"lines": 5}', "lines", "must be a list"),
        ('{"lines": [null]}', "lines[0]", "must be an object"),
        ('{"lines": [[]]}', "lines[0]", "must be an object"),
        ('{"lines": [{"quantty": 1}]}', "lines[0].quantty", "is not a field of Line; did you mean quantity?"),
        ('{"shipments": [{"postalCode": "1"}]}', "shipments[0].postalCode", "it belongs in address"),
        ('{"tier": "gold"}', "tier", "is not a field of Cart; it belongs in customer"),
        ('{"lines": [{"price": 12.5}]}', "lines[0].price", "must be a whole number, not 12.5"),
        ('{"lines": [{"price": 1e3}]}', "lines[0].price", "must be a whole number, not 1e3"),
        ('{"lines": [{"price": NaN}]}', "lines[0].price", "must be a whole number, not NaN"),
        ('{"lines": [{"price": true}]}', "lines[0].price", "must be a whole number"),
        ('{"lines": [{"price": "1.5"}]}', "lines[0].price", "must be a whole number, not 1.5; money is in minor units"),
        ('{"lines": [{"price": 9223372036854775808}]}', "lines[0].price", "must fit into 64 bits"),
        ('{"lines": [{"listPrice": 1, "list_price": 2}]}', "lines[0].list_price", "is a second value for"),
        ('{"lines": [{"discountable": "true"}]}', "lines[0].discountable", "must be true or false"),
        ('{"shipments": [{"address": {}, "pickup": {}}]}', "shipments[0].pickup", "is a second value for"),
        ('{"customer": ""}', "customer", "must be an object"),
        ('{"usage": [{"codes": {"A": 1.5}}]}', "usage[0].codes.A", "must be a whole number, not 1.5"),
        ('{"usage": [{"codes": ["A"]}]}', "usage[0].codes", "must be an object"),
        ('{"couponFacts": [{"code": "A"}]}', "coupon_facts[0].state", "must be STATE_AVAILABLE, STATE_SPENT or"),
        ('{"couponFacts": [{"state": "GOOD"}]}', "couponFacts[0].state", "must be one of STATE_AVAILABLE, STATE_SPENT"),
        ('{"couponFacts": [{"state": "STATE_UNSPECIFIED"}]}', "couponFacts[0].state", "must be one of STATE_AV"),
        ('{"couponFacts": [{"state": 1}]}', "couponFacts[0].state", "must be one of STATE_AVAILABLE, STATE_SPENT"),
        ('{"explain": "yes"}', "explain", "must be true or false"),
        ('{"coupons": [1]}', "coupons[0]", "must be a string"),
        ('{"id": "\\ud800"}', "id", "is not valid Unicode"),
        ('{"at": "2026-06-05"}', "at", "must be a time with an offset"),
        ('{"at": 5}', "at", "must be a time with an offset"),
        ('{"attributes": []}', "attributes", "must be an object"),
        ('{"attributes": {"color": "red"}}', "attributes.color", "object; AttributeValue has text, number, flag"),
        ('{"attributes": {"color": {"string": "red"}}}', "attributes.color.string", "has text, number, flag"),
        ('{"attributes": {"color": {}}}', "attributes.color", "has no value"),
    ],
)
def test_json_that_is_no_cart_names_the_place(text: str, field: str, description: str) -> None:
    with pytest.raises(InvalidCart) as caught:
        cart_from_json(text.encode(), NOW)
    found = violations_of(caught.value)
    assert list(found) == [field]
    assert description in found[field]


def test_only_of_money_it_is_said_that_it_is_in_minor_units() -> None:
    with pytest.raises(InvalidCart) as caught:
        cart_from_json(b'{"lines": [{"quantity": 1.5, "price": 15.00}]}', NOW)
    quantity, price = (each.description for each in caught.value.violations)
    assert quantity == "must be a whole number, not 1.5"
    assert price == "must be a whole number, not 15.00; money is in minor units: 15.00 is 1500"


def test_json_that_is_no_utf8_is_refused() -> None:
    with pytest.raises(InvalidCart, match="is not valid UTF-8: byte 9"):
        cart_from_json(b'{"id": "\xff"}', NOW)


def test_every_mistake_of_a_json_cart_is_named() -> None:
    with pytest.raises(InvalidCart) as caught:
        cart_from_json(b'{"id": 1, "lines": [{"price": 1.5}, {"sku": 2}]}', NOW)
    assert list(violations_of(caught.value)) == ["id", "lines[0].price", "lines[1].sku"]


def test_null_in_json_is_as_good_as_left_out() -> None:
    data = b'{"id": "a", "customer": null, "shipments": [{"id": "s", "address": null, "pickup": {"store": "x"}}]}'
    cart = cart_from_json(data, NOW)
    assert cart == replace(cart, customer=None, shipments=(Shipment(id="s", store="x", pickup=True),))


JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4)),
    lambda values: st.one_of(
        st.lists(values, max_size=3),
        st.dictionaries(st.sampled_from([field.name for field in cart_pb2.Cart.DESCRIPTOR.fields]), values, max_size=4),
        st.dictionaries(st.sampled_from(["id", "price", "address", "pickup", "text", "number"]), values, max_size=3),
    ),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_any_json_is_read_or_refused(value: object) -> None:

    try:
        cart = cart_from_json(json.dumps(value).encode(), NOW)
    except InvalidCart:
        return
    assert cart_from_message(cart_to_message(cart), NOW) == cart


def test_of_a_quote_from_a_newer_service_the_rest_is_read() -> None:
    message = quote_pb2.Quote(
        total=7,
        explanations=[quote_pb2.Explanation(promotion_id="a", reason=999)],
        coupons=[quote_pb2.CouponStatus(code="X", status=999, reason=999)],
    )
    unknown_field = b"\xf8\x07\x01"  # field 127, a number
    quote = quote_from_message(quote_pb2.Quote.FromString(message.SerializeToString() + unknown_field))
    assert quote.total == 7
    assert [(each.promotion_id, each.reason) for each in quote.explanations] == [("a", None)]
    assert quote.coupons == (CouponStatus("X", None, None, ()),)
    assert quote_from_message(quote_to_message(quote)) == quote


def test_a_reservation_in_an_unknown_state_is_a_failed_call() -> None:
    with pytest.raises(CallFailed, match="state 999, which this version does not know"):
        state_of(redemption_pb2.Reservation(state=999))
